//! Thick lines on one-bit paper.

use glam::Vec2;

use crate::data::Drawing;

/// A square one-bit picture; true is ink.
pub struct Bitmap {
    side: u16,
    ink: Vec<bool>,
}

impl Bitmap {
    /// Blank paper of `side` x `side` pixels.
    pub fn new(side: u16) -> Self {
        Self { side, ink: vec![false; usize::from(side).pow(2)] }
    }

    /// Draws a path with a round pen; coordinates in pixels, what lies outside is cut off.
    pub fn draw(&mut self, path: &[Vec2], radius: f32) {
        for segment in path.windows(2) {
            self.segment(segment[0], segment[1], radius);
        }
    }

    fn segment(&mut self, from: Vec2, to: Vec2, radius: f32) {
        let side = usize::from(self.side);
        let clip = |v: Vec2| v.clamp(Vec2::ZERO, Vec2::splat(f32::from(self.side))).as_usizevec2();
        let low = clip(from.min(to) - radius);
        let high = clip(from.max(to) + radius + 1.0);
        for y in low.y..high.y {
            for x in low.x..high.x {
                let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                self.ink[y * side + x] |= distance_squared(center, from, to) <= radius * radius;
            }
        }
    }

    /// Intersection over union of the ink of two pictures of one size.
    pub fn overlap(&self, other: &Self) -> f32 {
        let pairs = || self.ink.iter().zip(&other.ink);
        let both = pairs().filter(|(a, b)| **a && **b).count();
        let either = pairs().filter(|(a, b)| **a || **b).count();
        both as f32 / either.max(1) as f32
    }
}

impl From<Bitmap> for Drawing {
    fn from(bitmap: Bitmap) -> Self {
        let ink = bitmap.ink.iter().map(|&ink| if ink { 255 } else { 0 });
        Self { width: bitmap.side, height: bitmap.side, ink: ink.collect() }
    }
}

/// Squared distance of a point from a segment.
fn distance_squared(p: Vec2, from: Vec2, to: Vec2) -> f32 {
    let along = to - from;
    let t = (p - from).dot(along) / along.length_squared().max(f32::MIN_POSITIVE);
    p.distance_squared(from + along * t.clamp(0.0, 1.0))
}
