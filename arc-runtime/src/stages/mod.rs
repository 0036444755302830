//! The stages of a comparison, one file each, in the order in which they run.
//!
//! [`Comparator`](crate::Comparator) is all that a user needs. The stages are open so that each can be compared
//! alone with its float counterpart, and hidden as they may change in any release. Buffers handed to them have the
//! lengths that [`Dimensions`](crate::Dimensions) gives; with others, what comes out has no meaning, and
//! nothing else is touched.

mod context;
mod controller;
mod convolution;
mod decision;
mod glimpse;
mod head;
mod lstm;
mod stem;
mod ways;

pub use context::{Context, ContextScratch};
pub use controller::Controller;
pub use convolution::{Convolution, Kind};
pub use decision::Decision;
pub use glimpse::{GlimpseSensor, MAX_GLIMPSE_SIDE, Place};
pub use head::{PairHead, Score};
pub use lstm::{Lstm, Memory};
pub use stem::{MAX_CONVOLUTIONS, Stem};
pub use ways::WayHead;
