//! Answers of earlier runs: measuring all models takes long, and goes on where it was stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::process;

/// A folder of answers, each under the hash of all that it depends on.
pub struct Memory {
    folder: PathBuf,
    /// The hash of the program that answers.
    program: Vec<u8>,
}

impl Memory {
    /// Answers of this program, in a folder that is made.
    ///
    /// # Errors
    ///
    /// If the program can't be read or the folder can't be made.
    pub fn open(folder: PathBuf, program: &Path) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Self { folder, program: hash(program)? })
    }

    /// The JSON object that the command prints for `--json`, or printed when it last ran with
    /// the same files.
    ///
    /// # Errors
    ///
    /// If a file can't be read, or the command fails or prints something else.
    pub fn json<T: DeserializeOwned>(&self, command: &mut Command, files: &[&Path]) -> Result<T> {
        let mut key = Sha256::new();
        key.update(&self.program);
        for file in files {
            key.update(hash(file)?);
        }
        for word in command.get_args() {
            key.update(word.as_encoded_bytes());
            key.update([0]);
        }
        let name: String = key.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let place = self.folder.join(name).with_extension("json");
        let line = process::show(command);
        let answer = if place.exists() {
            eprintln!("     answered before");
            fs::read_to_string(&place).with_context(|| format!("reading {}", place.display()))?
        } else {
            process::read(command.arg("--json"))?
        };
        let value =
            serde_json::from_str(&answer).with_context(|| format!("`{line}` printed: {answer}"))?;
        if !place.exists() {
            // Under another name first: half an answer must never be taken for one.
            let half = place.with_extension("half");
            fs::write(&half, &answer)
                .and_then(|()| fs::rename(&half, &place))
                .with_context(|| format!("writing {}", place.display()))?;
        }
        Ok(value)
    }
}

fn hash(file: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Sha256::digest(bytes).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_command_runs_again_only_when_something_changed() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("model");
        fs::write(&model, "one").unwrap();
        let log = folder.path().join("log");
        let script = format!("echo ran >> {}; echo '{{\"n\": 3}}'", log.display());
        let ask = |word: &str| {
            let memory = Memory::open(folder.path().join("answers"), Path::new("/bin/sh")).unwrap();
            let mut command = Command::new("/bin/sh");
            let answer: serde_json::Value =
                memory.json(command.args(["-c", &script, word]), &[&model]).unwrap();
            assert_eq!(answer["n"], 3);
            fs::read_to_string(&log).unwrap().lines().count()
        };
        assert_eq!([ask("a"), ask("a"), ask("b"), ask("b")], [1, 1, 2, 2]);
        fs::write(&model, "two").unwrap();
        assert_eq!([ask("a"), ask("a")], [3, 3]);
    }
}
