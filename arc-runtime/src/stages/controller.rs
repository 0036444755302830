//! The controller: an LSTM, and the layer that places its next glimpse.

use super::{GlimpseSensor, Lstm, Memory, Place};
use crate::arithmetic::activation::TANH;
use crate::kernels::Kernels;
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, equal};
use crate::parts::front_mut;

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

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.lstm.matrices(each);
        each(&mut self.attention);
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.lstm.hidden()
    }

    /// Where the next glimpse of each of the first lanes is taken: tanh of a linear layer of the
    /// state. `sums` holds 3 numbers of each lane.
    pub fn places<'s, K: Kernels>(
        &self,
        kernels: &K,
        memory: &Memory<'_>,
        lanes: usize,
        sums: &'s mut [i16],
    ) -> impl Iterator<Item = Place> + use<'s, K> {
        let sums = front_mut(sums, 3 * lanes);
        kernels.linear(&self.attention, memory.states(lanes), sums);
        let (sums, _) = sums.as_chunks::<3>();
        sums.iter().map(|sums| {
            let [y, x, d] = sums.map(|sum| TANH.at(sum));
            Place { y, x, d }
        })
    }

    /// One step of the first lanes of the LSTM on the glimpses in `memory`, to their next cells
    /// and states.
    ///
    /// `sums` holds the 4 H sums of the gates, Q3.12, of each lane.
    pub fn step(
        &self,
        kernels: &impl Kernels,
        memory: &mut Memory<'_>,
        lanes: usize,
        sums: &mut [i16],
    ) {
        self.lstm.step(kernels, memory, lanes, sums);
    }
}
