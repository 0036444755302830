//! The nonlinear half of an LSTM, eight units at a time.

use crate::arithmetic::activation::{Activation, SIGMOID, TANH};
use crate::arithmetic::{round_shift, sat8, sat16};
use crate::parts::{copy, front_mut, part};

/// Units that go together: as many as a register holds sums.
const UNITS: usize = 8;

/// An i16 for each of some units.
type Halves = [i16; UNITS];

/// [`Kernels::lstm_cell`](crate::kernels::Kernels::lstm_cell).
pub(super) fn lstm_cell(sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    // Only units that have a state take a step.
    let cell = front_mut(cell, state.len().min(hidden));
    let units = cell.chunks_mut(UNITS).zip(state.chunks_mut(UNITS)).enumerate();
    for (block, (cell, state)) in units {
        let gate = |k: usize| halves(part(sums, k * hidden + block * UNITS, cell.len()));
        let (next, shown) = step([0, 1, 2, 3].map(gate), halves(cell));
        copy(cell, &next);
        copy(state, &shown);
    }
}

/// Some numbers, and zeros for units that are not there.
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
    let [i, f, o] = [i, f, o].map(|sums| all(&SIGMOID, sums));
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

/// An activation function of several numbers: all table entries first, then all arithmetic.
#[inline(always)]
fn all(activation: &Activation, x: Halves) -> Halves {
    let entries = x.map(|x| activation.around(x));
    core::array::from_fn(|k| {
        let [low, high] = entries[k].map(i32::from);
        let between = i32::from(x[k] & 255);
        (low + round_shift((high - low) * between, 8)) as i16
    })
}
