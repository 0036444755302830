//! How far the integers of a stage may be from the real numbers they stand for, derived from the
//! quantization steps that `arc-runtime/ARITHMETIC.md` names.

mod activation;
mod filter;
mod layer;
mod lstm;

pub use activation::{Activation, SIGMOID, TANH};
pub use filter::filter_row;
pub use layer::LayerBound;
pub use lstm::{LstmBound, LstmState};
