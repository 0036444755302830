//! Pictures, prepared as the model wants them.

use crate::comparator::{Comparator, with};
use crate::image::{Frame, Image, Rect, borrow_frame, make};
use crate::status::{Status, status};

/// An image from a frame, or a part of it, prepared as the comparator's model wants it: what that
/// is, is a part of the model's file. The image has the side of the model's images.
///
/// A model without a preparation takes the frame as `arc_image_from_frame` does, dark is ink.
///
/// @param comparator an initialized comparator
/// @param frame the frame
/// @param part the part to take; null is all of it
/// @param pixels output: the image's pixels
/// @param pixels_bytes room for them, at least `image_side` of `arc_model_sizes` squared
/// @param image output: borrows `pixels`
///
/// @return ARC_STATUS_OK, ARC_STATUS_IMAGE_BLANK if nothing is drawn on the picture, or an error of
/// the memory, the comparator or the image
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_image_prepare(
    comparator: *mut Comparator,
    frame: *const Frame,
    part: *const Rect,
    pixels: *mut i8,
    pixels_bytes: usize,
    image: *mut Image,
) -> Status {
    // SAFETY: C's contract.
    status(unsafe {
        with(comparator, |inner, borrows| {
            let model = inner.comparator.model();
            make(borrows, inner.side(), (pixels, pixels_bytes), image, |borrows, pixels| {
                let frame = borrow_frame(borrows, frame, part)?;
                Ok(model.prepare(&frame, pixels.fill())?.side())
            })
        })
    })
}
