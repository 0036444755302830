//! A bill of materials (CycloneDX, JSON) for every package, by cargo-cyclonedx.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::tool::Tool;
use crate::{c_interface, firmware, paths, process};

const CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
    sha256: "5d162f67705f0f5038759d73bf546a083bf30e8677c2e944b416bca48d9d69a8",
};

/// Folders, below the root, of the packages of the workspaces that something is shipped from.
const PACKAGES: [&str; 7] = [
    "arc-runtime",
    "arc-runtime-c",
    "arc-trainer",
    "firmware-example",
    "tests",
    "arc-golden",
    "xtask",
];

/// Writes `target/sbom/PACKAGE.cdx.json` for every package, for all targets and features.
///
/// # Errors
///
/// If cargo-cyclonedx cannot be had or fails, or a file cannot be written.
pub fn write() -> Result<()> {
    let program = CYCLONEDX.ensure()?;
    for workspace in [paths::root().to_owned(), c_interface::folder(), firmware::folder()] {
        let mut command = Command::new(&program);
        command.args(["cyclonedx", "--format", "json", "--spec-version", "1.5", "--target", "all"]);
        command.args(["--all-features", "--manifest-path"]).arg(workspace.join("Cargo.toml"));
        process::run(&mut command)?;
    }
    // They were written beside each package's Cargo.toml.
    let folder = paths::target()?.join("sbom");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for package in PACKAGES {
        let mut found = false;
        for file in fs::read_dir(paths::root().join(package))? {
            let file = file?;
            let name = file.file_name();
            if name.to_string_lossy().ends_with(".cdx.json") {
                let target = folder.join(&name);
                fs::rename(file.path(), &target)
                    .with_context(|| format!("writing {}", target.display()))?;
                println!("{}", target.display());
                found = true;
            }
        }
        ensure!(found, "cargo-cyclonedx has written no bill of materials for {package}");
    }
    Ok(())
}
