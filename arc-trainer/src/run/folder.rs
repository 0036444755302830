//! The folder of a run: `config.toml`, `metrics.jsonl`, `last.safetensors`, `best.safetensors`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::RunLock;
use crate::config::Config;
use crate::files::{remove_partial, write_whole};

/// Where a run keeps its files.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// Whether a new run may replace an earlier one.
    overwrite: bool,
}

impl RunFolder {
    /// The folder of a run that is still to [`begin`](Self::begin); nothing is written yet.
    ///
    /// # Errors
    /// If it is no folder, or holds files of a run and `overwrite` is not set.
    pub fn new(path: &Path, overwrite: bool) -> Result<Self> {
        let folder = Self { path: path.to_owned(), overwrite };
        ensure!(
            !path.exists() || path.is_dir(),
            "{} is there and is no folder: choose another --out",
            path.display()
        );
        folder.ensure_vacant()?;
        Ok(folder)
    }

    /// An existing run's folder and its configuration.
    ///
    /// # Errors
    /// If it is not the folder of a run.
    pub fn open(path: &Path, overrides: &[String]) -> Result<(Self, Config)> {
        let folder = Self { path: path.to_owned(), overwrite: false };
        ensure!(
            folder.config_file().exists(),
            "{} is not the folder of a training run: it has no config.toml",
            path.display()
        );
        let config = Config::load(&folder.config_file(), overrides)?;
        Ok((folder, config))
    }

    /// Whether the folder holds anything of a run.
    pub fn is_in_use(&self) -> bool {
        self.files().iter().any(|file| file.exists())
    }

    /// Makes the folder where there is none, and locks it; what a killed training has left
    /// unfinished in it is cleared away.
    ///
    /// # Errors
    /// Says who trains in it already, or why it can't be written.
    pub fn lock(&self) -> Result<RunLock> {
        fs::create_dir_all(&self.path)
            .with_context(|| format!("can't make the folder {}", self.path.display()))?;
        let lock = RunLock::take(&self.path)?;
        self.files().iter().try_for_each(|file| remove_partial(file))?;
        Ok(lock)
    }

    /// Empties the folder of an earlier run, and writes the resolved configuration.
    ///
    /// # Errors
    /// If it holds files of a run that may not be replaced, or can't be written.
    pub fn begin(&self, config: &Config, _lock: &RunLock) -> Result<()> {
        // Once more under the lock: another training may have come and gone since.
        self.ensure_vacant()?;
        for old in [self.last(), self.best(), self.metrics()] {
            match fs::remove_file(&old) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("can't remove {}", old.display()));
                }
                _ => {}
            }
        }
        self.keep(config)
    }

    /// Writes the resolved configuration, as a resumed run may have changed it.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn keep(&self, config: &Config) -> Result<()> {
        write_whole(&self.config_file(), config.to_toml().as_bytes())
    }

    /// That there is a checkpoint to go on from.
    ///
    /// # Errors
    /// Says how to go on without one.
    pub fn ensure_resumable(&self) -> Result<()> {
        ensure!(
            self.last().exists(),
            "{} has no last.safetensors to go on from: {}",
            self.path.display(),
            if self.best().exists() {
                self.start_from_best()
            } else {
                format!(
                    "start the run anew by --config {0}/config.toml --out {0} --overwrite",
                    self.path.display()
                )
            }
        );
        Ok(())
    }

    /// The options of a new run from this one's weights, as advice.
    pub fn start_from_best(&self) -> String {
        format!(
            "start a new run from its best weights by --config {0}/config.toml --start {0} --out ANOTHER",
            self.path.display()
        )
    }

    fn ensure_vacant(&self) -> Result<()> {
        if self.overwrite {
            return Ok(());
        }
        let path = self.path.display();
        let other = "choose another --out, or give --overwrite to replace it";
        if self.config_file().exists() {
            let go_on = if self.last().exists() {
                format!("go on with it by --resume {path}; or ")
            } else if self.best().exists() {
                format!("{}; or ", self.start_from_best())
            } else {
                String::new()
            };
            bail!("{path} already holds a run: {go_on}{other}");
        }
        if let Some(file) = self.files().iter().find(|file| file.exists()) {
            bail!("{} is there already, of a run without its config.toml: {other}", file.display());
        }
        Ok(())
    }

    /// All that a run writes.
    fn files(&self) -> [PathBuf; 4] {
        [self.config_file(), self.last(), self.best(), self.metrics()]
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// The resolved configuration.
    pub fn config_file(&self) -> PathBuf {
        self.path.join("config.toml")
    }
    /// The newest checkpoint, with the optimizer's state.
    pub fn last(&self) -> PathBuf {
        self.path.join("last.safetensors")
    }
    /// The parameters that did best on the validation alphabets.
    pub fn best(&self) -> PathBuf {
        self.path.join("best.safetensors")
    }
    /// Losses and accuracies.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }
}
