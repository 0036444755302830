//! `cargo xtask firmware`: the firmware example in QEMU, its output compared with the host's.

mod board;
pub mod enroll;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::{paths, process, setup};
pub use board::Board;
use board::PROBED;

/// Which firmware to run, and where.
#[derive(clap::Args)]
pub struct Options {
    /// QEMU's name of the board
    #[arg(long, default_value = "mps2-an386")]
    board: Board,
    /// The program in firmware-example/src/bin
    #[arg(long, default_value = "pair", value_parser = BINS)]
    bin: String,
}

/// The programs in firmware-example/src/bin that the host has, too.
const BINS: [&str; 5] = ["pair", "selftest", "golden", "one_shot", enroll::BIN];

/// Programs that enrol more than the smallest board has RAM for.
const LARGE: [&str; 2] = ["one_shot", enroll::BIN];

/// The firmware's workspace.
pub fn folder() -> PathBuf {
    paths::root().join("firmware-example")
}

/// All boards, in QEMU and not.
pub fn boards() -> impl Iterator<Item = &'static str> {
    Board::ALL.map(Board::name).into_iter().chain(PROBED)
}

/// `cargo <verb>` for a board, by its file in firmware-example/boards.
pub fn cargo(toolchain: &Toolchain, verb: &str, board: &str) -> Command {
    let mut cargo = toolchain.cargo(verb);
    cargo.current_dir(folder()).args(["--release", "--config", &format!("boards/{board}.toml")]);
    cargo.arg("--target-dir").arg(folder().join("target"));
    cargo
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    check(&toolchain, options.board, &options.bin)
}

/// Runs every program on every board, and looks at each as [`check`] does.
///
/// # Errors
///
/// The first of [`check`].
pub fn check_all(toolchain: &Toolchain) -> Result<()> {
    for board in Board::ALL {
        let fits = |bin| board != Board::Microbit || !LARGE.contains(bin);
        for bin in BINS.iter().filter(|bin| fits(bin)) {
            check(toolchain, board, bin)?;
        }
    }
    Ok(())
}

/// Builds every program for the boards that are not in QEMU.
///
/// # Errors
///
/// If one does not build.
pub fn build_probed(toolchain: &Toolchain) -> Result<()> {
    PROBED.into_iter().try_for_each(|board| process::run(&mut cargo(toolchain, "build", board)))
}

/// Runs a firmware program in QEMU, and the host program of the same name, and compares what they print;
/// then looks for floating-point arithmetic in the firmware.
fn check(toolchain: &Toolchain, board: Board, bin: &str) -> Result<()> {
    if bin == enroll::BIN {
        return enroll::check(toolchain, board);
    }
    let elf = executable(cargo(toolchain, "build", board.name()).args(["--bin", bin]))?;
    let mut qemu = cargo(toolchain, "run", board.name());
    qemu.args(["--quiet", "--bin", bin]).env("PATH", setup::qemu::path()?);
    let on_board = process::read(&mut qemu)?;
    print!("{on_board}");

    let on_host = process::read(&mut native(board, bin)?)?;
    ensure!(on_host.lines().count() > 0, "the host's program printed nothing");
    ensure!(on_board == on_host, "the host differs, it printed:\n{on_host}");
    eprintln!("{board}, {bin}: the same {} lines as on the host", on_host.lines().count());
    no_float(&elf)
}

/// The host program of the same name, with what the board is given.
fn native(board: Board, bin: &str) -> Result<Command> {
    let mut native = host("run")?;
    native.args(["--quiet", "--config", &format!("boards/{board}.toml"), "--example", bin]);
    Ok(native)
}

/// `cargo <verb>` for the host's part of the example.
fn host(verb: &str) -> Result<Command> {
    let target = process::read(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let mut cargo = process::cargo();
    cargo.current_dir(folder()).args([
        verb,
        "--release",
        "--no-default-features",
        "--features",
        "full",
    ]);
    cargo.args(["--target", target.trim()]);
    Ok(cargo)
}

/// Runs a build of one program and returns where it is.
///
/// # Errors
///
/// If the build fails.
pub fn executable(build: &mut Command) -> Result<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let messages = process::read(build.arg("--message-format=json-render-diagnostics"))?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    messages.filter_map(|message| message.executable).next_back().context("cargo built no program")
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
