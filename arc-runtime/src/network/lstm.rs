//! A long short-term memory: the controller's, and those of the context.

use crate::format::{LoadError, Part, body, equal, within};
use crate::kernels::Kernels;
use crate::layers::{Batch, Matrix};
use crate::slices::{behind, behind_mut, front, front_mut, part, part_mut, split_mut};

/// Input, state and cell of an LSTM, for one pair or for a batch of them.
#[derive(Debug)]
pub struct LstmState<'w> {
    /// `[input | state]` of each pair: a glimpse or an embedding, then H numbers in Q0.7.
    concatenated: &'w mut [i8],
    /// The cell of each pair: H numbers in Q4.11.
    cell: &'w mut [i16],
    hidden: usize,
    /// Numbers of one pair's `[input | state]`.
    stride: usize,
    /// Whether all cells and states are still zero, as before the first step.
    zero: bool,
}

impl<'w> LstmState<'w> {
    /// Zero cells and states of `hidden` units in two buffers: for each pair, `concatenated` takes the input and H
    /// numbers, `cell` H.
    pub fn new(hidden: usize, concatenated: &'w mut [i8], cell: &'w mut [i16]) -> Self {
        let batch = cell.len().checked_div(hidden).unwrap_or(0);
        let stride = concatenated.len().checked_div(batch).unwrap_or(0);
        let mut lstm = Self { concatenated, cell, hidden, stride, zero: false };
        lstm.reset();
        lstm
    }

    /// Sets all cells and states to zero.
    pub fn reset(&mut self) {
        self.cell.fill(0);
        let input = self.input_len();
        for both in self.concatenated.chunks_exact_mut(self.stride.max(1)) {
            behind_mut(both, input).fill(0);
        }
        self.zero = true;
    }

    /// A pair's input: the controller's glimpse, or the context's embedding.
    pub fn input(&self, pair: usize) -> &[i8] {
        front(self.both(pair), self.input_len())
    }

    /// Where a pair's input is written.
    pub fn input_mut(&mut self, pair: usize) -> &mut [i8] {
        let input = self.input_len();
        front_mut(self.both_mut(pair), input)
    }

    /// A pair's state, Q0.7.
    pub fn state(&self, pair: usize) -> &[i8] {
        behind(self.both(pair), self.input_len())
    }

    /// A pair's state, to be set together with its cell.
    pub fn state_mut(&mut self, pair: usize) -> &mut [i8] {
        self.zero = false;
        let input = self.input_len();
        behind_mut(self.both_mut(pair), input)
    }

    /// A pair's cell, Q4.11.
    pub fn cell(&self, pair: usize) -> &[i16] {
        part(self.cell, pair * self.hidden, self.hidden)
    }

    /// A pair's cell, to be set together with its state.
    pub fn cell_mut(&mut self, pair: usize) -> &mut [i16] {
        self.zero = false;
        part_mut(self.cell, pair * self.hidden, self.hidden)
    }

    /// The states of the first pairs; of no length while they are known to be zero.
    pub(super) fn states(&self, batch: usize) -> Batch<'_> {
        let states = behind(front(self.concatenated, batch * self.stride), self.input_len());
        Batch::new(states, self.stride, if self.zero { 0 } else { self.hidden })
    }

    /// `[input | state]` of the first pairs, without the states while they are known to be zero.
    fn concatenated(&self, batch: usize) -> Batch<'_> {
        let len = if self.zero { self.input_len() } else { self.stride };
        Batch::new(front(self.concatenated, batch * self.stride), self.stride, len)
    }

    fn input_len(&self) -> usize {
        self.stride.saturating_sub(self.hidden)
    }

    fn both(&self, pair: usize) -> &[i8] {
        part(self.concatenated, pair * self.stride, self.stride)
    }

    fn both_mut(&mut self, pair: usize) -> &mut [i8] {
        part_mut(self.concatenated, pair * self.stride, self.stride)
    }
}

/// A checked LSTM with gates in the order input, forget, candidate, output.
#[derive(Debug, Clone, Copy)]
pub struct Lstm<'m> {
    hidden: usize,
    gates: Matrix<'m>,
}

impl<'m> Lstm<'m> {
    /// Checks an LSTM whose input is `input` numbers long.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a row is out of range.
    pub fn new(part: Part, lstm: &body::Lstm<'m>, input: usize) -> Result<Self, LoadError> {
        let hidden = within(part, "the number of units", lstm.hidden.into(), 1, 2048)?;
        let (gates, units) = (&lstm.gates, hidden as u32);
        equal(part, "the number of inputs", gates.inputs.into(), input as u32 + units)?;
        equal(part, "the number of outputs", gates.outputs.into(), 4 * units)?;
        Ok(Self { hidden, gates: Matrix::new(part, gates)? })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        each(&mut self.gates);
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// One step of the first pairs of a batch from their inputs to their next cells and states.
    ///
    /// `preactivations` holds those of the 4 H gate units, Q3.12, of each pair.
    pub fn step(
        &self,
        kernels: &impl Kernels,
        lstm: &mut LstmState<'_>,
        batch: usize,
        preactivations: &mut [i16],
    ) {
        let preactivations = front_mut(preactivations, 4 * self.hidden * batch);
        kernels.linear(&self.gates, lstm.concatenated(batch), preactivations);
        let LstmState { concatenated, cell, hidden, stride, zero } = lstm;
        let (stride, hidden) = (*stride, (*hidden).max(1));
        let pairs = concatenated.chunks_exact_mut(stride.max(1)).zip(cell.chunks_exact_mut(hidden));
        let gates = preactivations.chunks_exact((4 * hidden).max(1));
        for ((both, cell), gates) in pairs.zip(gates) {
            let (_, state) = split_mut(both, stride.saturating_sub(hidden));
            kernels.lstm_cell(gates, cell, state);
        }
        *zero = false;
    }
}
