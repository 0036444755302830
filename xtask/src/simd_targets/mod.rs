//! `cargo xtask simd`: the vector kernels of machines that are not this one, in QEMU and in Node.

mod instructions;
mod linux;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::{paths, process, setup};

/// Machines, by their files in tests/simd/machines, with the kernels that each must be seen to use.
const MACHINES: [(&str, &str); 3] =
    [("cortex-a53", "scalar"), ("cortex-a76", "neon-dotprod"), ("node", "simd128")];

/// The tests' workspace.
pub fn folder() -> PathBuf {
    paths::root().join("tests/simd")
}

/// Runs the verb.
pub fn run() -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    setup::aarch64::ensure()?;
    setup::node::ensure()?;
    lint(&toolchain)?;
    check(&toolchain)
}

/// Clippy for the kernels of every machine and for their tests, warnings denied.
///
/// # Errors
///
/// If there is one.
pub fn lint(toolchain: &Toolchain) -> Result<()> {
    for (machine, _) in MACHINES {
        let config = config(machine);
        let arguments = ["--release", "--config", &config];
        process::run(in_folder(&mut toolchain.clippy(&arguments)))?;
        // The kernels are in another workspace.
        let arguments = ["--release", "--config", &config, "--package", "arc-runtime"];
        process::run(&mut toolchain.clippy(&arguments))?;
    }
    linux::lint(toolchain)
}

/// Runs the tests on every machine.
///
/// # Errors
///
/// If a result is not that of the scalar kernels, or other kernels were tested than a machine has.
pub fn check(toolchain: &Toolchain) -> Result<()> {
    for (machine, kernels) in MACHINES {
        let mut run = toolchain.cargo("run");
        run.args(["--quiet", "--release", "--config", &config(machine)]);
        let log = process::read(in_folder(&mut run))?;
        print!("{machine}:\n{log}");
        let tested = log.lines().any(|line| line.starts_with(&format!("{kernels}: suite:")));
        ensure!(tested, "{machine} did not test the kernels {kernels}");
    }
    linux::check(toolchain)?;
    instructions::check(toolchain)
}

fn config(machine: &str) -> String {
    folder().join(format!("machines/{machine}.toml")).display().to_string()
}

fn in_folder(cargo: &mut Command) -> &mut Command {
    cargo.current_dir(folder()).env("CARGO_TARGET_DIR", folder().join("target"))
}
