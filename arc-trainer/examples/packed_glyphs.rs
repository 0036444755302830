//! Procedural glyphs as a small device takes them: packed bits, for `firmware-example/pictures`.
//!
//! `cargo run --release -p arc-trainer --no-default-features --example packed_glyphs -- SEED > glyphs.pbm`
//!
//! The picture is a column of drawings of 32 x 32 pixels, two of each of 24 characters. A PBM file is
//! packed as `Image::from_bits` wants it, and any viewer shows it.

use std::io::{self, Write};

use anyhow::{Context, Result};
use arc_trainer::data::synth::Synth;

const SIDE: usize = 32;
const CHARACTERS: u32 = 24;
const DRAWERS: u32 = 2;
/// A pixel of which a fifth is inked is set, so that thin strokes stay whole.
const SET: i8 = 127 / 5;

fn main() -> Result<()> {
    let seed = std::env::args().nth(1).context("which seed? give a number")?;
    let seed = seed.parse().with_context(|| format!("{seed} is no seed: give a number"))?;
    let characters = CHARACTERS..=CHARACTERS;
    let synth = Synth { alphabets: 1, characters, drawers: DRAWERS, side: 105, seed };
    let dataset = synth.dataset();
    let drawings: Vec<_> = dataset.drawings().map(|drawing| drawing.at_side(SIDE)).collect();
    let mut file = io::stdout().lock();
    write!(file, "P4\n{SIDE} {}\n", SIDE * drawings.len())?;
    for pixels in drawings.iter().flat_map(|drawing| drawing.chunks(8)) {
        let byte = pixels.iter().fold(0, |byte, &pixel| byte << 1 | u8::from(pixel >= SET));
        file.write_all(&[byte])?;
    }
    Ok(())
}
