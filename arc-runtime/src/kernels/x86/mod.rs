//! Kernels for x86-64.

mod avx2;
mod avx512;
mod avxvnni;
mod lut;
mod ymm;

pub use avx2::Avx2;
pub use avx512::Avx512Vnni;
pub use avxvnni::AvxVnni;
