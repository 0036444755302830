//! Random numbers that are the same on every platform.

use std::f32::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// An independent generator for each `stream` of a seed.
pub fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// A standard normal number (Box-Muller), through `libm` and not the platform's own functions.
pub fn normal(rng: &mut impl Rng) -> f32 {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    libm::sqrtf(-2.0 * libm::logf(1.0 - u)) * libm::cosf(TAU * v)
}
