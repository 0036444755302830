//! Where things lie.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// The project's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project's root")
}

/// What the project needs and git does not hold, one copy per clone.
pub fn deps() -> PathBuf {
    root().join(".deps")
}

/// The user's cache: downloads and tools that all clones share.
pub fn cache() -> Result<PathBuf> {
    if let Some(own) = env::var_os("ARC_CACHE") {
        return Ok(own.into());
    }
    let caches =
        dirs::cache_dir().context("no cache folder on this system: set ARC_CACHE to one")?;
    Ok(caches.join("arc"))
}

/// Cargo's own folder: crates it downloaded, databases of advisories.
pub fn cargo_home() -> Result<PathBuf> {
    let own = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = own.or_else(|| Some(dirs::home_dir()?.join(".cargo")));
    home.context("no home folder on this system: set CARGO_HOME")
}

/// The folder of every workspace: each has a lock file of its own.
pub fn workspaces() -> impl Iterator<Item = PathBuf> {
    let others = ["arc-runtime-c", "bench-peers", "firmware-example", "fuzz", "tests/simd"];
    std::iter::once(root().to_owned()).chain(others.map(|folder| root().join(folder)))
}

/// The folder with Omniglot's zips, which git does not hold either: `$ARC_OMNIGLOT`, or one beside the project.
pub fn omniglot() -> PathBuf {
    let own = env::var_os("ARC_OMNIGLOT").map(PathBuf::from);
    own.unwrap_or_else(|| root().join("../shared/omniglot"))
}

/// Cargo's target folder: this very program was built there, as `<target>/debug/xtask`.
pub fn target() -> Result<PathBuf> {
    let program = env::current_exe().context("finding the path of xtask itself")?;
    let target = program.ancestors().nth(2).context("xtask lies outside of a target folder")?;
    Ok(target.to_owned())
}

/// A program on the `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|p| p.is_file())
}

/// An empty folder below `parent` that vanishes when it is dropped.
///
/// What a killed run left behind is removed first, so that broken-off work takes no space.
pub fn scratch(parent: &Path) -> Result<TempDir> {
    const PREFIX: &str = "unfinished-";
    let make = || {
        fs::create_dir_all(parent)?;
        for entry in fs::read_dir(parent)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)
    };
    make().with_context(|| format!("making a folder in {}", parent.display()))
}
