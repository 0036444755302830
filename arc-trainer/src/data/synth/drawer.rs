//! A person's hand: what all drawings by one drawer have in common.

use std::f32::consts::TAU;

use glam::{Affine2, Mat2, Vec2};
use rand::Rng;

use super::{glyph::Glyph, noise::normal, raster::Bitmap};

/// How one person writes.
pub struct Drawer {
    /// Shear of the verticals.
    slant: f32,
    /// Turn of the whole line, in radians.
    tilt: f32,
    /// Factors on width and height.
    scale: Vec2,
    /// Where on the paper, from its center, in fractions of its side.
    place: Vec2,
    /// Diameter of the pen, as a fraction of the paper's side.
    pen: f32,
    /// Typical relative error of angles and lengths.
    sloppiness: f32,
    /// Amplitude of a slow waver of the hand, as a fraction of the paper's side.
    waver: f32,
    /// How far corners are cut by writing fast: passes of a smoothing filter.
    haste: usize,
}

impl Drawer {
    /// A new person.
    pub fn new(rng: &mut impl Rng) -> Self {
        let scale = 1.0 + 0.1 * normal(rng);
        let narrow = 1.0 + 0.1 * normal(rng);
        Self {
            slant: 0.12 * normal(rng),
            tilt: 0.05 * normal(rng),
            scale: (scale * Vec2::new(narrow, 1.0 / narrow))
                .clamp(Vec2::splat(0.6), Vec2::splat(1.35)),
            place: 0.02 * Vec2::new(normal(rng), normal(rng)),
            pen: rng.random_range(0.024..0.042),
            sloppiness: rng.random_range(0.05..0.16),
            waver: rng.random_range(0.002..0.008),
            haste: rng.random_range(0..6),
        }
    }

    /// Draws a character once, on paper of `side` x `side` pixels.
    pub fn draw(&self, glyph: &Glyph, side: u16, rng: &mut impl Rng) -> Bitmap {
        let pose = self.pose(rng);
        let mut bitmap = Bitmap::new(side);
        for path in glyph.paths(self.sloppiness, rng) {
            let mut path = self.wavering(&path, rng);
            for _ in 0..self.haste {
                smooth(&mut path);
            }
            let on_paper = |p: &Vec2| pose.transform_point2(*p - 0.5) * f32::from(side);
            let path: Vec<Vec2> = path.iter().map(on_paper).collect();
            bitmap.draw(&path, self.pen / 2.0 * f32::from(side));
        }
        bitmap
    }

    /// The drawer's slant, size and place, a little different each time.
    fn pose(&self, rng: &mut impl Rng) -> Affine2 {
        let slant = Mat2::from_cols(Vec2::X, Vec2::new(-self.slant - 0.04 * normal(rng), 1.0));
        let scale = self.scale * (1.0 + 0.06 * normal(rng));
        let turn = Mat2::from_angle(self.tilt + 0.05 * normal(rng));
        let place = 0.5 + self.place + 0.03 * Vec2::new(normal(rng), normal(rng));
        Affine2::from_mat2_translation(turn * slant * Mat2::from_diagonal(scale), place)
    }

    /// Adds two slow waves to a path.
    fn wavering(&self, path: &[Vec2], rng: &mut impl Rng) -> Vec<Vec2> {
        let mut path = path.to_vec();
        for period in [40.0, 17.0] {
            let amplitude = self.waver * Vec2::new(normal(rng), normal(rng));
            let phase: f32 = rng.random_range(0.0..TAU);
            for (i, p) in path.iter_mut().enumerate() {
                *p += amplitude * libm::sinf(phase + i as f32 * TAU / period);
            }
        }
        path
    }
}

/// Averages each inner point with its neighbors; the ends stay.
fn smooth(path: &mut [Vec2]) {
    let mut before = path[0];
    for i in 1..path.len() - 1 {
        let here = path[i];
        path[i] = (before + 2.0 * here + path[i + 1]) / 4.0;
        before = here;
    }
}
