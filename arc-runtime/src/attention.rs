//! The recurrence: look, remember, look elsewhere.

use core::iter::once;
use core::ops::Range;

use crate::kernels::Kernels;
use crate::model::Model;
use crate::parts::copy;
use crate::stages::{PairHead, Place, Score};
use crate::workspace::Scratch;

/// Which of the two images a glimpse is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// The image in question, seen first.
    Probe,
    /// The example it is compared with.
    Support,
}

/// One step of a comparison, as a trace shows it.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step<'a> {
    /// The step's number, from 0.
    pub index: usize,
    /// Which image was looked at.
    pub role: Role,
    /// Where.
    pub place: Place,
    /// What was seen: N x N x C, laid out (row, column, channel).
    pub glimpse: &'a [i8],
    /// The cell after the step, Q4.11.
    pub cell: &'a [i16],
    /// The state after the step, Q0.7.
    pub state: &'a [i8],
}

/// Comparisons under way, in lock-step.
pub(crate) struct Attention<'a, K> {
    model: &'a Model<'a>,
    kernels: &'a K,
    scratch: Scratch<'a>,
}

impl<'a, K: Kernels> Attention<'a, K> {
    /// Begins with the memory in `scratch`.
    pub fn new(model: &'a Model<'a>, kernels: &'a K, scratch: Scratch<'a>) -> Self {
        Self { model, kernels, scratch }
    }

    /// Takes the steps of a range with one pair: the even ones see the probe, the odd ones the
    /// support.
    pub fn look(
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
            let mut seen = Place::default();
            self.look_at(&mut once(features), &mut |place| seen = place);
            let memory = &self.scratch.memory;
            trace(&Step {
                index,
                role,
                place: seen,
                glimpse: memory.seen(0),
                cell: memory.cell(0),
                state: memory.state(0),
            });
        }
    }

    /// Takes one step with as many lanes as there are features to see; `each` is told the places.
    ///
    /// Dynamic, so that a firmware holds it once.
    pub fn look_at<'f>(
        &mut self,
        features: &mut (dyn ExactSizeIterator<Item = &'f [i8]> + '_),
        each: &mut dyn FnMut(Place),
    ) {
        let (sensor, controller) = (self.model.sensor(), self.model.controller());
        let Scratch { memory, sums, glimpse, .. } = &mut self.scratch;
        let lanes = features.len();
        let places = controller.places(self.kernels, memory, lanes, sums);
        for (lane, (place, features)) in places.zip(features).enumerate() {
            sensor.look(self.kernels, place, features, glimpse, memory.seen_mut(lane));
            each(place);
        }
        controller.step(self.kernels, memory, lanes, sums);
    }

    /// Forgets everything: the memory of every lane is blank.
    pub fn forget(&mut self) {
        self.scratch.memory.clear();
    }

    /// A lane's state as it is now, Q0.7.
    pub fn state(&self, lane: usize) -> &[i8] {
        self.scratch.memory.state(lane)
    }

    /// Keeps the memory of the first lane as it is now.
    pub fn keep(&mut self) {
        let Scratch { memory, kept_cell, kept_state, .. } = &mut self.scratch;
        copy(kept_cell, memory.cell(0));
        copy(kept_state, memory.state(0));
    }

    /// Returns a lane to the memory that was kept.
    pub fn recall(&mut self, lane: usize) {
        let Scratch { memory, kept_cell, kept_state, .. } = &mut self.scratch;
        copy(memory.cell_mut(lane), kept_cell);
        copy(memory.state_mut(lane), kept_state);
    }

    /// The score of a lane's memory as it is now.
    pub fn score(&mut self, lane: usize, head: &PairHead<'_>) -> Score {
        let Scratch { memory, sums, .. } = &mut self.scratch;
        head.score(self.kernels, memory.state(lane), sums)
    }
}
