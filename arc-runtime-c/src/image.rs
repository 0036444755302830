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
    let mut borrows = Borrows::default();
    // SAFETY: C's contract.
    status(unsafe {
        make(&mut borrows, side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let bits = borrows.input(bits, bits_bytes)?;
            Ok(arc_runtime::Image::from_bits(side, bits, pixels.fill())?.side())
        })
    })
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
    let mut borrows = Borrows::default();
    // SAFETY: C's contract.
    status(unsafe {
        make(&mut borrows, side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let (gray, ink) = (borrows.input(gray, gray_bytes)?, self::ink(ink)?);
            Ok(arc_runtime::Image::from_gray(side, gray, ink, pixels.fill())?.side())
        })
    })
}

/// An image from a frame, or a part of it, by exact area averaging.
///
/// @param frame the frame
/// @param part the part to take; null is all of it
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
    let mut borrows = Borrows::default();
    // SAFETY: C's contract.
    status(unsafe {
        make(&mut borrows, side, (pixels, pixels_bytes), image, |borrows, pixels| {
            let frame = borrow_frame(borrows, frame, part)?;
            Ok(frame.shrink(side, self::ink(ink)?, pixels.fill())?.side())
        })
    })
}

/// A frame of C's, or a part of it.
///
/// # Safety
/// The contract of C: the frame's pixels are valid for `'a`.
pub(crate) unsafe fn borrow_frame<'a>(
    borrows: &Borrows,
    frame: *const Frame,
    part: *const Rect,
) -> Result<arc_runtime::Frame<'a>, Status> {
    // SAFETY: the caller's contract.
    let &Frame { width, height, gray } = unsafe { borrows.object(frame)? };
    // SAFETY: the caller's contract; null stands for no part.
    let part = if part.is_null() { None } else { Some(*unsafe { borrows.object(part)? }) };
    // First of all, as they say how many bytes to borrow: below 2^32.
    if width.max(height) > MAX_FRAME_SIDE {
        return Err(Status::ImageTooLarge);
    }
    // SAFETY: the caller's contract.
    let gray = unsafe { borrows.input(gray, width * height)? };
    let frame = arc_runtime::Frame::new(width, height, gray)?;
    match part {
        Some(Rect { x, y, width, height }) => Ok(frame.crop(x, y, width, height)?),
        None => Ok(frame),
    }
}

/// Converts what a call borrows to pixels, whose side is returned, and makes an image of them.
///
/// # Safety
/// The contract of C.
pub(crate) unsafe fn make(
    borrows: &mut Borrows,
    side: usize,
    (pixels, pixels_bytes): (*mut i8, usize),
    image: *mut Image,
    convert: impl FnOnce(&Borrows, Output<i8>) -> Result<usize, Status>,
) -> Result<(), Status> {
    let (output, image) = (borrows.output(pixels, pixels_bytes)?, borrows.output(image, 1)?);
    let side = convert(borrows, output.first(side.saturating_mul(side)))?;
    // SAFETY: the caller's contract.
    unsafe { image.write(Image { side, pixels }) };
    Ok(())
}

/// An image of C's, checked, for a model of images of `needed` pixels a side.
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
