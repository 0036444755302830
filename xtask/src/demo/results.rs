//! What `arc-trainer eval` measured, side by side.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// One result of `eval --json`.
pub struct Evaluation {
    accuracy: f64,
    trials: u64,
}

impl Evaluation {
    /// Runs `eval` (the command holds the verb alone) on a split of the data.
    pub fn run(
        eval: &mut Command,
        model: &Path,
        data: &Path,
        protocol: &str,
        split: &str,
    ) -> Result<Self> {
        eval.arg(model).arg("--data").arg(data).args(["--protocol", protocol]);
        eval.args(["--way", "20", "--split", split, "--json"]);
        let answer = process::read(eval)?;
        let answer: Value = serde_json::from_str(&answer).context("eval --json printed no JSON")?;
        Ok(Self {
            accuracy: answer["accuracy"].as_f64().context("eval --json gave no accuracy")?,
            trials: answer["trials"].as_u64().context("eval --json gave no trials")?,
        })
    }
}

/// Integer against float.
pub struct Table {
    kilobytes: [f64; 2],
    rows: Vec<(String, [Evaluation; 2])>,
}

impl Table {
    /// A table without rows, but for the sizes of the files.
    pub fn new(integer: &Path, float: &Path) -> Result<Self> {
        let size = |file: &Path| {
            let file = fs::metadata(file).with_context(|| format!("reading {}", file.display()))?;
            anyhow::Ok(file.len() as f64 / 1000.0)
        };
        Ok(Self { kilobytes: [size(integer)?, size(float)?], rows: Vec::new() })
    }

    /// Adds a protocol's results.
    pub fn add(&mut self, protocol: &str, integer: Evaluation, float: Evaluation) {
        self.rows.push((protocol.to_owned(), [integer, float]));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24}{:>10}{:>10}", "", "i8", "float")?;
        for (protocol, [integer, float]) in &self.rows {
            let name = format!("{protocol}, {} trials", integer.trials);
            let (integer, float) = (100.0 * integer.accuracy, 100.0 * float.accuracy);
            writeln!(f, "{name:<24}{integer:>8.2} %{float:>8.2} %")?;
        }
        let [integer, float] = self.kilobytes;
        write!(f, "{:<24}{integer:>7.1} KB{float:>7.1} KB", "model file")
    }
}
