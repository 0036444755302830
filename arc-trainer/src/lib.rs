//! Trains, exports, evaluates and explains ARC models.

pub mod cli;
pub mod config;
pub mod data;
pub mod eval;
pub mod export;
pub mod files;
pub mod float;
pub mod input;
pub mod inspection;
pub mod limits;
pub mod model_file;
pub mod printable;
pub mod progress;
pub mod report;
pub mod run;
pub mod signing;
pub mod stress;
#[cfg(feature = "torch")]
pub mod train;
