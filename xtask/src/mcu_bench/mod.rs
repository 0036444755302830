//! `cargo xtask mcu-bench`: instructions, memory and code of the runtime on each board, and their limits.

pub mod elf;
mod limits;
mod measure;
mod panics;
mod prepare;
mod row;

use anyhow::Result;
use arc_golden::Golden;
use arc_golden::shipped::{SMALL, TINY};

use crate::firmware::Board;
use crate::setup::{self, bare_metal::Toolchain};
use row::{Row, Table};

/// How to show it.
#[derive(clap::Args)]
pub struct Options {
    /// Print a JSON array of one object for each board and model, and nothing else
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    let rows = measure_all(&toolchain)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("{}", Table(&rows));
    }
    Ok(())
}

/// Measures everything and holds it against the limits.
///
/// # Errors
///
/// If a program can't be measured, or the first limit that is not kept.
pub fn check(toolchain: &Toolchain) -> Result<()> {
    let rows = measure_all(toolchain)?;
    println!("{}", Table(&rows));
    rows.iter().try_for_each(limits::check)?;
    panics::check(toolchain)
}

/// Every board with the models that it has room for.
fn measure_all(toolchain: &Toolchain) -> Result<Vec<Row>> {
    let counter = setup::counter::ensure()?;
    let models = |board: Board| -> &[Golden] {
        if board.holds_gallery() { &[SMALL, TINY] } else { &[TINY] }
    };
    let mut rows = Vec::new();
    for board in Board::ALL {
        let prepare = prepare::measure(toolchain, &counter, board)?;
        for model in models(board) {
            rows.push(measure::measure(toolchain, &counter, board, model, prepare)?);
        }
    }
    Ok(rows)
}
