//! Valgrind's Callgrind counts the instructions of a host's kernels.

use anyhow::Result;

use super::report::report;
use crate::{paths, process};

/// Whether the instructions of this machine's kernels can be counted.
pub const COUNTED: bool = cfg!(all(target_arch = "x86_64", target_os = "linux"));

/// Makes sure that instructions can be counted.
pub fn ensure() -> Result<()> {
    if !COUNTED {
        report("valgrind", "not needed: what it counts are the instructions of x86-64");
        return Ok(());
    }
    if paths::program("valgrind").is_some() {
        report("valgrind", "valgrind is there");
        return Ok(());
    }
    report("valgrind", "installing valgrind");
    process::apt_install(&["valgrind"])
}
