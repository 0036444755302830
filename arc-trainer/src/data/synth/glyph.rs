//! A character: strokes, and how they hang together.

use glam::Vec2;
use rand::Rng;

use super::{noise::normal, stroke::Stroke};

/// A character as its alphabet prescribes it.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// In the order in which they are drawn; the first has no joint.
    pub strokes: Vec<(Stroke, Joint)>,
    /// Its longer side, as a fraction of the picture's.
    pub size: f32,
    /// Factor on its width.
    pub stretch: f32,
}

/// Where a stroke is placed relative to an earlier one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Joint {
    /// The earlier stroke.
    pub onto: usize,
    /// Point of the earlier stroke, from 0 (its start) to 1 (its end).
    pub at: f32,
    /// Point of this stroke that comes to lie there, likewise.
    pub by: f32,
    /// Where it lies beside that point, in units of a character's height.
    pub gap: Vec2,
}

impl Glyph {
    /// Pen paths in the unit square, centerd, by a hand with this typical error (0: as prescribed).
    pub fn paths(&self, amount: f32, rng: &mut impl Rng) -> Vec<Vec<Vec2>> {
        let mut paths: Vec<Vec<Vec2>> = Vec::new();
        for (stroke, joint) in &self.strokes {
            let mut path = stroke.varied(amount, rng).trace();
            if let Some(earlier) = paths.get(joint.onto) {
                let slip = Vec2::new(normal(rng), normal(rng)) * amount * 0.25;
                let mut along = |at: f32| at + amount * 0.2 * normal(rng);
                let offset = point(earlier, along(joint.at)) + joint.gap + slip
                    - point(&path, along(joint.by));
                path.iter_mut().for_each(|p| *p += offset);
            }
            paths.push(path);
        }
        self.fit(&mut paths);
        paths
    }

    /// Scales the paths to the character's size and centers them in the unit square.
    fn fit(&self, paths: &mut [Vec<Vec2>]) {
        let (low, high) = bounds(paths);
        let stretch = Vec2::new(self.stretch, 1.0);
        let scale = self.size / ((high - low) * stretch).max_element().max(0.05);
        for p in paths.iter_mut().flatten() {
            *p = (*p - (low + high) / 2.0) * stretch * scale + 0.5;
        }
    }
}

/// The corners of the box around the paths.
pub fn bounds(paths: &[Vec<Vec2>]) -> (Vec2, Vec2) {
    let corners = (Vec2::MAX, Vec2::MIN);
    paths.iter().flatten().fold(corners, |(low, high), p| (low.min(*p), high.max(*p)))
}

/// The point at fraction `at` of a path.
fn point(path: &[Vec2], at: f32) -> Vec2 {
    path[(at.clamp(0.0, 1.0) * (path.len() - 1) as f32).round() as usize]
}
