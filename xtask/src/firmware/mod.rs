//! `cargo xtask firmware`: the firmware example in QEMU, its output compared with the host's.

mod board;
pub mod enroll;
mod program;

use anyhow::{Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::{process, setup};
pub use board::Board;
use board::PROBED;
pub use program::{cargo, executable, folder};
use program::{native, no_float};

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
const BINS: [&str; 6] = ["pair", "camera", "selftest", "golden", "one_shot", enroll::BIN];

/// Programs that take more RAM than the smallest board has.
const LARGE: [&str; 3] = ["camera", "one_shot", enroll::BIN];

/// All boards, in QEMU and not.
pub fn boards() -> impl Iterator<Item = &'static str> {
    Board::ALL.map(Board::name).into_iter().chain(PROBED)
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    check(&toolchain, options.board, &options.bin)
}

/// Checks every program on every board, by [`check`].
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
