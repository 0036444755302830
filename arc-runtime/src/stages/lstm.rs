//! A long short-term memory: the controller's, and those of the context.

use crate::kernels::{Kernels, Lanes};
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, equal, within};
use crate::parts::{behind, behind_mut, front, front_mut, part, part_mut, split_mut};

/// What an LSTM is shown and what it remembers, in one lane or in several side by side.
#[derive(Debug)]
pub struct Memory<'w> {
    /// The input `[seen | state]` of each lane: a glimpse or an embedding, then H numbers in Q0.7.
    input: &'w mut [i8],
    /// The cell of each lane: H numbers in Q4.11.
    cell: &'w mut [i16],
    hidden: usize,
    /// Numbers of a lane's input.
    stride: usize,
    /// Whether all cells and states are still zero, as before the first step.
    blank: bool,
}

impl<'w> Memory<'w> {
    /// A blank memory of `hidden` units in two buffers: for each lane, `input` takes what is seen
    /// and H numbers, `cell` H.
    pub fn new(hidden: usize, input: &'w mut [i8], cell: &'w mut [i16]) -> Self {
        let lanes = cell.len().checked_div(hidden).unwrap_or(0);
        let stride = input.len().checked_div(lanes).unwrap_or(0);
        let mut memory = Self { input, cell, hidden, stride, blank: false };
        memory.clear();
        memory
    }

    /// Makes it blank again.
    pub fn clear(&mut self) {
        self.cell.fill(0);
        let seen = self.seen_len();
        for input in self.input.chunks_exact_mut(self.stride.max(1)) {
            behind_mut(input, seen).fill(0);
        }
        self.blank = true;
    }

    /// What a lane sees: the controller's glimpse, or the context's embedding.
    pub fn seen(&self, lane: usize) -> &[i8] {
        front(self.lane(lane), self.seen_len())
    }

    /// Where what a lane is to see is written.
    pub fn seen_mut(&mut self, lane: usize) -> &mut [i8] {
        let seen = self.seen_len();
        front_mut(self.lane_mut(lane), seen)
    }

    /// A lane's state, Q0.7.
    pub fn state(&self, lane: usize) -> &[i8] {
        behind(self.lane(lane), self.seen_len())
    }

    /// A lane's state, to be set together with its cell.
    pub fn state_mut(&mut self, lane: usize) -> &mut [i8] {
        self.blank = false;
        let seen = self.seen_len();
        behind_mut(self.lane_mut(lane), seen)
    }

    /// A lane's cell, Q4.11.
    pub fn cell(&self, lane: usize) -> &[i16] {
        part(self.cell, lane * self.hidden, self.hidden)
    }

    /// A lane's cell, to be set together with its state.
    pub fn cell_mut(&mut self, lane: usize) -> &mut [i16] {
        self.blank = false;
        part_mut(self.cell, lane * self.hidden, self.hidden)
    }

    /// The states of the first lanes; of no length while they are known to be zero.
    pub(super) fn states(&self, lanes: usize) -> Lanes<'_> {
        let states = behind(front(self.input, lanes * self.stride), self.seen_len());
        Lanes::new(states, self.stride, if self.blank { 0 } else { self.hidden })
    }

    /// The inputs of the first lanes, without the states while they are known to be zero.
    fn inputs(&self, lanes: usize) -> Lanes<'_> {
        let len = if self.blank { self.seen_len() } else { self.stride };
        Lanes::new(front(self.input, lanes * self.stride), self.stride, len)
    }

    fn seen_len(&self) -> usize {
        self.stride.saturating_sub(self.hidden)
    }

    fn lane(&self, lane: usize) -> &[i8] {
        part(self.input, lane * self.stride, self.stride)
    }

    fn lane_mut(&mut self, lane: usize) -> &mut [i8] {
        part_mut(self.input, lane * self.stride, self.stride)
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

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        each(&mut self.gates);
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// One step of the first lanes on what each of them sees, to their next cells and states.
    ///
    /// `sums` holds the 4 H sums of the gates, Q3.12, of each lane.
    pub fn step(
        &self,
        kernels: &impl Kernels,
        memory: &mut Memory<'_>,
        lanes: usize,
        sums: &mut [i16],
    ) {
        let sums = front_mut(sums, 4 * self.hidden * lanes);
        kernels.linear(&self.gates, memory.inputs(lanes), sums);
        let Memory { input, cell, hidden, stride, blank } = memory;
        let (stride, hidden) = (*stride, (*hidden).max(1));
        let inputs = input.chunks_exact_mut(stride.max(1)).zip(cell.chunks_exact_mut(hidden));
        for ((input, cell), sums) in inputs.zip(sums.chunks_exact((4 * hidden).max(1))) {
            let (_, state) = split_mut(input, stride.saturating_sub(hidden));
            kernels.lstm_cell(sums, cell, state);
        }
        *blank = false;
    }
}
