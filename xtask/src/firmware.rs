//! `cargo xtask firmware`: the firmware example in QEMU, its output compared with the host's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::bare_metal::{CORTEX_M4, TARGETS, Toolchain};
use crate::{paths, process, setup};

/// Which firmware to run, and where.
#[derive(clap::Args)]
pub struct Options {
    /// QEMU's name of the board
    #[arg(long, default_value = "mps2-an386", value_parser = ["mps2-an386", "mps2-an500"])]
    board: String,
    /// The program in firmware-example/src/bin
    #[arg(long, default_value = "pair", value_parser = BINS)]
    bin: String,
    /// The instruction set to build for; a Cortex-M4F also runs what a Cortex-M0+ does
    #[arg(long, default_value = CORTEX_M4, value_parser = TARGETS)]
    target: String,
}

/// The programs in firmware-example/src/bin.
const BINS: [&str; 2] = ["pair", "selftest"];

impl Options {
    /// Every program for every instruction set.
    pub fn all() -> impl Iterator<Item = Self> {
        let board = "mps2-an386";
        TARGETS.into_iter().flat_map(move |target| {
            BINS.map(|bin| Self { board: board.into(), bin: bin.into(), target: target.into() })
        })
    }
}

/// The firmware's workspace.
pub fn folder() -> PathBuf {
    paths::root().join("firmware-example")
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    check(&toolchain, options)
}

/// Runs a firmware program in QEMU, and the host program of the same name, and compares what they print;
/// then looks for floating-point arithmetic in the firmware.
///
/// # Errors
///
/// If either fails, if they differ, or if the firmware computes in floats.
pub fn check(toolchain: &Toolchain, options: &Options) -> Result<()> {
    let mut qemu = toolchain.cargo("run");
    let builds = folder().join("target");
    qemu.current_dir(folder()).args(["--release", "--bin", &options.bin]);
    qemu.args(["--target", &options.target, "--target-dir"]).arg(&builds);
    qemu.env("BOARD", &options.board).env("PATH", setup::qemu::path()?);
    let on_board = process::read(&mut qemu)?;
    print!("{on_board}");

    let host = process::read(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let mut native = process::cargo();
    native.current_dir(folder()).args(["run", "--quiet", "--release", "--target", host.trim()]);
    let on_host = process::read(native.args(["--example", &options.bin]))?;

    ensure!(on_host.lines().count() > 0, "the host's program printed nothing");
    ensure!(on_board == on_host, "the host differs, it printed:\n{on_host}");
    let Options { board, bin, target } = options;
    eprintln!("{board}, {target}: the same {} lines as on the host", on_host.lines().count());
    no_float(&builds.join(target).join("release").join(bin))
}

/// On a core without a floating-point unit, float arithmetic is a call: no such function may be linked.
fn no_float(elf: &Path) -> Result<()> {
    let program = fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let contains = |name: &str| program.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    ensure!(contains("arc_runtime"), "{} has no symbols to look at", elf.display());
    let floats = ["__aeabi_f", "__aeabi_d", "__aeabi_i2", "__aeabi_ui2"].map(contains);
    ensure!(floats == [false; 4], "{} computes in floats: {floats:?}", elf.display());
    Ok(())
}
