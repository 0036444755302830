//! `cargo xtask simd`: the vector kernels of machines that are not this one, in QEMU and in Node, and those of this
//! one where they are chosen while compiling.

mod linux;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use arc_runtime::kernels::Host;

use crate::setup::bare_metal::Toolchain;
use crate::{instructions, paths, process, setup};

/// Machines, by their files in tests/simd/machines, with the kernels that each must be seen to use.
const MACHINES: [(&str, &str); 3] =
    [("cortex-a53", "scalar"), ("cortex-a76", "neon-dotprod"), ("node", "simd128")];

/// This machine, as a target whose kernels are chosen while compiling.
const OURS: [(&str, &str); 2] = [("x86-64-v3", "avx2"), ("x86-64-vnni", "avx512vnni")];

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
    for (machine, _) in ours() {
        let mut clippy = process::cargo();
        clippy.args([
            "clippy",
            "--release",
            "--config",
            &config(machine),
            "--package",
            "arc-runtime",
        ]);
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
    }
    for (machine, _) in MACHINES {
        let config = config(machine);
        let arguments = ["--release", "--config", &config];
        process::run(in_folder(&mut toolchain.clippy(&arguments)))?;
        // The kernels are in another workspace.
        let arguments = ["--release", "--config", &config, "--package", "arc-runtime"];
        process::run(&mut toolchain.clippy(&arguments))?;
    }
    linux::lint(toolchain, &config("linux"))
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
        test(machine, kernels, in_folder(&mut run))?;
    }
    for (machine, kernels) in ours() {
        check_ours(machine, kernels)?;
    }
    linux::check(toolchain, &config("linux"))?;
    instructions::check_neon(toolchain, &config("linux"))
}

/// Those of [`OURS`] that this machine can build for; the others are named.
fn ours() -> impl Iterator<Item = (&'static str, &'static str)> {
    let here = cfg!(all(target_arch = "x86_64", target_os = "linux"));
    OURS.into_iter().filter(move |(machine, _)| {
        if !here {
            println!("SKIPPED {machine}: this is another machine");
        }
        here
    })
}

/// Builds the tests for this machine with kernels chosen while compiling, and runs them where it has them.
fn check_ours(machine: &str, kernels: &str) -> Result<()> {
    let there = Host::available().any(|set| set.name() == kernels);
    let mut cargo = process::cargo();
    cargo.arg(if there { "run" } else { "build" });
    cargo.args(["--quiet", "--release", "--config", &config(machine)]);
    if !there {
        println!("SKIPPED {machine}: built, but this processor lacks {kernels}");
        return process::run(in_folder(&mut cargo));
    }
    test(machine, kernels, in_folder(&mut cargo))
}

/// Runs the tests, which have to name the kernels.
fn test(machine: &str, kernels: &str, run: &mut Command) -> Result<()> {
    let log = process::read(run)?;
    print!("{machine}:\n{log}");
    let tested = log.lines().any(|line| line.starts_with(&format!("{kernels}: suite:")));
    ensure!(tested, "{machine} did not test the kernels {kernels}");
    Ok(())
}

fn config(machine: &str) -> String {
    folder().join(format!("machines/{machine}.toml")).display().to_string()
}

fn in_folder(cargo: &mut Command) -> &mut Command {
    cargo.current_dir(folder()).env("CARGO_TARGET_DIR", folder().join("target"))
}
