//! What `arc-trainer eval` measured, side by side.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::trainer::Evaluation;

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
