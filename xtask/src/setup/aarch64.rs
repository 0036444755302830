//! Programs for Linux on Arm are linked by a GCC for it and run by QEMU.

use anyhow::Result;

use super::report::report;
use crate::{paths, process};

/// Makes sure that they can be.
pub fn ensure() -> Result<()> {
    let programs = ["qemu-aarch64", "aarch64-linux-gnu-gcc"];
    if programs.iter().all(|program| paths::program(program).is_some()) {
        report("aarch64", format_args!("{} are there", programs.join(", ")));
        return Ok(());
    }
    report("aarch64", "installing QEMU and GCC for Linux on Arm");
    process::apt_install(&["qemu-user", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"])
}
