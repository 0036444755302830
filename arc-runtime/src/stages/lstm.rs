//! A long short-term memory: the controller's, and those of the context.

use crate::kernels::Kernels;
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, equal, within};

/// What an LSTM is shown and what it remembers.
#[derive(Debug)]
pub struct Memory<'w> {
    /// Its input `[seen | state]`: a glimpse or an embedding, then H numbers in Q0.7.
    input: &'w mut [i8],
    /// The cell: H numbers in Q4.11.
    pub cell: &'w mut [i16],
    /// Whether cell and state are still all zero, as before the first step.
    blank: bool,
}

impl<'w> Memory<'w> {
    /// A blank memory in two buffers: `input` takes what is seen and H numbers, `cell` H.
    pub fn new(input: &'w mut [i8], cell: &'w mut [i16]) -> Self {
        let mut memory = Self { input, cell, blank: true };
        memory.cell.fill(0);
        memory.state_mut().fill(0);
        memory.blank = true;
        memory
    }

    /// What is seen: the controller's glimpse, or the context's embedding.
    pub fn seen(&self) -> &[i8] {
        &self.input[..self.seen_len()]
    }

    /// Where what is to be seen is written.
    pub fn seen_mut(&mut self) -> &mut [i8] {
        let length = self.seen_len();
        &mut self.input[..length]
    }

    /// The state, Q0.7.
    pub fn state(&self) -> &[i8] {
        &self.input[self.seen_len()..]
    }

    /// The state, to be set together with the cell.
    pub fn state_mut(&mut self) -> &mut [i8] {
        self.blank = false;
        let length = self.seen_len();
        &mut self.input[length..]
    }

    /// Whether cell and state are known to be all zero.
    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    fn seen_len(&self) -> usize {
        self.input.len() - self.cell.len()
    }
}

/// A checked LSTM with gates in the order input, forget, candidate, output.
#[derive(Debug, Clone, Copy)]
pub struct Lstm<'m> {
    hidden: usize,
    gates: Matrix<'m>,
}

impl<'m> Lstm<'m> {
    /// Checks an LSTM that sees `seen` numbers at a time.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a row is out of range.
    pub fn new(part: Part, lstm: &body::Lstm<'m>, seen: usize) -> Result<Self, LoadError> {
        let hidden = within(part, "the number of units", lstm.hidden.into(), 1, 2048)?;
        let (gates, units) = (&lstm.gates, hidden as u32);
        equal(part, "the number of inputs", gates.inputs.into(), seen as u32 + units)?;
        equal(part, "the number of outputs", gates.outputs.into(), 4 * units)?;
        Ok(Self { hidden, gates: Matrix::new(part, gates)? })
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// One step on what `memory` sees, to its next cell and state.
    ///
    /// `sums` holds the 4 H sums of the gates, Q3.12.
    pub fn step(&self, kernels: &impl Kernels, memory: &mut Memory<'_>, sums: &mut [i16]) {
        let sums = &mut sums[..4 * self.hidden];
        let input = if memory.blank { memory.seen() } else { &*memory.input };
        kernels.linear(&self.gates, input, sums);
        let (_, state) = memory.input.split_at_mut(memory.input.len() - self.hidden);
        kernels.lstm_cell(sums, memory.cell, state);
        memory.blank = false;
    }
}
