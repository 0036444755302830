//! Whether the crates can be published as they are, and whether the repository stays small.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::{paths, process};

/// Bytes of the largest file outside of [`MODELS`]: a blob that came in by accident is larger.
const LARGEST: u64 = 4 << 20;

/// The folder whose files are large on purpose.
const MODELS: &str = "models/";

/// Packages both crates that others build on, builds what was packaged, and looks for large files.
///
/// # Errors
///
/// If a crate cannot be packaged, its package does not build, or a file is too large.
pub fn check() -> Result<()> {
    let mut runtime = process::cargo();
    process::run(runtime.args(["package", "--package", "arc-runtime", "--allow-dirty"]))?;
    // The interface for C builds on a runtime that may not be published yet.
    let mut interface = process::cargo();
    interface.current_dir(paths::root().join("arc-runtime-c")).args(["package", "--allow-dirty"]);
    let patch = "patch.crates-io.arc-runtime.path=\"../arc-runtime\"";
    process::run(interface.args(["--config", patch]))?;
    small_files()
}

fn small_files() -> Result<()> {
    let mut list = Command::new("git");
    let files = process::read(list.args(["ls-files", "-z"]).current_dir(paths::root()))?;
    for file in files.split('\0').filter(|file| !file.is_empty() && !file.starts_with(MODELS)) {
        // A file that was removed and not committed yet is no large one.
        let Ok(metadata) = fs::symlink_metadata(paths::root().join(file)) else { continue };
        ensure!(
            metadata.len() <= LARGEST,
            "{file} has {} bytes, and files outside of {MODELS} have at most {LARGEST}: \
             leave it out of the repository",
            metadata.len()
        );
    }
    Ok(())
}
