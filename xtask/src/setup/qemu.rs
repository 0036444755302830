//! QEMU runs the firmware, and defmt-print decodes its log.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use super::report;
use crate::{paths, process};

/// Makes sure that the firmware can be run.
pub fn ensure() -> Result<()> {
    // Debian has both in one package.
    let programs = ["qemu-system-arm", "qemu-system-aarch64"];
    if programs.iter().all(|program| paths::program(program).is_some()) {
        report("qemu", format_args!("{} are there", programs.join(", ")));
    } else {
        report("qemu", "installing qemu-system-arm");
        process::apt_install(&["qemu-system-arm"])?;
    }
    let tools = tools()?;
    if paths::program("defmt-print").is_some() || tools.join("bin/defmt-print").is_file() {
        report("defmt", "defmt-print is there");
        return Ok(());
    }
    report("defmt", format_args!("installing defmt-print in {}", tools.display()));
    process::run(
        process::cargo()
            .args(["install", "--locked", "--quiet", "defmt-print", "--root"])
            .arg(tools),
    )
}

/// A `PATH` on which defmt-print is found.
pub fn path() -> Result<OsString> {
    let ours = tools()?.join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(env::split_paths(&path).chain([ours]))?)
}

fn tools() -> Result<PathBuf> {
    Ok(paths::cache()?.join("tools"))
}
