//! Things done per second: every kind in turn, round after round, so that whatever else the machine
//! is busy with meets all of them alike; medians of the rounds.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use arc_runtime::Image;
use arc_runtime::layers::Line;
use memchr::memchr;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rayon::ThreadPool;

use crate::eval::{Backend, IntegerBackend};
use crate::progress::Progress;

/// Pairs that are handed over at once.
const BATCHES: [usize; 3] = [1, 20, 256];
/// Enrolled images.
const GALLERY: usize = 20;
/// Times that everything is measured.
const ROUNDS: usize = 9;
/// Rounds of bare products at a time.
const SPIN: usize = 10_000;
/// Bytes that are read in a row.
const CHUNK: usize = 32 << 10;
/// How long each thing is done in a round, at least.
const SLICE: Duration = Duration::from_millis(50);

/// Medians per second, of all threads together.
pub struct Rates {
    /// Pairs, by the batch.
    pub pairs: BTreeMap<usize, f64>,
    /// Probes against the gallery.
    pub identify: f64,
    /// Multiply-accumulates of a bare dot product.
    pub peak: f64,
    /// Bytes of memory as large as the packed weights, read over and over.
    pub read: f64,
}

impl Rates {
    /// Measures a model that compares pairs.
    pub fn measure(backend: &IntegerBackend<'_>, pool: &ThreadPool) -> Self {
        let (subject, kernels) = (Subject::new(backend), backend.kernels());
        let progress = Progress::new("measuring", ROUNDS * (BATCHES.len() + 3));
        let mut pairs = [const { Vec::new() }; 3];
        let (mut identify, mut peak, mut read) = (vec![], vec![], vec![]);
        for _ in 0..ROUNDS {
            for (batch, rates) in BATCHES.into_iter().zip(&mut pairs) {
                rates.push(rate(pool, || subject.compare(batch)));
                progress.advance();
            }
            identify.push(rate(pool, || subject.identify()));
            progress.advance();
            peak.push(rate(pool, || || kernels.multiply(SPIN)));
            progress.advance();
            read.push(rate(pool, || subject.read()));
            progress.advance();
        }
        let pairs = BATCHES.into_iter().zip(pairs.map(median)).collect();
        let [identify, peak, read] = [identify, peak, read].map(median);
        Self { pairs, identify, peak, read }
    }
}

/// What all threads do in a second: each one prepares its own work, does it once to warm up, and
/// then over and over. The work says how much it has done.
fn rate<W: FnMut() -> usize>(pool: &ThreadPool, prepare: impl Fn() -> W + Sync) -> f64 {
    let rates = pool.broadcast(|_| {
        let mut work = prepare();
        work();
        let (start, mut done) = (Instant::now(), 0);
        loop {
            done += work();
            let elapsed = start.elapsed();
            if elapsed >= SLICE {
                return done as f64 / elapsed.as_secs_f64();
            }
        }
    });
    rates.iter().sum()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A model with its kernels, and images of noise, which take as long as any others.
struct Subject<'m> {
    backend: &'m IntegerBackend<'m>,
    probe: Vec<i8>,
    features: Vec<Vec<i8>>,
    weights: Vec<u8>,
}

impl<'m> Subject<'m> {
    fn new(backend: &'m IntegerBackend<'m>) -> Self {
        let model = backend.model();
        let mut rng = SmallRng::seed_from_u64(0);
        let d = model.dimensions();
        let mut noise =
            |length| (0..length).map(|_| rng.random_range(0..=127)).collect::<Vec<i8>>();
        let probe = noise(d.image_side * d.image_side);
        // More than fit the first cache at a time, as in a gallery.
        let features = (0..64).map(|_| noise(d.feature_bytes())).collect();
        // Written, as untouched pages would all be the same one.
        let weights = vec![1; model.packed_lines() * size_of::<Line>()];
        Self { backend, probe, features, weights }
    }

    /// Reads as many bytes as the model has packed weights: looks for one that is not there, which a
    /// vector's width at a time is little more than reading. Every other time from the end to the
    /// start, so that what the caches still hold comes first.
    fn read(&self) -> impl FnMut() -> usize {
        let mut back = false;
        move || {
            back = !back;
            let mut chunks = black_box(&self.weights).chunks(CHUNK);
            let is_there = |chunk| memchr(0, chunk).is_some();
            let found = if back { chunks.rev().any(is_there) } else { chunks.any(is_there) };
            assert!(!found);
            self.weights.len()
        }
    }

    /// Compares `batch` pairs.
    fn compare(&self, batch: usize) -> impl FnMut() -> usize {
        let mut comparator = self.backend.worker(GALLERY);
        let image = |k: usize| self.features[k % self.features.len()].as_slice();
        let pairs: Vec<_> = (0..batch).map(|k| (image(k), image(7 * k + 1))).collect();
        move || {
            let compared = comparator.compare_batch(pairs.iter().copied(), |score| {
                black_box(score);
            });
            compared.expect("features of a model that compares pairs");
            pairs.len()
        }
    }

    /// Identifies one probe among the enrolled.
    fn identify(&self) -> impl FnMut() -> usize {
        let mut comparator = self.backend.worker(GALLERY);
        let side = self.backend.model().dimensions().image_side;
        move || {
            let image = Image::new(side, &self.probe).expect("pixels of the model's side");
            let supports = self.features[..GALLERY].iter().map(Vec::as_slice);
            let rated = comparator.identify(&image, supports, |rating| {
                black_box(rating);
            });
            rated.expect("features and memory of the model's sizes");
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_add_up_what_each_has_done() {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        // Work that waits takes no core, so that any machine has room for it.
        let wait = || {
            || {
                std::thread::sleep(Duration::from_millis(10));
                5
            }
        };
        let (one, four) = (rate(&pool(1), wait), rate(&pool(4), wait));
        assert!((100.0..=500.0).contains(&one), "{one}");
        assert!((400.0..=2000.0).contains(&four), "{four}");
    }

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        assert_eq!(median(vec![5.0, 1.0, 5.5, 4.5, 900.0]), 5.0);
    }
}
