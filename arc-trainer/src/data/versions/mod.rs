//! Other versions of a picture: as other pens, papers and cameras would show it.
//!
//! They are what a network is trained on. `stress`, which measures a network, makes its changes with code and numbers
//! of its own.

mod paper;
mod pen;
mod plane;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Picture;
use crate::config::{PictureChange, PictureConfig};
use plane::Plane;

/// A version of a picture. The same seed, of the run, and key, of the picture and the version, give the same one.
pub fn version(picture: &Picture, changes: &PictureConfig, seed: u64, key: u64) -> Picture {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(key);
    let rng = &mut rng;
    let mut plane = Plane::of(picture);
    // The pen first, then what the paper shows, then what the camera does with both.
    if let Some(width) = drawn(rng, changes.pen) {
        let longer = plane.width.max(plane.height) as f64;
        plane = pen::redraw(&plane, (width * longer) as f32, rng);
    }
    if let Some(factor) = drawn(rng, changes.size) {
        plane = plane.scaled(factor as f32);
    }
    if let Some(gray) = drawn(rng, changes.rules) {
        paper::rule(&mut plane, gray as f32, rng);
    }
    if let Some(diameter) = drawn(rng, changes.cover) {
        paper::cover(&mut plane, diameter as f32, rng);
    }
    let turn = drawn(rng, changes.turn).map_or(0.0, |degrees| either(rng, degrees));
    let tilt = drawn(rng, changes.tilt).unwrap_or(0.0);
    if turn != 0.0 || tilt != 0.0 {
        let toward = rng.random_range(0.0..std::f32::consts::TAU);
        plane = plane.turned((turn as f32).to_radians(), tilt as f32, toward);
    }
    if let Some(left) = drawn(rng, changes.shadow) {
        paper::shade(&mut plane, left as f32, rng);
    }
    if let Some(gamma) = drawn(rng, changes.gamma) {
        plane.each(|gray| 255.0 * (gray / 255.0).powf(gamma as f32));
    }
    if let Some(sigma) = drawn(rng, changes.blur) {
        plane = plane.blurred(sigma as f32);
    }
    if let Some(sigma) = drawn(rng, changes.noise) {
        // The sum of three uniform numbers is close enough to a normal one.
        plane.each(|gray| {
            let sum: f32 = (0..3).map(|_| rng.random_range(-1.0f32..1.0)).sum();
            gray + sigma as f32 * sum
        });
    }
    if let Some(share) = drawn(rng, changes.specks) {
        plane.each(|gray| match rng.random::<f64>() {
            x if x < share / 2.0 => 0.0,
            x if x < share => 255.0,
            _ => gray,
        });
    }
    plane.picture()
}

/// The strength of a change, if it is made.
fn drawn(rng: &mut ChaCha8Rng, change: PictureChange) -> Option<f64> {
    // A change that is never made draws nothing, so that a new one does not shift the others.
    if change.chance == 0.0 || rng.random::<f64>() >= change.chance {
        return None;
    }
    Some(change.from + (change.to - change.from) * rng.random::<f64>())
}

fn either(rng: &mut ChaCha8Rng, value: f64) -> f64 {
    if rng.random() { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cross of strokes three pixels wide.
    fn cross() -> Picture {
        let ink = |k: usize| (20..23).contains(&(k % 60)) || (30..33).contains(&(k / 60));
        Picture {
            width: 60,
            height: 50,
            gray: (0..3000).map(|k| if ink(k) { 0 } else { 255 }).collect(),
        }
    }

    fn with(name: &str, strength: f64) -> PictureConfig {
        let text = format!(
            "versions = 2\n{name} = {{ chance = 1.0, from = {strength:?}, to = {strength:?} }}"
        );
        toml::from_str(&text).unwrap()
    }

    fn ink(picture: &Picture) -> f64 {
        picture.gray.iter().map(|&gray| f64::from(255 - gray) / 255.0).sum()
    }

    #[test]
    fn nothing_is_changed_where_nothing_is_wanted() {
        assert_eq!(version(&cross(), &PictureConfig::default(), 1, 1), cross());
    }

    #[test]
    fn the_seed_and_the_key_decide() {
        let noise = with("noise", 9.0);
        let at = |seed, key| version(&cross(), &noise, seed, key);
        assert_eq!(at(1, 1), at(1, 1));
        assert!(at(1, 1) != at(1, 2) && at(1, 1) != at(2, 1));
    }

    #[test]
    fn a_pen_has_the_width_that_was_asked_for() {
        // Strokes 110 pixels long, all together.
        for width in [1.0, 2.0, 4.0, 8.0] {
            let drawn = ink(&version(&cross(), &with("pen", width / 60.0), 1, 1));
            let wanted = 108.0 * width;
            assert!((0.7 * wanted..1.25 * wanted).contains(&drawn), "{width}: {drawn}, {wanted}");
        }
    }

    #[test]
    fn every_change_changes_the_picture() {
        let strengths = [
            ("pen", 0.1),
            ("size", 0.5),
            ("turn", 10.0),
            ("tilt", 0.2),
            ("blur", 1.0),
            ("shadow", 0.5),
            ("rules", 150.0),
            ("noise", 9.0),
            ("specks", 0.02),
            ("cover", 0.9),
        ];
        for (name, strength) in strengths {
            let changed = version(&cross(), &with(name, strength), 3, 4);
            assert_ne!(changed, cross(), "{name}");
            assert!(ink(&changed) > 20.0, "{name}");
        }
        let gray = Picture { gray: vec![100; 3000], ..cross() };
        assert!(version(&gray, &with("gamma", 2.0), 3, 4).gray.iter().all(|&gray| gray == 39));
    }

    #[test]
    fn a_small_picture_has_fewer_pixels_and_no_less_shown() {
        let half = version(&cross(), &with("size", 0.5), 1, 1);
        assert_eq!((half.width, half.height), (30, 25));
        assert!((ink(&half) - ink(&cross()) / 4.0).abs() < 8.0);
    }
}
