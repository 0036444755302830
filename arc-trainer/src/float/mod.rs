//! The float reference: the network as the equations have it, in plain f32.
//!
//! No libtorch, batch norm folded into the convolutions, transcendental functions from
//! `libm` and one fixed order of summation, so that a model gives the same answer on every
//! host. Export calibrates and quantizes it, and the integer runtime is measured against it.

mod checkpoint;
mod context;
mod conv;
mod decision;
mod file;
mod gaze;
mod head;
mod linear;
mod lstm;
mod model;
mod provenance;
mod stem;
mod version1;

pub use checkpoint::{BATCH_NORM_EPSILON, Run};
pub use context::Context;
pub use conv::{Conv, FeatureMap};
pub use decision::{Decision, Rating};
pub use file::FloatFile;
pub use gaze::{Gaze, filter_bank, glimpse};
pub use head::{PairHead, probability};
pub use linear::Linear;
pub use lstm::{Lstm, LstmState};
pub use model::{FloatModel, Glimpse, Step};
pub use provenance::Provenance;
pub use stem::{Layer, Residual};
