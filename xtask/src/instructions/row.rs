//! What was counted, a row for each stage.

use std::fmt;

use anyhow::{Context, Result, ensure};

/// A stage with a model and a set of kernels: what the program says of it, and what was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The model's name.
    pub model: String,
    /// The set of kernels.
    pub kernels: String,
    /// The stage's name.
    pub stage: String,
    /// Multiply-accumulates; 0 where they are not what takes the time.
    pub macs: u64,
    /// The same for all kernels.
    pub result: i64,
    /// What was counted.
    pub instructions: u64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, kernels, stage, macs, instructions, .. } = self;
        write!(f, "{model:<16} {kernels:<14}{stage:<10}{instructions:>12}")?;
        if *macs > 0 {
            write!(f, "{:>8.3} a MAC", *instructions as f64 / *macs as f64)?;
        }
        Ok(())
    }
}

/// What the program printed, and what was counted of each line.
pub fn rows(printed: &str, counts: &[u64]) -> Result<Vec<Row>> {
    let lines: Vec<_> = printed.lines().collect();
    ensure!(
        !lines.is_empty() && lines.len() == counts.len(),
        "{} counts of {} stages",
        counts.len(),
        lines.len()
    );
    let row = |(line, &instructions): (&&str, &u64)| {
        let [model, kernels, stage, macs, result] = *line.split(' ').collect::<Vec<_>>() else {
            return None;
        };
        let [model, kernels, stage] = [model, kernels, stage].map(str::to_owned);
        let (macs, result) = (macs.parse().ok()?, result.parse().ok()?);
        Some(Row { model, kernels, stage, macs, result, instructions })
    };
    let rows: Option<_> = lines.iter().zip(counts).map(row).collect();
    rows.context("the program of the stages printed something else than results")
}
