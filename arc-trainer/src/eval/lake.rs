//! The published one-shot runs.

use anyhow::{Result, ensure};

use super::Plan;
use crate::data::Run;

/// Every probe of every run against the run's supports, each trial decided alone.
///
/// # Errors
/// If the runs differ in their number of supports.
pub fn lake(runs: &[Run]) -> Result<Plan<'_>> {
    let way = runs.first().map_or(0, |run| run.supports.len());
    ensure!(
        way > 0 && runs.iter().all(|run| run.supports.len() == way),
        "the runs differ in their number of supports: use the 20 published runs as they are"
    );
    let mut plan = Plan::new("lake", way, runs.len());
    for run in runs {
        plan.ask(&run.supports, run.answers.iter().copied().zip(&run.probes));
    }
    Ok(plan)
}
