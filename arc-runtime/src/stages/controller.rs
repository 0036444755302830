//! The controller: an LSTM, and the layer that places its next glimpse.

use super::{GlimpseSensor, Lstm, Memory, Place};
use crate::arithmetic::activation::TANH;
use crate::kernels::Kernels;
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, equal};

/// A checked LSTM over glimpses and the attention layer over its state.
#[derive(Debug, Clone, Copy)]
pub struct Controller<'m> {
    lstm: Lstm<'m>,
    attention: Matrix<'m>,
}

impl<'m> Controller<'m> {
    /// Checks the LSTM and its attention layer for a sensor's glimpses.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(
        controller: &body::Lstm<'m>,
        attention: &body::Linear<'m>,
        sensor: &GlimpseSensor,
    ) -> Result<Self, LoadError> {
        let lstm = Lstm::new(Part::Controller, controller, sensor.glimpse_len())?;
        let part = Part::Attention;
        equal(part, "the number of inputs", attention.inputs.into(), lstm.hidden() as u32)?;
        equal(part, "the number of outputs", attention.outputs.into(), 3)?;
        Ok(Self { lstm, attention: Matrix::new(part, attention)? })
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.lstm.hidden()
    }

    /// Where the next glimpse is taken: tanh of a linear layer of the state.
    pub fn place(&self, kernels: &impl Kernels, memory: &Memory<'_>) -> Place {
        let mut sums = [0; 3];
        let state = if memory.is_blank() { &[] } else { memory.state() };
        kernels.linear(&self.attention, state, &mut sums);
        let [y, x, d] = sums.map(|sum| TANH.at(sum));
        Place { y, x, d }
    }

    /// One step of the LSTM on the glimpse in `memory`, to its next cell and state.
    ///
    /// `sums` holds the 4 H sums of the gates, Q3.12.
    pub fn step(&self, kernels: &impl Kernels, memory: &mut Memory<'_>, sums: &mut [i16]) {
        self.lstm.step(kernels, memory, sums);
    }
}
