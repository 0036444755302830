//! What the decoder of TIFF takes from a file without a look: how long the values of its directory are,
//! how large its tiles, and what a JPEG within it asks for. A few bytes could ask for gigabytes.

use anyhow::{Result, bail, ensure};

use super::content::Kind;
use super::fault::{broken_off, damaged};
use crate::limits::PICTURE_SIDE;

/// Length of an entry of the directory: tag, type, count, and the value or where it lies.
const ENTRY: usize = 12;
/// Values of a pixel: colors, transparency, and room for more.
const MOST_SAMPLES: u32 = 16;

/// The tags whose values count here.
const COMPRESSION: u16 = 259;
const SAMPLES_PER_PIXEL: u16 = 277;
const TILE_WIDTH: u16 = 322;
const TILE_LENGTH: u16 = 323;

/// Demands that the directory of the first picture asks for no more than a picture needs.
///
/// # Errors
/// If a value lies outside of the file, a tile is larger than a picture may be, a pixel has too many
/// values, or the pixels are kept as a JPEG, whose size stands somewhere else.
pub fn check(bytes: &[u8]) -> Result<()> {
    let file = File { bytes, swapped: bytes.starts_with(b"MM") };
    let entries = file.entries().ok_or_else(|| broken_off(Kind::Tiff))?;
    for entry in entries.chunks_exact(ENTRY) {
        let [tag, kind] = [0, 2].map(|at| file.short(entry, at).expect("within an entry"));
        let [count, value] = [4, 8].map(|at| file.long(entry, at).expect("within an entry"));
        let length = u64::from(count) * length_of(kind);
        if length > 4 && u64::from(value) + length > bytes.len() as u64 {
            return Err(broken_off(Kind::Tiff));
        }
        let number = || match (count, kind) {
            (1, 1) => Ok(u32::from(entry[8])),
            (1, 3) => Ok(u32::from(file.short(entry, 8).expect("within an entry"))),
            (1, 4) => Ok(value),
            _ => Err(damaged(Kind::Tiff, &format!("tag {tag} is no number"))),
        };
        match tag {
            COMPRESSION if matches!(number()?, 6 | 7) => {
                bail!(
                    "a TIFF of a kind that is not read (a JPEG within it): save it as JPEG or PNG"
                )
            }
            SAMPLES_PER_PIXEL => ensure!(
                number()? <= MOST_SAMPLES,
                "a TIFF of a kind that is not read (a pixel has more than {MOST_SAMPLES} values): save it as PNG"
            ),
            TILE_WIDTH | TILE_LENGTH => ensure!(
                number()? <= PICTURE_SIDE,
                "a TIFF of a kind that is not read (its tiles are larger than {PICTURE_SIDE}x{PICTURE_SIDE}): save it as PNG"
            ),
            _ => {}
        }
    }
    Ok(())
}

/// Bytes of a value of a type; none of a type that nobody reads.
fn length_of(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 0,
    }
}

/// A file of either order of bytes.
struct File<'a> {
    bytes: &'a [u8],
    /// Whether the high byte of a number comes first.
    swapped: bool,
}

impl<'a> File<'a> {
    /// The entries of the first directory.
    fn entries(&self) -> Option<&'a [u8]> {
        let start = self.long(self.bytes, 4)? as usize;
        let count = usize::from(self.short(self.bytes, start)?);
        self.bytes.get(start + 2..)?.get(..count * ENTRY)
    }

    fn short(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let two = *bytes.get(at..)?.first_chunk()?;
        Some(if self.swapped { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    }

    fn long(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let four = *bytes.get(at..)?.first_chunk()?;
        Some(if self.swapped { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::picture::Picture;
    use crate::data::picture::fixture::{corner, encoded};
    use image::ImageFormat;

    /// The bytes of a sound TIFF, with the entry of a tag at that place in them.
    fn with_entry(tag: u16) -> (Vec<u8>, usize) {
        let bytes = encoded(corner(), ImageFormat::Tiff);
        let file = File { bytes: &bytes, swapped: false };
        let start = file.long(&bytes, 4).unwrap() as usize + 2;
        let entries = file.entries().unwrap().chunks_exact(ENTRY);
        let place =
            entries.into_iter().position(|entry| file.short(entry, 0) == Some(tag)).unwrap();
        let place = start + place * ENTRY;
        (bytes, place)
    }

    fn error_of(bytes: &[u8]) -> String {
        Picture::decode(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_value_outside_of_the_file_is_refused() {
        const STRIP_OFFSETS: u16 = 273;
        let (mut bytes, place) = with_entry(STRIP_OFFSETS);
        bytes[place + 4..place + 8].copy_from_slice(&0x0100_0000_u32.to_le_bytes());
        assert_eq!(error_of(&bytes), "damaged TIFF: it ends too early: copy or save it again");
    }

    #[test]
    fn a_tile_a_pixel_or_a_jpeg_of_any_size_is_refused() {
        let (bytes, place) = with_entry(COMPRESSION);
        let changed = |tag: u16, kind: u16, value: u32| {
            let mut bytes = bytes.clone();
            bytes[place..place + 2].copy_from_slice(&tag.to_le_bytes());
            bytes[place + 2..place + 4].copy_from_slice(&kind.to_le_bytes());
            bytes[place + 8..place + 12].copy_from_slice(&value.to_le_bytes());
            error_of(&bytes)
        };
        assert!(changed(COMPRESSION, 3, 7).contains("a JPEG within it"));
        assert!(changed(SAMPLES_PER_PIXEL, 3, 17).contains("more than 16 values"));
        assert!(changed(TILE_WIDTH, 4, 1 << 30).contains("tiles are larger"));
        assert!(changed(TILE_LENGTH, 3, 5000).contains("tiles are larger"));
        // A number of eight bytes lies somewhere else, where nobody has looked.
        assert!(changed(TILE_WIDTH, 16, 0).contains("damaged TIFF: tag 322 is no number"));
    }

    #[test]
    fn a_file_without_a_directory_breaks_off() {
        for bytes in [&b"II*\0"[..], b"MM\0*\0\0\0\x08\0\x01", b"II*\0\xFF\xFF\xFF\xFF"] {
            assert!(error_of(bytes).starts_with("damaged TIFF: it ends too early"));
        }
    }
}
