//! Portable code for several architectures with vectors.

#[cfg(any(target_arch = "aarch64", kernels = "simd128"))]
pub(super) mod tile;
pub(super) mod windows;
