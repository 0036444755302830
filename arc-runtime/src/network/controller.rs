//! The controller: an LSTM, and the layer that turns its state into the next gaze.

use crate::arithmetic::activation::TANH;
use crate::format::{LoadError, Part, body, equal};
use crate::kernels::Kernels;
use crate::layers::Matrix;
use crate::network::{Gaze, GlimpseSensor, Lstm, LstmState};
use crate::slices::front_mut;

/// A checked LSTM over glimpses and the gaze layer over its state.
#[derive(Debug, Clone, Copy)]
pub struct Controller<'m> {
    lstm: Lstm<'m>,
    gaze: Matrix<'m>,
}

impl<'m> Controller<'m> {
    /// Checks the LSTM and its gaze layer for a sensor's glimpses.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(
        controller: &body::Lstm<'m>,
        gaze: &body::Linear<'m>,
        sensor: &GlimpseSensor,
    ) -> Result<Self, LoadError> {
        let lstm = Lstm::new(Part::Controller, controller, sensor.glimpse_len())?;
        let part = Part::Gaze;
        equal(part, "the number of inputs", gaze.inputs.into(), lstm.hidden() as u32)?;
        equal(part, "the number of outputs", gaze.outputs.into(), 3)?;
        Ok(Self { lstm, gaze: Matrix::new(part, gaze)? })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.lstm.matrices(each);
        each(&mut self.gaze);
    }

    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.lstm.hidden()
    }

    /// The next gaze of each of the first pairs: tanh of a linear layer of the state.
    /// `preactivations` holds 3 numbers of each pair.
    pub fn gazes<'p, K: Kernels>(
        &self,
        kernels: &K,
        lstm: &LstmState<'_>,
        batch: usize,
        preactivations: &'p mut [i16],
    ) -> impl Iterator<Item = Gaze> + use<'p, K> {
        let preactivations = front_mut(preactivations, 3 * batch);
        kernels.linear(&self.gaze, lstm.states(batch), preactivations);
        let (preactivations, _) = preactivations.as_chunks::<3>();
        preactivations.iter().map(|preactivations| {
            let [y, x, d] = preactivations.map(|preactivation| TANH.at(preactivation));
            Gaze { y, x, d }
        })
    }

    /// One step of the first pairs of a batch on their glimpses, to their next cells and states.
    ///
    /// `preactivations` holds those of the 4 H gate units, Q3.12, of each pair.
    pub fn step(
        &self,
        kernels: &impl Kernels,
        lstm: &mut LstmState<'_>,
        batch: usize,
        preactivations: &mut [i16],
    ) {
        self.lstm.step(kernels, lstm, batch, preactivations);
    }
}
