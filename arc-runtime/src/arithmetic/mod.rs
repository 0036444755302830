//! The number formats and functions of `ARITHMETIC.md`, one file each.

pub mod activation;
pub mod cauchy;
mod exponential;
mod requantize;

pub use requantize::{RowScale, round_shift, sat8, sat16};
