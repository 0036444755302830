//! Images, borrowed from the caller.

use arc_runtime::MAX_FRAME_SIDE;

use crate::memory::{Borrows, Output, Plain};
use crate::status::{Status, status};

/// A square image, borrowed: `side` rows of `side` pixels, 0 is paper, 127 full ink.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Image {
    /// Rows and columns.
    pub side: usize,
    /// The pixels row by row, 0 to 127.
    pub pixels: *const i8,
}

/// An 8-bit gray picture of any size, such as a camera's, borrowed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Bytes in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The picture row by row, without gaps.
    pub gray: *const u8,
}

/// A part of a frame.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Rect {
    /// Its first column.
    pub x: usize,
    /// Its first row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Which values of a gray image are ink.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Dark strokes on a bright ground: 0 is full ink.
    Dark = 0,
    /// Bright strokes on a dark ground: 255 is full ink.
    Bright = 1,
}

// SAFETY: numbers, and pointers that may be null.
unsafe impl Plain for Image {}
// SAFETY: numbers, and a pointer that may be null.
unsafe impl Plain for Frame {}
// SAFETY: numbers.
unsafe impl Plain for Rect {}

/// An image from packed bits: 1 is ink, the leftmost pixel in the most significant bit, each row
/// beginning a new byte.
///
/// @param side rows and columns
/// @param bits the rows
/// @param bits_bytes their length: `side` times `side / 8`, rounded up
/// @param pixels output: the image's pixels
/// @param pixels_bytes room for them, at least `side` squared
/// @param image output: borrows `pixels`
///
/// @return ARC_STATUS_OK, or an error of the memory or the image
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_image_from_bits(
    side: usize,
    bits: *const u8,
    bits_bytes: usize,
    pixels: *mut i8,
    pixels_bytes: usize,
    image: *mut Image,
) -> Status {
    // SAFETY: C's contract, here and below.
    unsafe {
        make(side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let bits = borrows.input(bits, bits_bytes)?;
            Ok(arc_runtime::Image::from_bits(side, bits, pixels.fill())?.side())
        })
    }
}

/// An image from 8-bit gray rows of the same size.
///
/// @param side rows and columns
/// @param gray the rows
/// @param gray_bytes their length: `side` squared
/// @param ink an `arc_ink`: which values are ink
/// @param pixels output: the image's pixels
/// @param pixels_bytes room for them, at least `side` squared
/// @param image output: borrows `pixels`
///
/// @return ARC_STATUS_OK, or an error of the memory or the image
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_image_from_gray(
    side: usize,
    gray: *const u8,
    gray_bytes: usize,
    ink: i32,
    pixels: *mut i8,
    pixels_bytes: usize,
    image: *mut Image,
) -> Status {
    // SAFETY: C's contract, here and below.
    unsafe {
        make(side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let (gray, ink) = (borrows.input(gray, gray_bytes)?, self::ink(ink)?);
            Ok(arc_runtime::Image::from_gray(side, gray, ink, pixels.fill())?.side())
        })
    }
}

/// An image from a frame, or a part of it, by exact area averaging.
///
/// @param frame the frame
/// @param part the part to look at; null is all of it
/// @param ink an `arc_ink`: which values are ink
/// @param side rows and columns of the image
/// @param pixels output: the image's pixels
/// @param pixels_bytes room for them, at least `side` squared
/// @param image output: borrows `pixels`
///
/// @return ARC_STATUS_OK, or an error of the memory or the image
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_image_from_frame(
    frame: *const Frame,
    part: *const Rect,
    ink: i32,
    side: usize,
    pixels: *mut i8,
    pixels_bytes: usize,
    image: *mut Image,
) -> Status {
    // SAFETY: C's contract, here and below.
    unsafe {
        make(side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let &Frame { width, height, gray } = borrows.object(frame)?;
            let part = if part.is_null() { None } else { Some(*borrows.object(part)?) };
            let ink = self::ink(ink)?;
            // First of all, as they say how many bytes to borrow: below 2^32.
            if width.max(height) > MAX_FRAME_SIDE {
                return Err(Status::ImageTooLarge);
            }
            let gray = borrows.input(gray, width * height)?;
            let mut frame = arc_runtime::Frame::new(width, height, gray)?;
            if let Some(Rect { x, y, width, height }) = part {
                frame = frame.crop(x, y, width, height)?;
            }
            Ok(frame.shrink(side, ink, pixels.fill())?.side())
        })
    }
}

/// Converts what a call borrows to pixels, whose side is returned, and makes an image of them.
///
/// # Safety
/// The contract of C.
unsafe fn make(
    side: usize,
    (pixels, pixels_bytes): (*mut i8, usize),
    image: *mut Image,
    convert: impl FnOnce(&Borrows, Output<i8>) -> Result<usize, Status>,
) -> Status {
    let make = || {
        let mut borrows = Borrows::default();
        let (output, image) = (borrows.output(pixels, pixels_bytes)?, borrows.output(image, 1)?);
        let side = convert(&borrows, output.first(side.saturating_mul(side)))?;
        // SAFETY: the caller's contract.
        unsafe { image.write(Image { side, pixels }) };
        Ok(())
    };
    status(make())
}

/// An image of C's, checked, for a model that looks at `needed` pixels a side.
///
/// # Safety
/// The contract of C: its pixels are valid for `'a`.
pub(crate) unsafe fn borrow<'a>(
    borrows: &Borrows,
    image: *const Image,
    needed: usize,
) -> Result<arc_runtime::Image<'a>, Status> {
    // SAFETY: the caller's contract.
    let Image { side, pixels } = *unsafe { borrows.object(image)? };
    // First of all, as it says how many pixels to borrow.
    if side != needed {
        return Err(Status::ImageSide);
    }
    // SAFETY: the caller's contract.
    let pixels = unsafe { borrows.input(pixels, side * side)? };
    Ok(arc_runtime::Image::new(side, pixels)?)
}

fn ink(number: i32) -> Result<arc_runtime::Ink, Status> {
    match number {
        dark if dark == Ink::Dark as i32 => Ok(arc_runtime::Ink::Dark),
        bright if bright == Ink::Bright as i32 => Ok(arc_runtime::Ink::Bright),
        _ => Err(Status::ImageInk),
    }
}
