//! `cargo xtask test`: every check of the project, stopping at the first that fails.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::setup::bare_metal::{TARGETS, Toolchain};
use crate::{
    c_interface, firmware, fuzz, instructions, mcu_bench, mutants, paths, process, public_api,
    sanitize, setup, simd_targets, supply,
};

/// Runs the checks. The environment goes to the tests as it is (`ARC_OMNIGLOT`, `CI`).
pub fn run() -> Result<()> {
    let (steps, start) = (Steps::default(), Instant::now());
    let toolchain = steps.run("set-up", setup::everything)?;

    steps.run("format", || {
        for workspace in paths::workspaces() {
            process::run(
                process::cargo().current_dir(workspace).args(["fmt", "--all", "--check"]),
            )?;
        }
        Ok(())
    })?;
    steps.run("dependencies", supply::deny::check)?;
    steps.run("packages", supply::package::check)?;
    // One profile for all, so that libtorch's bindings and every dependency are built once.
    steps.run("lints", || {
        let clippy = ["clippy", "--release", "--all-targets", "--workspace"];
        process::run(process::cargo().args(clippy).args(["--", "--deny", "warnings"]))
    })?;
    steps.run("documentation", || {
        let mut doc = process::cargo();
        doc.args(["doc", "--release", "--workspace", "--no-deps"]);
        process::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    steps.run("public interface", public_api::check)?;
    steps.run("tests", || {
        process::run(process::cargo().args(["test", "--release", "--workspace"]))
    })?;
    // The definition of the arithmetic once more in the debug profile, where an overflow panics.
    steps.run("overflow", || {
        process::run(process::cargo().args(["test", "--package", "arc-runtime"]))
    })?;
    steps.run("instructions on the host", instructions::check)?;
    // For one kind of model: with little, and with a part.
    steps.run("runtime in parts", || {
        for features in ["", "stem"] {
            let mut test = process::cargo();
            test.args(["test", "--release", "--package", "arc-runtime", "--test", "features"]);
            process::run(test.args(["--no-default-features", "--features", features]))?;
        }
        Ok(())
    })?;

    steps.run("without libtorch", || {
        // .cargo/config.toml would set a missing LIBTORCH; nothing may look at this one.
        let nowhere = paths::root().join("no-libtorch");
        let without = ["--package", "arc-trainer", "--no-default-features"];
        let mut clippy = process::cargo();
        clippy.args(["clippy", "--release"]).args(without);
        clippy.args(["--all-targets", "--", "--deny", "warnings"]);
        let mut build = process::cargo();
        build.arg("build").args(without).arg("--release");
        for command in [&mut clippy, &mut build] {
            process::run(command.env("LIBTORCH", &nowhere).env_remove("LIBTORCH_USE_PYTORCH"))?;
        }
        Ok(())
    })?;
    steps.run("no_std runtime", || {
        for target in TARGETS {
            let mut build = toolchain.cargo("build");
            build.args([
                "--package",
                "arc-runtime",
                "--features",
                "defmt,signed",
                "--release",
                "--target",
                target,
            ]);
            process::run(&mut build)?;
        }
        Ok(())
    })?;
    // QEMU and a fuzz target take one core each: both halves go side by side.
    thread::scope(|scope| {
        let hostile = scope.spawn(|| hostile(&steps));
        let devices = devices(&steps, &toolchain);
        // The other half is waited for, so that nothing runs on after an error.
        hostile.join().expect("no step panics").and(devices)
    })?;
    steps.run("vector lints", || simd_targets::lint(&toolchain))?;
    steps.run("vector kernels", || simd_targets::check(&toolchain))?;

    let minutes = start.elapsed().as_secs_f64() / 60.0;
    println!("\n{steps}\nall checks passed in {minutes:.1} minutes");
    Ok(())
}

/// Hostile input, and the memory that kernels reach.
fn hostile(steps: &Steps) -> Result<()> {
    steps.run("mutants", mutants::check)?;
    steps.run("fuzz", fuzz::check)?;
    steps.run("memory of kernels", sanitize::run)
}

/// Firmware, and the C interface, which runs on a board, too.
fn devices(steps: &Steps, toolchain: &Toolchain) -> Result<()> {
    steps.run("firmware lints", || {
        for board in firmware::boards() {
            let config = format!("boards/{board}.toml");
            let mut clippy =
                toolchain.clippy(&["--lib", "--bins", "--features", "mps", "--config", &config]);
            process::run(clippy.current_dir(firmware::folder()))?;
        }
        Ok(())
    })?;
    steps.run("firmware's record", firmware::enroll::check_record)?;
    steps.run("firmware in QEMU", || firmware::check_all(toolchain))?;
    steps.run("instructions on boards", || mcu_bench::check(toolchain))?;
    steps.run("firmware for boards", || firmware::build_probed(toolchain))?;
    steps.run("C interface", || c_interface::check(toolchain))
}

/// What has been done, and how long it took.
#[derive(Default)]
struct Steps(Mutex<Vec<(&'static str, Duration)>>);

impl Steps {
    fn run<T>(&self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = step().with_context(|| format!("FAILED: {name}"))?;
        let took = start.elapsed();
        eprintln!("\n== {name}: passed in {:.1} s", took.as_secs_f64());
        self.0.lock().expect("no step panics").push((name, took));
        Ok(result)
    }
}

impl std::fmt::Display for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, time) in self.0.lock().expect("no step panics").iter() {
            writeln!(f, "{name:<26}{:>8.1} s", time.as_secs_f64())?;
        }
        Ok(())
    }
}
