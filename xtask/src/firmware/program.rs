//! The programs of the firmware example, for a board and for the host.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::board::Board;
use crate::setup::bare_metal::Toolchain;
use crate::{paths, process};

/// The firmware's workspace.
pub fn folder() -> PathBuf {
    paths::root().join("firmware-example")
}

/// `cargo <verb>` for a board, by its file in firmware-example/boards.
pub fn cargo(toolchain: &Toolchain, verb: &str, board: &str) -> Command {
    let mut cargo = toolchain.cargo(verb);
    cargo.current_dir(folder()).args(["--release", "--config", &format!("boards/{board}.toml")]);
    cargo.arg("--target-dir").arg(folder().join("target"));
    cargo
}

/// The host program of the same name, with what the board is given.
///
/// # Errors
///
/// As [`host`].
pub fn native(board: Board, bin: &str) -> Result<Command> {
    let mut native = host("run")?;
    native.args(["--quiet", "--config", &format!("boards/{board}.toml"), "--example", bin]);
    Ok(native)
}

/// `cargo <verb>` for the host's part of the example.
///
/// # Errors
///
/// If the compiler does not say what the host is.
pub fn host(verb: &str) -> Result<Command> {
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
///
/// # Errors
///
/// If one is, or the file can't be read.
pub fn no_float(elf: &Path) -> Result<()> {
    let program = fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let contains = |name: &str| program.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    ensure!(contains("arc_runtime"), "{} has no symbols to look at", elf.display());
    let floats = ["__aeabi_f", "__aeabi_d", "__aeabi_i2", "__aeabi_ui2"].map(contains);
    ensure!(floats == [false; 4], "{} computes in floats: {floats:?}", elf.display());
    Ok(())
}
