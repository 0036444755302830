//! WebAssembly.

mod simd128;

pub use simd128::{Simd128, Simd128 as Native};
