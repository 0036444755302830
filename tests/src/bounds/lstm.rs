//! A step of an LSTM.

use arc_trainer::export::units::{CELL, PREACTIVATION, STATE};
use arc_trainer::float::{self, Lstm};

use super::{Activation, LayerBound, SIGMOID, TANH};
use crate::Errors;

/// An LSTM in the reals, and the bounds of its gates.
#[derive(Debug, Clone)]
pub struct LstmBound<'a> {
    float: &'a Lstm,
    gates: LayerBound,
    /// Real value of one step of what it sees.
    seen_unit: f64,
}

/// What an integer LSTM holds after a step.
#[derive(Debug, Clone, Copy)]
pub struct LstmState<'a> {
    /// The cell, Q4.11.
    pub cell: &'a [i16],
    /// The state, Q0.7.
    pub state: &'a [i8],
}

impl<'a> LstmBound<'a> {
    /// Bounds for `float`, quantized with the row scales of a model file, that sees integers of
    /// `seen_unit`.
    pub fn new(float: &'a Lstm, scales: &[u8], seen_unit: f64) -> Self {
        Self { float, gates: LayerBound::new(&float.gates, scales, PREACTIVATION), seen_unit }
    }

    /// Holds cell and state after a step against those that the float form goes to from the same
    /// input and memory.
    pub fn step(
        &self,
        seen: &[i8],
        before: LstmState<'_>,
        after: LstmState<'_>,
        cells: &mut Errors,
        states: &mut Errors,
    ) {
        let state = float::LstmState {
            h: before.state.iter().map(|&h| (f64::from(h) * STATE) as f32).collect(),
            c: before.cell.iter().map(|&c| (f64::from(c) * CELL) as f32).collect(),
        };
        let real: Vec<f32> = seen.iter().map(|&s| (f64::from(s) * self.seen_unit) as f32).collect();
        let expected = self.float.step(&real, &state);

        let input = [&real[..], &state.h].concat();
        let sums = self.float.gates.apply(&input);
        let integers = seen.iter().chain(before.state).map(|&value| value.into());
        let bounds = self.gates.rows(integers, &input);
        for unit in 0..state.c.len() {
            // The value of a gate and its bound.
            let gate = |number: usize, function: Activation| {
                let row = number * state.c.len() + unit;
                let sum = sums[row].into();
                ((function.at)(sum), function.bound(sum, bounds[row]))
            };
            let [(i, i_off), (_, f_off)] = [gate(0, SIGMOID), gate(1, SIGMOID)];
            let [(u, u_off), (o, o_off)] = [gate(2, TANH), gate(3, SIGMOID)];

            // f c + i u: i u is truncated to Q26, the sum rounded to Q4.11.
            let product = i * u_off + u.abs() * i_off + i_off * u_off;
            let kept = f64::from(state.c[unit]).abs() * f_off;
            let cell_off = kept + product + 2f64.powi(-26) + CELL / 2.0;
            let cell = f64::from(expected.c[unit]);
            cells.add(f64::from(after.cell[unit]) * CELL, cell, cell_off);

            // o tanh(c'), rounded to Q0.7.
            let (t, t_off) = (cell.tanh().abs(), TANH.bound(cell, cell_off));
            let bound = o * t_off + t * o_off + o_off * t_off + STATE / 2.0;
            let value = f64::from(after.state[unit]) * STATE;
            let most = 127.0 * STATE;
            states.add(value, f64::from(expected.h[unit]).clamp(-most, most), bound);
        }
    }
}
