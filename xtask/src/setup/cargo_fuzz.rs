//! cargo-fuzz builds the fuzz targets.

use std::path::PathBuf;

use anyhow::Result;

use super::report;
use crate::{paths, process};

/// The version that the targets are built with.
const VERSION: &str = "0.13.1";

/// Makes sure that cargo-fuzz is there; where it is.
pub fn ensure() -> Result<PathBuf> {
    let folder = paths::cache()?.join(format!("cargo-fuzz-{VERSION}"));
    let program = folder.join(format!("bin/cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        report("fuzz", format_args!("cargo-fuzz {VERSION} is there"));
        return Ok(program);
    }
    report("fuzz", format_args!("installing cargo-fuzz {VERSION} in {}", folder.display()));
    let mut install = process::cargo();
    install.args(["install", "--locked", "--quiet", "cargo-fuzz", "--version", VERSION, "--root"]);
    process::run(install.arg(folder))?;
    Ok(program)
}
