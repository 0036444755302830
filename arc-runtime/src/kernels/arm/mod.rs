//! Cortex-M, each instruction set in a file or folder of its own over shared loops.

#[cfg(any(kernels = "armv7m", kernels = "armv7em"))]
mod batch;
#[cfg(any(kernels = "armv6m", kernels = "helium"))]
mod pixels;
mod rows;
mod taps;

#[cfg(kernels = "armv6m")]
mod armv6m;
#[cfg(kernels = "armv7em")]
mod armv7em;
#[cfg(kernels = "armv7m")]
mod armv7m;
#[cfg(kernels = "helium")]
mod helium;

#[cfg(kernels = "armv6m")]
pub use armv6m::Armv6m as Native;
#[cfg(kernels = "armv7em")]
pub use armv7em::Armv7em as Native;
#[cfg(kernels = "armv7m")]
pub use armv7m::Armv7m as Native;
#[cfg(kernels = "helium")]
pub use helium::Helium as Native;
