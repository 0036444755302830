//! Instructions of NEON's kernels beside those of the scalar ones: exact and the same everywhere, but no
//! measure of time.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::config;
use crate::mcu_bench::elf::Elf;
use crate::setup::bare_metal::Toolchain;
use crate::{firmware, process, setup};

/// Most instructions per multiply-accumulate of a pair by NEON's kernels, by model.
const LIMITS: [(&str, f64); 2] = [("omniglot-tiny", 0.75), ("omniglot-small", 0.32)];

/// Counts a pair with each model by each set of kernels, and holds NEON against its limits.
///
/// # Errors
///
/// If the program can't be built or run, if the kernels give different scores, or if a limit is not
/// kept.
pub fn check(toolchain: &Toolchain) -> Result<()> {
    let counter = setup::counter::ensure()?;
    let mut build = toolchain.cargo("build");
    build.args(["--release", "--package", "arc-golden", "--example", "pair"]);
    let elf = Elf::read(&firmware::executable(build.args(["--config", &config("linux")]))?)?;
    let rows = count(&counter, &elf)?;
    println!("instructions per multiply-accumulate of a pair, Linux on {PROCESSOR}:");
    for Row { model, kernels, per_mac, .. } in &rows {
        println!("{model:<16} {kernels:<14}{per_mac:>6.3}");
    }
    for (model, most) in LIMITS {
        let of_model = || rows.iter().filter(|row| row.model == model);
        let neon = of_model().find(|row| row.kernels == "neon-dotprod");
        let neon = neon.with_context(|| format!("{model}: not counted with NEON"))?;
        ensure!(
            neon.per_mac <= most,
            "{model}: {:.3} instructions per MAC, allowed are {most}",
            neon.per_mac
        );
        ensure!(of_model().all(|row| row.logit == neon.logit), "{model}: scores differ");
    }
    Ok(())
}

/// It has dot products.
const PROCESSOR: &str = "cortex-a76";

/// What the program says of a pair, and what was counted.
struct Row {
    model: String,
    kernels: String,
    per_mac: f64,
    logit: i32,
}

/// Runs the program, and counts between its marks.
fn count(counter: &Path, elf: &Elf) -> Result<Vec<Row>> {
    let (begin, end) = (elf.address("count_begin")?, elf.address("count_end")?);
    let plugin = format!("{},begin={begin:#x},end={end:#x}", counter.display());
    let mut qemu = Command::new("timeout");
    qemu.args(["60", "qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "-cpu", PROCESSOR]);
    qemu.args(["-plugin", &plugin]).arg(elf.path());
    let line = process::show(&qemu);
    let output = qemu.output().with_context(|| format!("cannot start `{line}`"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed ({}):\n{log}", output.status);
    let counts = log.lines().filter_map(|line| line.strip_prefix("count: ")?.parse::<f64>().ok());
    let results = String::from_utf8_lossy(&output.stdout);
    let (counts, results) = (counts.collect::<Vec<_>>(), results.lines().collect::<Vec<_>>());
    ensure!(counts.len() == results.len(), "`{line}` gave {counts:?} and {results:?}");
    let row = |(result, count): (&str, f64)| {
        let [model, kernels, macs, logit] = *result.split(' ').collect::<Vec<_>>() else {
            return None;
        };
        let per_mac = count / macs.parse::<f64>().ok()?;
        Some(Row {
            model: model.into(),
            kernels: kernels.into(),
            per_mac,
            logit: logit.parse().ok()?,
        })
    };
    let rows: Option<_> = results.into_iter().zip(counts).map(row).collect();
    rows.with_context(|| format!("`{line}` printed something else than results"))
}
