//! Training, on libtorch: the network, the batches, the optimizer and the loop around them.

mod adamw;
mod augment;
mod average;
mod batch;
mod canvas;
pub mod checkpoint;
mod display;
mod drawings;
mod loss;
pub mod network;
mod parameters;
mod rounding;
mod schedule;
mod trainer;
mod validate;

pub use network::Network;
pub use parameters::Parameters;
pub use trainer::{Outcome, Trainer};
