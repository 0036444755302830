//! cargo-mutants changes the code a little in every way that it knows, and runs the tests.

use std::env;
use std::ffi::OsString;

use anyhow::Result;

use super::report;
use crate::{paths, process};

/// The version that the list of exclusions was written for: another one may know other mutants.
const VERSION: &str = "27.1.0";

/// Makes sure that the program is there; a `PATH` on which cargo finds it.
pub fn ensure() -> Result<OsString> {
    let tools = paths::cache()?.join(format!("cargo-mutants-{VERSION}"));
    let bin = tools.join("bin");
    if bin.join(format!("cargo-mutants{}", env::consts::EXE_SUFFIX)).is_file() {
        report("mutants", format_args!("cargo-mutants {VERSION} is there"));
    } else {
        report("mutants", format_args!("installing cargo-mutants in {}", tools.display()));
        let mut install = process::cargo();
        install.args(["install", "--locked", "--quiet", "--version", VERSION, "cargo-mutants"]);
        process::run(install.arg("--root").arg(&tools))?;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(std::iter::once(bin).chain(env::split_paths(&path)))?)
}
