//! What an evaluation asks.

use std::collections::HashMap;

use crate::data::Drawing;

/// Images and the comparisons of them.
#[derive(Debug, Default)]
pub struct Plan<'d> {
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Supports that a probe is compared with.
    pub way: usize,
    /// Draws of classes that the trials come from.
    pub episodes: usize,
    /// The comparisons.
    pub trials: Vec<Trial>,
    images: Vec<&'d Drawing>,
    places: HashMap<*const Drawing, usize>,
}

/// One probe against its supports; numbers are places in [`Plan::images`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The image in question.
    pub probe: usize,
    /// What it is compared with.
    pub supports: Vec<usize>,
    /// The truth.
    pub answer: Answer,
}

/// The truth about a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The place among the supports of the one of the probe's class.
    Support(usize),
    /// Whether the only support is of the probe's class.
    Same(bool),
    /// The place among the supports of the one of the probe's class, or `None` of them: the
    /// model may say so too.
    Open(Option<usize>),
}

impl<'d> Plan<'d> {
    /// A plan without trials yet.
    pub fn new(protocol: &'static str, way: usize, episodes: usize) -> Self {
        Self { protocol, way, episodes, ..Self::default() }
    }

    /// The images that the trials name, each once.
    pub fn images(&self) -> &[&'d Drawing] {
        &self.images
    }

    /// The place of a drawing in [`images`](Self::images).
    pub fn place(&mut self, drawing: &'d Drawing) -> usize {
        *self.places.entry(drawing).or_insert_with(|| {
            self.images.push(drawing);
            self.images.len() - 1
        })
    }

    /// Adds the trials of an episode: each probe, with the place of its answer, against all of
    /// the supports.
    pub fn ask(
        &mut self,
        supports: impl IntoIterator<Item = &'d Drawing>,
        probes: impl IntoIterator<Item = (usize, &'d Drawing)>,
    ) {
        let supports: Vec<usize> = supports.into_iter().map(|s| self.place(s)).collect();
        for (answer, probe) in probes {
            let (probe, supports) = (self.place(probe), supports.clone());
            self.trials.push(Trial { probe, supports, answer: Answer::Support(answer) });
        }
    }
}
