//! The nonlinear half of the LSTM, eight units at a time.
//!
//! Portable code that the compiler makes vectors of: eight i16 are one register, eight i32 are two. The table
//! look-ups come first, one by one, then the arithmetic of all eight.

use crate::arithmetic::activation::{Activation, SIGMOID, TANH};
use crate::arithmetic::{round_shift, sat8, sat16};
use crate::slices::lenient::{copy, front_mut, part};

/// Units of a step: as many as a register of 16 bytes holds i16.
const UNITS: usize = 8;

/// An i16 for each of the units.
type Halves = [i16; UNITS];

/// [`Kernels::lstm_cell`](crate::kernels::Kernels::lstm_cell), where the formula is.
///
/// ```text
///                  0        8       16      hidden        2 hidden       3 hidden
/// preactivations   | block 0 | block 1 | ... | forget ...  | candidate ... | output ...
/// ```
///
/// A step takes the same eight units of all four gates.
pub(super) fn lstm_cell(preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    // A unit that has no number in `state` is left as it is.
    let cell = front_mut(cell, state.len().min(hidden));
    let units = cell.chunks_mut(UNITS).zip(state.chunks_mut(UNITS)).enumerate();
    for (block, (cell, state)) in units {
        let gate = |k: usize| halves(part(preactivations, k * hidden + block * UNITS, cell.len()));
        let (next_cell, next_state) = step([0, 1, 2, 3].map(gate), halves(cell));
        copy(cell, &next_cell);
        copy(state, &next_state);
    }
}

/// The first eight numbers, with zeros behind the last unit.
#[inline(always)]
fn halves(numbers: &[i16]) -> Halves {
    match numbers.first_chunk() {
        Some(halves) => *halves,
        None => {
            let mut halves = [0; UNITS];
            copy(&mut halves, numbers);
            halves
        }
    }
}

/// The next cells and states.
#[inline(always)]
fn step([i, f, u, o]: [Halves; 4], cell: Halves) -> (Halves, [i8; UNITS]) {
    let [i, f, o] = [i, f, o].map(|gate| all(&SIGMOID, gate));
    let u = all(&TANH, u);
    let next: Halves = core::array::from_fn(|k| {
        let kept = i32::from(f[k]) * i32::from(cell[k]);
        let added = (i32::from(i[k]) * i32::from(u[k])) >> 4;
        sat16(round_shift(kept + added, 15))
    });
    let squashed = all(&TANH, next.map(|cell| cell.saturating_add(cell)));
    let state =
        core::array::from_fn(|k| sat8(round_shift(i32::from(o[k]) * i32::from(squashed[k]), 23)));
    (next, state)
}

/// An activation function of eight numbers: all table entries first, so that the arithmetic is vectors.
#[inline(always)]
fn all(activation: &Activation, x: Halves) -> Halves {
    let entries = x.map(|x| activation.around(x));
    core::array::from_fn(|k| {
        let [low, high] = entries[k].map(i32::from);
        let between = i32::from(x[k] & 255);
        (low + round_shift((high - low) * between, 8)) as i16
    })
}
