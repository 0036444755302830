//! The recurrence over glimpses: gaze, glimpse, LSTM step, and again.

use core::iter::once;
use core::ops::Range;

use super::{Gaze, LstmState, Network, PairHead, Score};
use crate::kernels::Kernels;
use crate::slices::copy;

/// Which of the two images a glimpse is taken of.
///
/// ```
/// use arc_runtime::Role;
/// # use arc_runtime::{Comparator, Image, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// # let pixels = [0; 13 * 13];
/// # let image = Image::new(13, &pixels)?;
/// let mut roles = Vec::new();
/// comparator.compare_traced(&image, &image, |step| roles.push(step.role))?;
/// assert_eq!(roles[..3], [Role::Probe, Role::Support, Role::Probe]);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// The image in question, seen first.
    Probe,
    /// The example it is compared with.
    Support,
}

/// One step of a comparison, as a trace shows it.
///
/// ```
/// use arc_runtime::Step;
/// # use arc_runtime::{Comparator, Image, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// # let pixels = [0; 13 * 13];
/// # let image = Image::new(13, &pixels)?;
/// let mut steps = 0;
/// let score = comparator.compare_traced(&image, &image, |step: &Step<'_>| {
///     println!("{}: {:?} at {:?}", step.index, step.role, step.gaze);
///     steps += 1;
/// })?;
/// assert_eq!(steps, 2 * model.dimensions().glimpses_per_image);
/// assert_eq!(score, comparator.compare(&image, &image)?);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step<'a> {
    /// The step's number, from 0.
    pub index: usize,
    /// Which image the glimpse was taken of.
    pub role: Role,
    /// Where in it.
    pub gaze: Gaze,
    /// The glimpse: N x N x C, laid out (row, column, channel).
    pub glimpse: &'a [i8],
    /// The cell after the step, Q4.11.
    pub cell: &'a [i16],
    /// The state after the step, Q0.7.
    pub state: &'a [i8],
}

/// The buffers of a recurrence over a batch of pairs.
pub(crate) struct Scratch<'w> {
    pub lstm: LstmState<'w>,
    /// Cell and state after the first step, which all pairs of one probe share; empty for one pair.
    pub saved_cell: &'w mut [i16],
    pub saved_state: &'w mut [i8],
    /// The pre-activations of each pair's gates; then the head's hidden units.
    pub preactivations: &'w mut [i16],
    pub glimpse: &'w mut [i8],
}

/// A batch of comparisons under way.
pub(crate) struct Recurrence<'a, K> {
    network: &'a Network<'a>,
    kernels: &'a K,
    scratch: Scratch<'a>,
}

impl<'a, K: Kernels> Recurrence<'a, K> {
    /// Begins with the state in `scratch`.
    pub fn new(network: &'a Network<'a>, kernels: &'a K, scratch: Scratch<'a>) -> Self {
        Self { network, kernels, scratch }
    }

    /// Takes the steps of a range with one pair: the even ones see the probe, the odd ones the
    /// support.
    pub fn run(
        &mut self,
        steps: Range<usize>,
        probe: &[i8],
        support: &[i8],
        mut trace: impl FnMut(&Step<'_>),
    ) {
        for index in steps {
            let (role, features) = match index % 2 {
                0 => (Role::Probe, probe),
                _ => (Role::Support, support),
            };
            let mut gaze = Gaze::default();
            self.step(&mut once(features), &mut |next| gaze = next);
            let lstm = &self.scratch.lstm;
            trace(&Step {
                index,
                role,
                gaze,
                glimpse: lstm.input(0),
                cell: lstm.cell(0),
                state: lstm.state(0),
            });
        }
    }

    /// Takes one step with as many pairs as there are features; `each` is told the gazes.
    ///
    /// Dynamic, so that a firmware holds it once.
    pub fn step<'f>(
        &mut self,
        features: &mut (dyn ExactSizeIterator<Item = &'f [i8]> + '_),
        each: &mut dyn FnMut(Gaze),
    ) {
        let Network { sensor, controller, .. } = self.network;
        let Scratch { lstm, preactivations, glimpse, .. } = &mut self.scratch;
        let batch = features.len();
        let gazes = controller.gazes(self.kernels, lstm, batch, preactivations);
        for (pair, (gaze, features)) in gazes.zip(features).enumerate() {
            sensor.glimpse(self.kernels, gaze, features, glimpse, lstm.input_mut(pair));
            each(gaze);
        }
        controller.step(self.kernels, lstm, batch, preactivations);
    }

    /// Sets the state of every pair to zero, as before the first step.
    pub fn reset(&mut self) {
        self.scratch.lstm.reset();
    }

    /// A pair's state as it is now, Q0.7.
    pub fn state(&self, pair: usize) -> &[i8] {
        self.scratch.lstm.state(pair)
    }

    /// Saves the cell and state of the first pair.
    pub fn save(&mut self) {
        let Scratch { lstm, saved_cell, saved_state, .. } = &mut self.scratch;
        copy(saved_cell, lstm.cell(0));
        copy(saved_state, lstm.state(0));
    }

    /// Sets a pair's cell and state to those that were saved.
    pub fn restore(&mut self, pair: usize) {
        let Scratch { lstm, saved_cell, saved_state, .. } = &mut self.scratch;
        copy(lstm.cell_mut(pair), saved_cell);
        copy(lstm.state_mut(pair), saved_state);
    }

    /// The score of a pair's state as it is now.
    pub fn score(&mut self, pair: usize, head: &PairHead<'_>) -> Score {
        let Scratch { lstm, preactivations, .. } = &mut self.scratch;
        head.score(self.kernels, lstm.state(pair), preactivations)
    }
}
