//! Checks of sizes.

use super::{ImageError, MAX_FRAME_SIDE};

/// Checks a picture's sides: their product fits in 32 bits.
pub(super) fn check_sides(width: usize, height: usize) -> Result<(), ImageError> {
    let found = width.max(height);
    match width.min(height) {
        0 => Err(ImageError::Empty),
        _ if found > MAX_FRAME_SIDE => Err(ImageError::TooLarge { found }),
        _ => Ok(()),
    }
}

/// Checks a picture's sides and length.
pub(super) fn check_length(width: usize, height: usize, given: usize) -> Result<(), ImageError> {
    check_sides(width, height)?;
    let needed = width * height;
    if given != needed {
        return Err(ImageError::Length { needed, given });
    }
    Ok(())
}

/// The front of a buffer, as long as a square image.
pub(super) fn pixels_of(side: usize, pixels: &mut [i8]) -> Result<&mut [i8], ImageError> {
    let (needed, given) = (side * side, pixels.len());
    pixels.get_mut(..needed).ok_or(ImageError::Buffer { needed, given })
}
