//! Instructions of the kernels for aarch64, in QEMU.

use std::path::Path;

use anyhow::Result;

use super::program::{output, within};
use super::row::{Row, rows};
use crate::mcu_bench::elf::Elf;
use crate::setup;

/// It has dot products.
const PROCESSOR: &str = "cortex-a76";

/// Runs the program, and counts between its marks.
pub fn count(program: &Path) -> Result<Vec<Row>> {
    let counter = setup::counter::ensure()?;
    let elf = Elf::read(program)?;
    let (begin, end) = (elf.address("count_begin")?, elf.address("count_end")?);
    let plugin = format!("{},begin={begin:#x},end={end:#x}", counter.display());
    let mut qemu = within(120, "qemu-aarch64");
    qemu.args(["-L", "/usr/aarch64-linux-gnu", "-cpu", PROCESSOR, "-plugin", &plugin]);
    let (results, log) = output(qemu.arg(program))?;
    let count = |line: &str| line.strip_prefix("count: ")?.parse().ok();
    rows(&results, &log.lines().filter_map(count).collect::<Vec<_>>())
}
