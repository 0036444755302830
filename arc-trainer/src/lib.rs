//! Trains, exports, evaluates and explains ARC models.

pub mod cli;
pub mod config;
pub mod data;
#[cfg(feature = "torch")]
pub mod train;
