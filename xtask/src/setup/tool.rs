//! Programs of cargo's world: built from a crate whose content stands here in the source, with the
//! dependencies of its own lock file.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::digest;
use super::report::report;
use crate::{paths, process};

/// A program by the content of its crate.
pub struct Tool {
    /// The crate, and the program in it.
    pub name: &'static str,
    /// Its version, exactly.
    pub version: &'static str,
    /// The SHA-256 of the crate's archive, in hexadecimal.
    pub sha256: &'static str,
}

impl Tool {
    /// The program, built once for all clones.
    ///
    /// # Errors
    ///
    /// If the crate cannot be downloaded or built, or its content is not the pinned one.
    pub fn ensure(&self) -> Result<PathBuf> {
        let Self { name, version, .. } = self;
        let folder = self.folder()?;
        let program = folder.join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
        if program.is_file() {
            report("tool", format_args!("{name} {version} is there"));
            return Ok(program);
        }
        report("tool", format_args!("building {name} {version} in {}", folder.display()));
        self.check()?;
        let mut install = process::cargo();
        install.args(["install", "--locked", "--quiet", &format!("{name}@{version}"), "--root"]);
        // A target folder of its own, so that no setting of this project reaches the build.
        let target = paths::scratch(&paths::cache()?.join("builds"))?;
        process::run(install.arg(&folder).env("CARGO_TARGET_DIR", target.path()))?;
        Ok(program)
    }

    /// A `PATH` on which the program is found.
    ///
    /// # Errors
    ///
    /// If there is no cache folder on this system.
    pub fn path(&self) -> Result<OsString> {
        let ours = self.folder()?.join("bin");
        let path = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths([ours].into_iter().chain(env::split_paths(&path)))?)
    }

    /// The version is part of the path: another version does not stand in for it.
    fn folder(&self) -> Result<PathBuf> {
        Ok(paths::cache()?.join("tools").join(format!("{}-{}", self.name, self.version)))
    }

    /// Downloads the crate, and compares its content with the pinned one.
    fn check(&self) -> Result<()> {
        let Self { name, version, sha256 } = self;
        // Cargo downloads a crate to show what it is.
        let mut info = process::cargo();
        process::read(info.args(["info", "--quiet", &format!("{name}@{version}")]))?;
        let cache = paths::cargo_home()?.join("registry/cache");
        let file = format!("{name}-{version}.crate");
        let shown = cache.display();
        let mut found = false;
        for registry in fs::read_dir(&cache).with_context(|| format!("reading {shown}"))? {
            let archive = registry?.path().join(&file);
            if !archive.is_file() {
                continue;
            }
            let sum = digest::sha256(&mut File::open(&archive)?)?;
            ensure!(
                sum == *sha256,
                "{} is not the crate that this project pins: its SHA-256 is {sum}",
                archive.display()
            );
            found = true;
        }
        ensure!(found, "cargo has left no {file} in {shown}");
        Ok(())
    }
}
