//! The kernels of a host with Linux on Arm, chosen at run time, in QEMU's emulation of its processors.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::setup::bare_metal::Toolchain;

/// Processors, and what the tests on each must say that they tested.
const PROCESSORS: [(&str, &str); 2] = [
    ("cortex-a53", "kernels tested: scalar"),
    ("cortex-a76", "kernels tested: neon-dotprod, scalar"),
];

/// Clippy for the runtime, warnings denied.
///
/// # Errors
///
/// If there is one.
pub fn lint(toolchain: &Toolchain, config: &str) -> Result<()> {
    let runtime = ["--package", "arc-runtime", "--features", "std", "--config", config];
    process::run(&mut toolchain.clippy(&[&["--release"][..], &runtime].concat()))
}

/// Runs the tests of the runtime, and those of the golden vectors, on every processor.
///
/// # Errors
///
/// If one fails, or other kernels were tested than the processor has.
pub fn check(toolchain: &Toolchain, config: &str) -> Result<()> {
    for (processor, tested) in PROCESSORS {
        println!("Linux on {processor}:");
        for package in [&["arc-runtime", "--features", "std"][..], &["arc-golden"]] {
            let mut test = toolchain.cargo("test");
            test.args(["--quiet", "--release", "--tests", "--config", config]);
            let log = run(test.arg("--package").args(package).env("QEMU_CPU", processor))?;
            let golden = package == ["arc-golden"];
            ensure!(!golden || log.contains(tested), "{processor}: not \"{tested}\"");
        }
    }
    Ok(())
}

/// Runs tests and returns what they print.
fn run(test: &mut Command) -> Result<String> {
    let line = process::show(test);
    let output = test.output().with_context(|| format!("cannot start `{line}`"))?;
    let log = [output.stdout, output.stderr].map(|log| String::from_utf8_lossy(&log).into_owned());
    let log = log.concat();
    ensure!(output.status.success(), "{log}\n`{line}` failed ({})", output.status);
    let kernels = log.lines().filter(|line| line.contains("kernels"));
    kernels.for_each(|line| println!("{line}"));
    Ok(log)
}
