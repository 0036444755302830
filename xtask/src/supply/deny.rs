//! Advisories, licenses and sources of every dependency, by cargo-deny and `deny.toml`.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Result, ensure};

use crate::setup::tool::Tool;
use crate::{paths, process};

const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    sha256: "e528dfcbe739af7ce37a77d3d6df1b29dd6887b1c701d888820c0f16b864f737",
};

/// The variable that makes a missing database of advisories a failure.
const STRICT: &str = "ARC_ADVISORIES";

/// Holds the lock file of every workspace to `deny.toml`.
///
/// Without a database of advisories this says that they were not checked, and passes unless
/// [`STRICT`] is set: a machine that cannot reach the database can still run every other check.
///
/// # Errors
///
/// If a dependency breaks a rule, or cargo-deny cannot be had.
pub fn check() -> Result<()> {
    let program = DENY.ensure()?;
    let deny = |workspace: &Path, options: &[&str], verb: &[&str]| {
        let mut command = Command::new(&program);
        command.args(["--all-features", "--config"]).arg(paths::root().join("deny.toml"));
        command.arg("--manifest-path").arg(workspace.join("Cargo.toml")).args(options).args(verb);
        // What cargo takes in the workspace's folder, its settings and its compiler, is taken here.
        process::run(command.current_dir(workspace))
    };
    for workspace in paths::workspaces() {
        deny(&workspace, &[], &["check", "--show-stats", "bans", "licenses", "sources"])?;
    }
    // Where no database of advisories can be fetched, one that was fetched before serves.
    if let Err(cause) = deny(paths::root(), &[], &["fetch", "db"])
        && !has_database()?
    {
        ensure!(
            env::var_os(STRICT).is_none(),
            "the database of advisories cannot be fetched: {cause:#}"
        );
        eprintln!("advisories NOT CHECKED: their database cannot be fetched ({cause:#})");
        eprintln!("with {STRICT}=required this is a failure");
        return Ok(());
    }
    for workspace in paths::workspaces() {
        deny(&workspace, &["--offline"], &["check", "--show-stats", "advisories"])?;
    }
    Ok(())
}

/// Whether cargo-deny keeps a database of advisories, where it does by default: a folder beside its
/// locks.
fn has_database() -> Result<bool> {
    let all = fs::read_dir(paths::cargo_home()?.join("advisory-dbs"));
    Ok(all.is_ok_and(|all| all.flatten().any(|entry| entry.path().is_dir())))
}
