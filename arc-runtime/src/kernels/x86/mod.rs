//! Kernels for x86-64.

mod avx2;
mod avx512;
mod cauchy;
mod lut;

pub use avx2::{Avx2, AvxVnni};
pub use avx512::Avx512Vnni;
