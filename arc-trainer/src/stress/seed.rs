//! Chance that depends on nothing but a seed and a place.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The chance of one change.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    /// The user's seed.
    pub seed: u64,
    /// The change's number.
    pub change: usize,
}

impl Chance {
    /// The numbers for the image in a place.
    pub fn of(self, place: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream((self.change as u64) << 32 | place as u64);
        rng
    }
}
