//! cargo-fuzz builds the fuzz targets.

use std::path::PathBuf;

use anyhow::Result;

use super::tool::Tool;

const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.1",
    sha256: "990e4e600e695b730ae23c2f4e6336ee63e9efe6527273f557f86d37eac724e7",
};

/// Makes sure that cargo-fuzz is there; where it is.
///
/// # Errors
/// If it cannot be downloaded or built.
pub fn ensure() -> Result<PathBuf> {
    CARGO_FUZZ.ensure()
}
