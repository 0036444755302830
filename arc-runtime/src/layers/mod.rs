//! What a kernel works on: checked matrices and convolutions, filters, and batches of inputs.
//!
//! Data and shapes, without a network around them and without a way to compute.

mod batch;
mod convolution;
mod filter;
mod glimpse;
mod matrix;
mod packed;

pub use batch::Batch;
pub(crate) use convolution::MAX_SIDE;
pub use convolution::{Convolution, ConvolutionKind};
pub use filter::Filter;
pub use glimpse::GlimpseFilters;
pub use matrix::Matrix;
pub use packed::{BLOCK_ROWS, GROUP_COLUMNS, Line, PARAMETERS, PackError, Packed};
