//! One board and one model: build, run, count.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use arc_golden::shipped::{GLYPHS, Record, SUPPORTS};
use arc_golden::{Golden, records};
use arc_runtime::{Model, feature_bytes, identify_words, workspace_words};

use super::elf::Elf;
use super::prepare::Prepare;
use super::row::Row;
use crate::firmware::{self, Board};
use crate::setup::bare_metal::Toolchain;
use crate::{paths, process};

/// Measures `src/bin/bench.rs` with a model; its results are to be those that are recorded.
///
/// # Errors
///
/// If it can't be built or run, if a result differs from the host's, or if the program's memory is
/// not what the model's file says.
pub fn measure(
    toolchain: &Toolchain,
    counter: &Path,
    board: Board,
    golden: &Golden,
    prepare: Prepare,
) -> Result<Row> {
    let path = file(golden);
    let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    ensure!(
        bytes == golden.model,
        "{} has changed since xtask was built; run this again",
        path.display()
    );
    let elf = build(toolchain, board, golden)?;
    let ways = board.holds_gallery();
    let (counts, results) = run(counter, board, &elf, if ways { 2 } else { 1 })?;

    let (recorded, best) = recorded(golden)?;
    let logits: Vec<_> = results.iter().step_by(2).map(|&logit| logit as i32).collect();
    let expected: Vec<_> = [Some(recorded), best].into_iter().flatten().collect();
    ensure!(
        logits[0] == expected[0] && (logits.len() < 2 || expected.len() < 2 || logits == expected),
        "{board}, {}: logits {logits:?}, recorded are {expected:?}",
        golden.name
    );

    let model = Model::load(golden.model)?;
    let sizes = model.dimensions();
    let ram_pair = 4 * workspace_words(golden.model) as u64;
    check_static(&elf, "PAIR_WORKSPACE", ram_pair)?;
    let ram_20way = if ways {
        let workspace = 4 * identify_words(golden.model, SUPPORTS) as u64;
        check_static(&elf, "IDENTIFY_WORKSPACE", workspace)?;
        // Each with a label of one byte, and their number.
        let entries = SUPPORTS * (feature_bytes(golden.model) + 1);
        let gallery = (entries.next_multiple_of(4) + 4) as u64;
        check_static(&elf, "ENROLLED", gallery)?;
        Some(workspace + gallery)
    } else {
        None
    };
    for bytes in [golden.model, GLYPHS.as_flattened()] {
        let found = elf.constants(bytes);
        ensure!(found == 1, "the program has the model or the glyphs {found} times");
    }
    let flash_model = golden.model.len() as u64;
    Ok(Row {
        board: board.name(),
        model: golden.name,
        insns_pair: counts[0],
        insns_20way: counts.get(1).copied(),
        macs_pair: sizes.pair_macs(),
        macs_20way: ways.then(|| sizes.identify_macs(SUPPORTS)),
        ram_pair,
        ram_20way,
        stack: results.iter().skip(1).step_by(2).copied().max().unwrap_or(0),
        flash_code: elf.flash_bytes() - flash_model - GLYPHS.as_flattened().len() as u64,
        flash_model,
        prepare,
    })
}

/// Builds `src/bin/bench.rs` with a model.
///
/// # Errors
///
/// If the build fails.
pub fn build(toolchain: &Toolchain, board: Board, golden: &Golden) -> Result<Elf> {
    let mut build = firmware::cargo(toolchain, "build", board.name());
    build.args(["--no-default-features", "--bin", "bench"]).env("MODEL", file(golden));
    // A model of raw pixels needs no stem, and neither of them a context or N ways.
    let convolves = !Model::load(golden.model)?.network().stem.convolutions().is_empty();
    build.args(convolves.then_some("--features=arc-runtime/stem"));
    Elf::read(&firmware::executable(&mut build)?)
}

/// The model's file.
fn file(golden: &Golden) -> PathBuf {
    paths::root().join("models").join(golden.name).with_extension("arc")
}

/// Runs a program of `parts` in QEMU; the instructions between the marks of each, and the two numbers that it writes
/// for each.
///
/// # Errors
///
/// If it fails, or gives more or less than that.
pub fn run(counter: &Path, board: Board, elf: &Elf, parts: usize) -> Result<(Vec<u64>, Vec<u32>)> {
    let (begin, end) = (elf.address("bench_begin")?, elf.address("bench_end")?);
    let plugin = format!("{},begin={begin:#x},end={end:#x}", counter.display());
    let mut qemu = Command::new("timeout");
    qemu.args(["60", "qemu-system-arm", "-machine", board.name(), "-nographic"]);
    qemu.args(["-monitor", "none", "-serial", "none", "-plugin", &plugin]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(elf.path());
    let line = process::show(&qemu);
    let output = qemu.stdin(Stdio::null()).output().with_context(|| format!("running {line}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed ({}):\n{log}", output.status);
    let counts = log.lines().filter_map(|line| line.strip_prefix("count: ")?.parse().ok());
    let (counts, (numbers, _)) = (counts.collect::<Vec<_>>(), output.stdout.as_chunks());
    let numbers: Vec<_> = numbers.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect();
    ensure!(
        counts.len() == parts && numbers.len() == 2 * parts,
        "`{line}` gave {counts:?} and {numbers:?}"
    );
    Ok((counts, numbers))
}

/// The logit of the first pair that is recorded, and the best of the first ranking.
fn recorded(golden: &Golden) -> Result<(i32, Option<i32>)> {
    let all = records::<Record>(golden.vectors).collect::<Result<Vec<_>, _>>()?;
    let pair = all.iter().find_map(|record| match record {
        Record::Pair { probe: 20, support: 0, logit, .. } => Some(*logit),
        _ => None,
    });
    let best = all.iter().find_map(|record| match record {
        Record::Probe { probe: 20, ranking } => ranking.first().map(|&(_, logit)| logit),
        _ => None,
    });
    let first = pair.with_context(|| format!("{}: no pair of glyphs 20 and 0", golden.name))?;
    Ok((first, best))
}

/// A static variable has the bytes that the model's file asks for, and up to a word for a flag.
fn check_static(elf: &Elf, name: &str, expected: u64) -> Result<()> {
    let found = elf.static_bytes(name)?;
    ensure!((expected..=expected + 4).contains(&found), "{name}: {found} bytes, not {expected}");
    Ok(())
}
