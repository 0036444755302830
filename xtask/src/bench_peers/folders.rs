//! Where everything lies.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// The folder with the programs of the peers.
pub fn programs() -> PathBuf {
    paths::root().join("bench-peers")
}

/// The folder for what is only needed to measure.
///
/// # Errors
///
/// If it can't be created.
pub fn workplace() -> Result<PathBuf> {
    let folder = paths::target()?.join("peers");
    make(&folder)?;
    Ok(folder)
}

/// Creates a folder.
///
/// # Errors
///
/// If it can't be created.
pub fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}
