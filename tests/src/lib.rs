//! Helpers shared by the parity tests.

pub mod bounds;
mod errors;
mod libtorch;
mod omniglot;
mod random;
mod trace;

pub use errors::Errors;
pub use libtorch::Libtorch;
pub use omniglot::omniglot;
pub use random::random_network;
pub use trace::{Step, Trace};

use std::path::PathBuf;

use arc_trainer::data::{Dataset, synth::Synth};

/// A path inside the project.
pub fn project(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

/// Pearson's correlation of two equally long lists.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
}

/// Procedural glyphs: small alphabets, always the same.
pub fn glyphs() -> Dataset {
    Synth { alphabets: 4, characters: 8..=10, drawers: 6, side: 64, seed: 3 }.dataset()
}
