//! What becomes of the frames before the network, compared with what the host made of them.

use arc_runtime::Frame;
use arc_runtime::preparation::{Contrast, InkPreparation, PhotoPreparation, Polarity, Preparation};

use crate::frames::{BYTES, FIRST, HEIGHT, PROBE, SECOND, THIRD, WIDTH};
use crate::shipped::SIDE;

/// Drawings, as the shipped models take them.
pub const INK: Preparation =
    Preparation::Ink(InkPreparation { polarity: Polarity::Found, margin: 15, least: 16 });

const GLOBAL: Preparation = Preparation::Photo(PhotoPreparation { contrast: Contrast::Global });
const LOCAL: Preparation = Preparation::Photo(PhotoPreparation { contrast: Contrast::Local });

/// An image that a preparation makes of a frame.
struct Prepared {
    frame: &'static [u8; BYTES],
    preparation: Preparation,
    /// FNV-1a of its pixels.
    sum: u32,
}

const PREPARED: [Prepared; 7] = [
    Prepared { frame: &FIRST, preparation: INK, sum: 0xAFD3_3CA8 },
    Prepared { frame: &SECOND, preparation: INK, sum: 0xA12B_372F },
    Prepared { frame: &THIRD, preparation: INK, sum: 0x8CF0_6C48 },
    Prepared { frame: &PROBE, preparation: INK, sum: 0xF83F_50DF },
    Prepared { frame: &FIRST, preparation: GLOBAL, sum: 0xDA1E_B363 },
    Prepared { frame: &FIRST, preparation: LOCAL, sum: 0x2A03_821D },
    Prepared { frame: &FIRST, preparation: Preparation::None, sum: 0x6654_E985 },
];

/// Prepares every frame; the number of images.
///
/// # Errors
/// The name of the preparation whose image is not the one that is recorded.
pub fn run() -> Result<usize, &'static str> {
    for Prepared { frame, preparation, sum } in &PREPARED {
        if checksum(frame, preparation) != Some(*sum) {
            return Err(match preparation {
                Preparation::None => "a frame without a preparation",
                Preparation::Ink(_) => "a drawing",
                Preparation::Photo(_) => "a photo",
            });
        }
    }
    Ok(PREPARED.len())
}

/// FNV-1a of the pixels.
fn checksum(frame: &[u8; BYTES], preparation: &Preparation) -> Option<u32> {
    let mut pixels = [0; SIDE * SIDE];
    let frame = Frame::new(WIDTH, HEIGHT, frame).ok()?;
    let image = preparation.prepare(&frame, SIDE, &mut pixels).ok()?;
    Some(image.pixels().iter().fold(0x811C_9DC5, |sum: u32, &pixel| {
        (sum ^ u32::from(pixel as u8)).wrapping_mul(0x0100_0193)
    }))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_images_are_those_that_are_recorded() {
        let found = PREPARED.map(|one| checksum(one.frame, &one.preparation).unwrap());
        let recorded: Vec<_> = PREPARED.iter().map(|one| one.sum).collect();
        assert_eq!(found[..], recorded, "{found:#X?}");
    }
}
