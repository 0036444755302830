//! How well a model answers when its pictures are changed: other light, pens, places, papers and cameras.
//!
//! A change is made on a picture as its file shows it, before the model's preparation. The trials are those of `eval`,
//! drawn once. The changes have nothing in common with [`versions`](crate::data::versions), which networks are trained
//! on: what measures a network must not be what has taught it.

mod changes;
mod judge;
mod original;
mod report;
mod seed;

pub use changes::{CHANGES, Change};
pub use judge::Score;
pub use original::original;
pub use report::{Row, Stress};

use crate::eval::{Backend, Plan};
use crate::progress::Progress;
use judge::Seen;
use seed::Chance;

/// Asks the trials of a plan, whose images are [`original`] ones: first as they are, then under each change, made on
/// all images and on the probes alone.
///
/// # Panics
/// If a trial is an open one, or the backend can't answer the plan: ask [`Backend::check`] first.
pub fn run<B: Backend>(backend: &B, plan: &Plan<'_>, seed: u64) -> Vec<Row> {
    let progress = Progress::new("changes", 1 + CHANGES.len());
    let see = |change, number| Seen::of(backend, plan, change, Chance { seed, change: number });
    let originals = see(Change::Clean, 0);
    let clean = Score::of(backend, plan, &originals, &originals);
    progress.advance();
    let mut rows = vec![Row { change: Change::Clean, both: clean, probe: clean }];
    for (&change, number) in CHANGES.iter().zip(1..) {
        let changed = see(change, number);
        rows.push(Row {
            change,
            both: Score::of(backend, plan, &changed, &changed),
            probe: Score::of(backend, plan, &changed, &originals),
        });
        progress.advance();
    }
    rows
}

#[cfg(test)]
mod tests;
