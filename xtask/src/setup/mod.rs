//! Installs what the project lacks. Every step leaves alone what is already there.

pub mod aarch64;
pub mod bare_metal;
pub mod cargo_fuzz;
pub mod counter;
mod digest;
pub mod libtorch;
pub mod node;
pub mod qemu;
mod report;
pub mod tool;
pub mod valgrind;
mod wheel;

use anyhow::Result;

use bare_metal::Toolchain;

/// All of it, and the compiler for the firmware.
pub fn everything() -> Result<Toolchain> {
    libtorch::ensure()?;
    let toolchain = bare_metal::ensure()?;
    qemu::ensure()?;
    aarch64::ensure()?;
    node::ensure()?;
    valgrind::ensure()?;
    cargo_fuzz::ensure()?;
    Ok(toolchain)
}
