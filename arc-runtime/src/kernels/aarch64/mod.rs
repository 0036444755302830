//! Armv8-A.

mod neon;

pub use neon::Neon;
#[cfg(kernels = "neon")]
pub use neon::Neon as Native;
