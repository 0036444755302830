//! Node runs WebAssembly.

use anyhow::Result;

use super::report::report;
use crate::{paths, process};

/// Makes sure that WebAssembly can be run.
pub fn ensure() -> Result<()> {
    if paths::program("node").is_some() {
        report("node", "node is there");
        return Ok(());
    }
    report("node", "installing nodejs");
    process::apt_install(&["nodejs"])
}
