//! Frames as a camera delivers them: characters on paper in a slanting light, with noise.
//!
//! They are drawn while the program is compiled, by integers alone, so that they are constants in flash, which a core
//! with less RAM than a frame reads, too.

use crate::shipped::{GLYPHS, SIDE};
use crate::suite::Random;

/// Columns of a frame.
pub const WIDTH: usize = 160;

/// Rows of a frame.
pub const HEIGHT: usize = 120;

/// Bytes of a frame.
pub const BYTES: usize = WIDTH * HEIGHT;

/// A character on gray paper.
pub static FIRST: [u8; BYTES] =
    draw(&Scene { glyph: 0, at: [22, 15], side: 84, light: [210, -60, -24], ink: 70, noise: 8 });

/// Another one in a shadow from below.
pub static SECOND: [u8; BYTES] =
    draw(&Scene { glyph: 7, at: [70, 28], side: 72, light: [140, 40, -70], ink: 90, noise: 10 });

/// One more: chalk on a blackboard.
pub static THIRD: [u8; BYTES] =
    draw(&Scene { glyph: 12, at: [40, 8], side: 96, light: [60, 20, 10], ink: 650, noise: 6 });

/// The character of the first frame, drawn by someone else, smaller, in another light.
pub static PROBE: [u8; BYTES] =
    draw(&Scene { glyph: 20, at: [84, 44], side: 60, light: [120, 90, 20], ink: 110, noise: 9 });

/// What is before the camera.
struct Scene {
    /// Number of the character in [`GLYPHS`].
    glyph: usize,
    /// Its first column and row.
    at: [usize; 2],
    /// Its columns and rows.
    side: usize,
    /// Gray of the paper at the left top, and what is added to it up to the right edge, and up to the bottom.
    light: [i32; 3],
    /// Share of the light that ink leaves, Q8.
    ink: i32,
    /// Gray levels of noise to either side, at most.
    noise: usize,
}

const fn draw(scene: &Scene) -> [u8; BYTES] {
    let mut frame = [0; BYTES];
    let mut random = Random(scene.glyph as u64 + 1);
    let mut k = 0;
    while k < BYTES {
        let (x, y) = (k % WIDTH, k / WIDTH);
        let [corner, right, below] = scene.light;
        let paper = corner + right * x as i32 / WIDTH as i32 + below * y as i32 / HEIGHT as i32;
        // Quarters of the pixel that are ink.
        let ink = coverage(scene, x, y);
        let gray = paper * (4 * 256 + ink * (scene.ink - 256)) / (4 * 256);
        // Twice, so that small noise is more frequent than great.
        let half = scene.noise + 1;
        let noise = (random.below(half) + random.below(half)) as i32 - scene.noise as i32;
        frame[k] = byte(gray + noise);
        k += 1;
    }
    frame
}

/// How many quarters of a pixel the character covers.
const fn coverage(scene: &Scene, x: usize, y: usize) -> i32 {
    let [left, top] = scene.at;
    if x < left || y < top || x >= left + scene.side || y >= top + scene.side {
        return 0;
    }
    let (mut covered, mut quarter) = (0, 0);
    while quarter < 4 {
        let column = (2 * (x - left) + quarter % 2) * SIDE / (2 * scene.side);
        let row = (2 * (y - top) + quarter / 2) * SIDE / (2 * scene.side);
        let bit = row * SIDE + column;
        covered += (GLYPHS[scene.glyph][bit / 8] >> (7 - bit % 8) & 1) as i32;
        quarter += 1;
    }
    covered
}

const fn byte(gray: i32) -> u8 {
    if gray < 0 {
        0
    } else if gray > 255 {
        255
    } else {
        gray as u8
    }
}
