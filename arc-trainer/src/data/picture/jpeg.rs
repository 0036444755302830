//! Whether all of a JPEG is there. Its decoder fills in with gray what is missing, and says nothing.

use anyhow::Result;
use memchr::memmem;

use super::content::Kind;
use super::fault::broken_off;

/// What each marker begins with.
const MARKER: u8 = 0xFF;
/// Start of scan: pixels follow.
const SCAN: u8 = 0xDA;
/// End of image. Among the pixels no such two bytes stand.
const END: [u8; 2] = [MARKER, 0xD9];

/// Demands that the image ends somewhere behind its first pixels.
///
/// # Errors
/// If it does not.
pub fn check(bytes: &[u8]) -> Result<()> {
    let pixels = pixels(bytes).ok_or_else(|| broken_off(Kind::Jpeg))?;
    memmem::find(pixels, &END).map(drop).ok_or_else(|| broken_off(Kind::Jpeg))
}

/// What follows the header of the first scan. A picture within the metadata, as cameras make one, has
/// an end of its own, and so the segments before are passed over as a whole.
fn pixels(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        // Segments are seldom apart, and then by fill bytes.
        let start =
            rest.windows(2).position(|two| two[0] == MARKER && !matches!(two[1], 0 | MARKER))?;
        let (marker, behind) = (rest[start + 1], &rest[start + 2..]);
        let length = usize::from(u16::from_be_bytes(*behind.first_chunk()?));
        rest = behind.get(length..)?;
        if marker == SCAN {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::picture::Picture;
    use crate::data::picture::fixture::{corner, encoded, with_orientation};
    use image::ImageFormat;

    #[test]
    fn a_jpeg_that_breaks_off_is_refused() {
        let whole = encoded(corner(), ImageFormat::Jpeg);
        assert!(Picture::decode(&whole).is_ok());
        for length in [3, 20, whole.len() / 2, whole.len() - 1] {
            let error = Picture::decode(&whole[..length]).unwrap_err().to_string();
            assert_eq!(error, "damaged JPEG: it ends too early: copy or save it again");
        }
    }

    #[test]
    fn the_end_of_a_picture_within_the_metadata_is_not_the_end() {
        let mut bytes = with_orientation(corner(), ImageFormat::Jpeg, 1);
        let exif = memmem::find(&bytes, b"Exif").unwrap();
        bytes.splice(exif + 32..exif + 32, END);
        let length = u16::from_be_bytes([bytes[exif - 2], bytes[exif - 1]]) + 2;
        bytes[exif - 2..exif].copy_from_slice(&length.to_be_bytes());
        assert!(check(&bytes).is_ok());
        assert!(check(&bytes[..bytes.len() - 2]).is_err());
        // What a camera or a phone adds behind the end is none of the picture.
        assert!(check(&[&bytes[..], b"trailer"].concat()).is_ok());
    }
}
