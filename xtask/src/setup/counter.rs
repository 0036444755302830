//! The plugin that counts instructions in QEMU, compiled where we are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::report::report;
use crate::{paths, process};

/// Compiles `xtask/instruction-counter.c`; where the plugin is.
pub fn ensure() -> Result<PathBuf> {
    if paths::program("cc").is_none() {
        report("counter", "installing gcc");
        process::apt_install(&["gcc", "libc6-dev"])?;
    }
    let source = paths::root().join("xtask/instruction-counter.c");
    let plugin = paths::target()?.join("instruction-counter.so");
    report("counter", format_args!("compiling {}", plugin.display()));
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-Wall", "-shared", "-fPIC", "-o"]).arg(&plugin).arg(&source);
    process::run(&mut cc).context("compiling the instruction counter for QEMU")?;
    Ok(plugin)
}
