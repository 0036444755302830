//! `cargo xtask firmware`: the firmware example in QEMU, its output compared with the host's.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::{paths, process, setup};

/// Which firmware to run, and where.
#[derive(clap::Args)]
pub struct Options {
    /// QEMU's name of the board
    #[arg(long, default_value = "mps2-an386", value_parser = ["mps2-an386", "mps2-an500"])]
    board: String,
    /// The program in firmware-example/src/bin
    #[arg(long, default_value = "pair", value_parser = ["pair"])]
    bin: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { board: "mps2-an386".into(), bin: "pair".into() }
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

/// Runs a firmware program in QEMU, and the host program of the same name, and compares what they print.
///
/// # Errors
///
/// If either fails, or they differ.
pub fn check(toolchain: &Toolchain, options: &Options) -> Result<()> {
    let mut qemu = toolchain.cargo("run");
    qemu.current_dir(folder()).args(["--release", "--bin", &options.bin]);
    qemu.env("BOARD", &options.board).env("PATH", setup::qemu::path()?);
    let on_board = process::read(&mut qemu)?;
    print!("{on_board}");

    let host = process::read(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let mut native = process::cargo();
    native.current_dir(folder()).args(["run", "--quiet", "--release", "--target", host.trim()]);
    let on_host = process::read(native.args(["--example", &options.bin]))?;

    ensure!(on_host.lines().count() > 0, "the host's program printed nothing");
    ensure!(on_board == on_host, "the host differs, it printed:\n{on_host}");
    eprintln!("{}: the same {} lines as on the host", options.board, on_host.lines().count());
    Ok(())
}
