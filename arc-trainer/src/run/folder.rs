//! The folder of a run: `config.toml`, `metrics.jsonl`, `last.safetensors`, `best.safetensors`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::config::Config;
use crate::files::write_whole;

/// Where a run keeps its files.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The folder of a run that is still to [`begin`](Self::begin); nothing is written yet.
    ///
    /// # Errors
    /// If it already holds a run and `overwrite` is not set.
    pub fn new(path: &Path, overwrite: bool) -> Result<Self> {
        let folder = Self(path.to_owned());
        ensure!(
            overwrite || !folder.config_file().exists(),
            "{} already holds a run: go on with it by --resume {0}, or choose another --out, or give --overwrite",
            path.display()
        );
        Ok(folder)
    }

    /// Makes the folder, empties it of an earlier run, and writes the resolved configuration.
    ///
    /// # Errors
    /// If the folder can't be written.
    pub fn begin(&self, config: &Config) -> Result<()> {
        std::fs::create_dir_all(&self.0)
            .with_context(|| format!("can't make the folder {}", self.0.display()))?;
        for old in [self.last(), self.best(), self.metrics()] {
            if old.exists() {
                std::fs::remove_file(&old)
                    .with_context(|| format!("can't remove {}", old.display()))?;
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

    /// An existing run's folder and its configuration.
    ///
    /// # Errors
    /// If it is not the folder of a run.
    pub fn open(path: &Path, overrides: &[String]) -> Result<(Self, Config)> {
        let folder = Self(path.to_owned());
        ensure!(
            folder.config_file().exists(),
            "{} is not the folder of a training run: it has no config.toml",
            path.display()
        );
        let config = Config::load(&folder.config_file(), overrides)?;
        Ok((folder, config))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// The resolved configuration.
    pub fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }
    /// The newest checkpoint, with the optimiser's state.
    pub fn last(&self) -> PathBuf {
        self.0.join("last.safetensors")
    }
    /// The parameters that did best on the validation alphabets.
    pub fn best(&self) -> PathBuf {
        self.0.join("best.safetensors")
    }
    /// Losses and accuracies.
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics.jsonl")
    }
}
