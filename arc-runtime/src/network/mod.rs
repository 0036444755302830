//! The network of a comparison, one file for each part, in the order in which they run.
//!
//! [`Comparator`](crate::Comparator) is all that a user needs. The parts are open so that each can be compared
//! alone with its float counterpart, and hidden as they may change in any release. Buffers handed to them have the
//! lengths that [`Dimensions`](crate::Dimensions) gives; with others, what comes out has no meaning, and
//! nothing else is touched.

mod context;
mod controller;
mod decision;
mod gaze;
mod head;
mod lstm;
mod recurrence;
mod score;
mod sensor;
mod stem;
mod ways;

pub use context::{Context, ContextScratch};
pub use controller::Controller;
pub use decision::Decision;
pub use gaze::Gaze;
pub use head::PairHead;
pub use lstm::{Lstm, LstmState};
pub(crate) use recurrence::{Recurrence, Scratch};
pub use recurrence::{Role, Step};
pub use score::Score;
pub use sensor::GlimpseSensor;
pub use stem::{MAX_CONVOLUTIONS, Stem};
pub use ways::WayHead;

use crate::format::body::Body;
use crate::format::{Dimensions, LoadError};
use crate::layers::Matrix;

/// All parts of a model that compute.
#[derive(Debug, Clone)]
pub struct Network<'m> {
    /// The convolutions applied to each image.
    pub stem: Stem<'m>,
    /// How the feature map is sampled.
    pub sensor: GlimpseSensor,
    /// The LSTM and the layer that turns its state into the next gaze.
    pub controller: Controller<'m>,
    /// What the last state is turned into.
    pub decision: Decision<'m>,
}

impl<'m> Network<'m> {
    /// Checks all parts.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a number is outside what the kernels rely on.
    pub fn new(body: &Body<'m>) -> Result<Self, LoadError> {
        let stem = Stem::new(body.image_side, &body.stem)?;
        let sensor = GlimpseSensor::new(&body.glimpse, stem.side(), stem.channels())?;
        let controller = Controller::new(&body.controller, &body.gaze, &sensor)?;
        let decision = Decision::new(&body.decision, controller.hidden())?;
        Ok(Self { stem, sensor, controller, decision })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.stem.matrices(each);
        self.controller.matrices(each);
        self.decision.matrices(each);
    }

    /// The sizes.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions {
            image_side: self.stem.image_side(),
            feature_side: self.stem.side(),
            channels: self.stem.channels(),
            stem_map_bytes: self.stem.map_bytes(),
            stem_macs: self.stem.macs(),
            glimpse_side: self.sensor.side(),
            glimpses_per_image: self.sensor.per_image(),
            hidden: self.controller.hidden(),
            head_hidden: self.decision.pair().map_or(0, PairHead::hidden_units),
            context_units: self.decision.context().map_or(0, Context::units),
            ways: self.decision.ways().map_or(0, WayHead::ways),
        }
    }
}
