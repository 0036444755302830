//! The LSTM, and the layer that places its next glimpse.

use super::{GlimpseSensor, Place};
use crate::arithmetic::activation::TANH;
use crate::kernels::Kernels;
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, equal, within};

/// What the controller sees and remembers.
#[derive(Debug)]
pub struct Memory<'w> {
    /// Its input `[glimpse | state]`: N * N * C numbers, then H in Q0.7.
    input: &'w mut [i8],
    /// The cell: H numbers in Q4.11.
    pub cell: &'w mut [i16],
    /// Whether cell and state are still all zero, as before the first step.
    blank: bool,
}

impl<'w> Memory<'w> {
    /// A blank memory in two buffers: `input` takes N * N * C + H numbers, `cell` H.
    pub fn new(input: &'w mut [i8], cell: &'w mut [i16]) -> Self {
        let mut memory = Self { input, cell, blank: true };
        memory.cell.fill(0);
        memory.state_mut().fill(0);
        memory.blank = true;
        memory
    }

    /// What the sensor has seen.
    pub fn glimpse(&self) -> &[i8] {
        &self.input[..self.glimpse_len()]
    }

    /// Where the sensor writes what it sees.
    pub fn glimpse_mut(&mut self) -> &mut [i8] {
        let length = self.glimpse_len();
        &mut self.input[..length]
    }

    /// The state, Q0.7.
    pub fn state(&self) -> &[i8] {
        &self.input[self.glimpse_len()..]
    }

    /// The state, to be set together with the cell.
    pub fn state_mut(&mut self) -> &mut [i8] {
        self.blank = false;
        let length = self.glimpse_len();
        &mut self.input[length..]
    }

    fn glimpse_len(&self) -> usize {
        self.input.len() - self.cell.len()
    }
}

/// A checked LSTM with gates in the order input, forget, candidate, output.
#[derive(Debug, Clone, Copy)]
pub struct Controller<'m> {
    hidden: usize,
    gates: Matrix<'m>,
    attention: Matrix<'m>,
}

impl<'m> Controller<'m> {
    /// Checks the LSTM and its attention layer for a sensor's glimpses.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(
        controller: &body::Controller<'m>,
        attention: &body::Linear<'m>,
        sensor: &GlimpseSensor,
    ) -> Result<Self, LoadError> {
        let (hidden, glimpse_len) = (u32::from(controller.hidden), sensor.glimpse_len());
        within(Part::Controller, "the number of units", hidden, 1, 2048)?;
        let (part, gates) = (Part::Controller, &controller.gates);
        let inputs = glimpse_len as u32 + hidden;
        equal(part, "the number of inputs", gates.inputs.into(), inputs)?;
        equal(part, "the number of outputs", gates.outputs.into(), 4 * hidden)?;
        let part = Part::Attention;
        equal(part, "the number of inputs", attention.inputs.into(), hidden)?;
        equal(part, "the number of outputs", attention.outputs.into(), 3)?;
        Ok(Self {
            hidden: hidden as usize,
            gates: Matrix::new(Part::Controller, gates)?,
            attention: Matrix::new(Part::Attention, attention)?,
        })
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Where the next glimpse is taken: tanh of a linear layer of the state.
    pub fn place(&self, kernels: &impl Kernels, memory: &Memory<'_>) -> Place {
        let mut sums = [0; 3];
        let state = if memory.blank { &[] } else { memory.state() };
        kernels.linear(&self.attention, state, &mut sums);
        let [y, x, d] = sums.map(|sum| TANH.at(sum));
        Place { y, x, d }
    }

    /// One step of the LSTM on the glimpse in `memory`, to its next cell and state.
    ///
    /// `sums` holds the 4 H sums of the gates, Q3.12.
    pub fn step(&self, kernels: &impl Kernels, memory: &mut Memory<'_>, sums: &mut [i16]) {
        let sums = &mut sums[..4 * self.hidden];
        let input = if memory.blank { memory.glimpse() } else { &*memory.input };
        kernels.linear(&self.gates, input, sums);
        let (_, state) = memory.input.split_at_mut(memory.input.len() - self.hidden);
        kernels.lstm_cell(sums, memory.cell, state);
        memory.blank = false;
    }
}
