//! The binary in a folder with all that its verbs ask for.

use std::path::PathBuf;
use std::process::{Command, Output};

use arc_trainer::data::Dataset;
use serde_json::Value;
use tempfile::TempDir;

use super::{CONFIG, random_run, strokes, write_pngs};

/// A folder with drawings, a run and both model files of it.
pub struct World {
    pub folder: TempDir,
    pub dataset: Dataset,
}

impl World {
    pub fn new() -> Self {
        Self::of(CONFIG)
    }

    /// With a run of another network.
    pub fn of(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dataset = strokes(&[6, 8], 4);
        write_pngs(&dataset, &folder.path().join("strokes"));
        random_run(folder.path(), config, &folder.path().join("strokes"));
        let world = Self { folder, dataset };
        world.done(&["export", "run", "--quantize", "i8", "--out", "i8.arc"]);
        world.done(&["export", "run", "--quantize", "none", "--out", "float.arc"]);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
        command.current_dir(self.folder.path()).args(args);
        command
    }

    /// stdout of a command that must succeed.
    pub fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The one JSON object that a command must print, and nothing else.
    pub fn json(&self, args: &[&str]) -> Value {
        let text = self.done(&[args, &["--json"]].concat());
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert!(value.is_object());
        value
    }

    /// stderr of a command that must fail, with nothing on stdout.
    pub fn fails(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}
