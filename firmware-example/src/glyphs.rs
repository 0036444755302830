//! Procedural glyphs in flash: 24 characters, two drawings of each, in packed bits.

use arc_runtime::Image;

/// Rows and columns of a drawing.
pub const SIDE: usize = 32;

/// A picture that any viewer shows: the drawings below each other, those of a character together.
/// `cargo run --release -p arc-trainer --no-default-features --example packed_glyphs -- 616` made it;
/// the seed is one with which the small model finds the other drawing of each of the first 20.
const GLYPHS: &[u8] = include_bytes!("../pictures/glyphs.pbm");
const HEADER: &[u8] = b"P4\n32 1536\n";
/// Bytes of a drawing.
const BYTES: usize = SIDE * SIDE / 8;

/// Number of characters.
pub const CHARACTERS: usize = 24;

/// A drawing of a character as packed bits.
///
/// # Panics
/// If there is no such character or drawing, or the embedded picture is damaged.
pub fn bits(character: usize, drawing: usize) -> &'static [u8] {
    assert!(character < CHARACTERS && drawing < 2, "there is no such drawing");
    let drawings = GLYPHS.strip_prefix(HEADER).expect("a PBM file of all drawings");
    &drawings[(2 * character + drawing) * BYTES..][..BYTES]
}

/// The drawing as an image in `pixels`.
///
/// # Panics
/// As [`bits`].
pub fn image(character: usize, drawing: usize, pixels: &mut [i8; SIDE * SIDE]) -> Image<'_> {
    Image::from_bits(SIDE, bits(character, drawing), pixels).expect("as many bits as pixels")
}
