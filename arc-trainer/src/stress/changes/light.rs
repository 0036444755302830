//! Light that is weak or uneven, and ink that is pale.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::pixels::{mapped, sides, unit};
use crate::data::Picture;

/// Pixels over which a shadow's edge is soft.
const SHADOW_EDGE: f32 = 4.0;

/// Other gray levels for what is black and what is white.
pub fn levels(picture: &Picture, ink: f32, paper: f32) -> Picture {
    mapped(picture, |_, _, gray| ink + (paper - ink) * gray / 255.0)
}

/// Light that falls off over the whole picture, in a random direction: the darkest corner has `left` of it.
pub fn fall_off(picture: &Picture, left: f32, rng: &mut ChaCha8Rng) -> Picture {
    let across = Direction::random(picture, rng);
    mapped(picture, |x, y, gray| gray * (left + (1.0 - left) * (across.at(x, y) + 0.5)))
}

/// A shadow over about half of the picture: `left` of the light reaches what lies in it.
pub fn shadow(picture: &Picture, left: f32, rng: &mut ChaCha8Rng) -> Picture {
    let across = Direction::random(picture, rng);
    let edge = rng.random_range(-0.2..0.2);
    let softness = SHADOW_EDGE * unit(picture) / across.length;
    mapped(picture, |x, y, gray| {
        let lit = ((across.at(x, y) - edge) / softness + 0.5).clamp(0.0, 1.0);
        gray * (left + (1.0 - left) * lit)
    })
}

/// A direction across a picture.
struct Direction {
    dx: f32,
    dy: f32,
    middle: (f32, f32),
    /// Pixels from one side of the picture to the other.
    length: f32,
}

impl Direction {
    fn random(picture: &Picture, rng: &mut ChaCha8Rng) -> Self {
        let (dy, dx) = rng.random_range(0.0..std::f32::consts::TAU).sin_cos();
        let (width, height) = sides(picture);
        let (width, height) = (width as f32, height as f32);
        let length = width * dx.abs() + height * dy.abs();
        Self { dx, dy, middle: ((width - 1.0) / 2.0, (height - 1.0) / 2.0), length }
    }

    /// How far along a pixel is: -0.5 in one corner to 0.5 in the opposite one.
    fn at(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (x as f32 - self.middle.0, y as f32 - self.middle.1);
        (x * self.dx + y * self.dy) / self.length
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn white() -> Picture {
        Picture { width: 50, height: 20, gray: vec![255; 1000] }
    }

    #[test]
    fn levels_are_those_that_were_asked_for() {
        let picture = Picture { width: 3, height: 1, gray: vec![0, 51, 255] };
        assert_eq!(levels(&picture, 60.0, 180.0).gray, [60, 84, 180]);
    }

    #[test]
    fn no_light_is_lost_where_it_is_brightest_and_half_where_it_is_darkest() {
        for seed in 0..8 {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            for changed in [fall_off(&white(), 0.5, rng), shadow(&white(), 0.5, rng)] {
                let (least, most) = (changed.gray.iter().min(), changed.gray.iter().max());
                let (least, most) = (least.unwrap(), most.unwrap());
                assert!((127..=133).contains(least) && *most >= 250, "{least} to {most}");
            }
        }
    }

    #[test]
    fn a_shadow_has_an_edge() {
        let shade = shadow(&white(), 0.5, &mut ChaCha8Rng::seed_from_u64(3));
        let between = shade.gray.iter().filter(|gray| (130..252).contains(*gray)).count();
        assert!((5..300).contains(&between), "{between} pixels are half lit");
    }
}
