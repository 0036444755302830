//! Two versions of the interface, line by line.

use anyhow::{Result, ensure};
use similar::TextDiff;

use super::RECORD;

/// Passes if nothing has changed.
///
/// # Errors
///
/// Shows the lines that have gone and those that are new, and says how to record them.
pub fn same(recorded: &str, now: &str) -> Result<()> {
    ensure!(
        recorded == now,
        "the public interface is not that of {RECORD} (- recorded, + now):\n\n{}\n\
         if the change is meant, `cargo xtask public-api --bless` records it, for review and for CHANGELOG.md",
        TextDiff::from_lines(recorded, now).unified_diff().context_radius(1)
    );
    Ok(())
}
