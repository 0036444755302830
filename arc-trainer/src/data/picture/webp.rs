//! What the decoder of WebP takes from a file without a look: how long a chunk is and, in the data of
//! a lossy picture, how large the picture is. A few bytes could ask for gigabytes.

use anyhow::{Result, ensure};

use super::content::Kind;
use super::fault::broken_off;
use crate::limits::PICTURE_SIDE;

/// Length of a chunk's name and size.
const HEAD: usize = 8;
/// `RIFF`, a size, `WEBP`.
const FILE_HEAD: usize = 12;
/// What stands in a frame of an animation before its chunks: place, size, duration.
const FRAME_HEAD: usize = 16;

/// Demands that each chunk lies within the file, and that no lossy picture in it is larger than a
/// picture may be.
///
/// # Errors
/// If a chunk is longer than the file, or a picture too large.
pub fn check(bytes: &[u8]) -> Result<()> {
    chunks(bytes.get(FILE_HEAD..).unwrap_or_default())
}

fn chunks(mut bytes: &[u8]) -> Result<()> {
    while let Some((head, rest)) = bytes.split_at_checked(HEAD) {
        let (name, size) = head.split_at(4);
        let size = u32::from_le_bytes(size.try_into().expect("four bytes")) as usize;
        let data = rest.get(..size).ok_or_else(|| broken_off(Kind::WebP))?;
        match name {
            b"VP8 " => lossy(data)?,
            b"ANMF" => chunks(data.get(FRAME_HEAD..).unwrap_or_default())?,
            _ => {}
        }
        // Chunks begin at even places.
        bytes = rest.get(size.next_multiple_of(2)..).unwrap_or_default();
    }
    Ok(())
}

/// The data of a lossy picture: three bytes of frame, three of signature, width and height.
fn lossy(data: &[u8]) -> Result<()> {
    let sides = data.get(6..10).ok_or_else(|| broken_off(Kind::WebP))?;
    for side in sides.chunks_exact(2) {
        let side = u32::from(u16::from_le_bytes([side[0], side[1]]) & 0x3FFF);
        ensure!(
            side <= PICTURE_SIDE,
            "{side} pixels in a row or a column are too many: scale it down to {PICTURE_SIDE}x{PICTURE_SIDE} at most"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::picture::Picture;
    use crate::data::picture::fixture::{LOSSY_WEBP, corner, encoded};
    use image::ImageFormat;

    fn error_of(bytes: &[u8]) -> String {
        Picture::decode(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_chunk_longer_than_the_file_is_refused() {
        let whole = encoded(corner(), ImageFormat::WebP);
        for length in [FILE_HEAD + HEAD + 1, whole.len() / 2] {
            assert!(error_of(&whole[..length]).starts_with("damaged WebP: it ends too early"));
        }
        // Metadata of four gigabytes, behind a sound picture.
        let bytes = [&whole[..], b"EXIF\xF0\xFF\xFF\xFF"].concat();
        assert!(error_of(&bytes).starts_with("damaged WebP: it ends too early"));
    }

    #[test]
    fn the_size_within_lossy_data_is_known_before_it_is_decoded() {
        let picture = Picture::decode(&LOSSY_WEBP).unwrap();
        assert_eq!((picture.width, picture.height), (1, 1));
        let at = LOSSY_WEBP.windows(3).position(|three| three == [0x9D, 0x01, 0x2A]).unwrap() + 3;
        let mut large = LOSSY_WEBP;
        large[at..at + 2].copy_from_slice(&0x3FFF_u16.to_le_bytes());
        assert!(error_of(&large).contains("16383 pixels in a row or a column are too many"));
        // In a frame of an animation, too.
        let frame =
            [&b"ANMF"[..], &[16 + 30, 0, 0, 0], &[0; FRAME_HEAD], &large[FILE_HEAD..]].concat();
        assert!(chunks(&frame[..frame.len() - 1]).is_err());
        assert!(chunks(&frame).unwrap_err().to_string().contains("too many"));
    }
}
