//! What is on the paper beside the drawing: lines, shadows, things that cover it.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::plane::Plane;

/// Prints lines of a gray on the paper, at a random distance and a little askew.
pub fn rule(plane: &mut Plane, gray: f32, rng: &mut ChaCha8Rng) {
    let step = plane.height as f32 / rng.random_range(5.0..12.0);
    let offset = rng.random_range(0.0..step);
    let slope = rng.random_range(-0.03..0.03f32);
    let width = rng.random_range(0.5..1.5f32).min(step / 3.0);
    plane.each_at(|x, y, level| {
        let from_line = (y + slope * x - offset).rem_euclid(step);
        let covered = (width + 0.5 - from_line.min(step - from_line)).clamp(0.0, 1.0);
        level.min(level + (gray - level) * covered)
    });
}

/// Lets a shadow with a soft edge fall on the paper: `left` of the light reaches what lies in it.
pub fn shade(plane: &mut Plane, left: f32, rng: &mut ChaCha8Rng) {
    let angle = rng.random_range(0.0..std::f32::consts::TAU);
    let (dy, dx) = angle.sin_cos();
    let (width, height) = (plane.width as f32, plane.height as f32);
    let offset = rng.random_range(-0.3..0.3) * width.min(height);
    // From a sharp edge to light that falls off over the whole page.
    let softness = rng.random_range(0.02..1.0f32) * width.max(height);
    plane.each_at(|x, y, level| {
        let beyond = (x - width / 2.0) * dx + (y - height / 2.0) * dy - offset;
        let lit = (beyond / softness + 0.5).clamp(0.0, 1.0);
        level * (left + (1.0 - left) * lit)
    });
}

/// Covers a disk with paper.
pub fn cover(plane: &mut Plane, diameter: f32, rng: &mut ChaCha8Rng) {
    let (width, height) = (plane.width as f32, plane.height as f32);
    let radius = diameter * width.min(height) / 2.0;
    let (cx, cy) = (rng.random_range(0.0..width), rng.random_range(0.0..height));
    plane.each_at(|x, y, level| if (x - cx).hypot(y - cy) < radius { 255.0 } else { level });
}
