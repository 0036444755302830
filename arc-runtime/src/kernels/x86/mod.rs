//! Kernels for x86-64.

mod avx2;
mod avx512;
mod avxvnni;
mod lut;
mod ymm;

pub use avx2::Avx2;
#[cfg(kernels = "avx2")]
pub use avx2::Avx2 as Native;
pub use avx512::Avx512Vnni;
#[cfg(kernels = "avx512vnni")]
pub use avx512::Avx512Vnni as Native;
pub use avxvnni::AvxVnni;
#[cfg(kernels = "avxvnni")]
pub use avxvnni::AvxVnni as Native;
