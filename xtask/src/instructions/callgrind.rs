//! Instructions of the kernels for x86-64, by Valgrind's Callgrind, which runs the program on a processor of its
//! own: one with AVX2 at most, whatever this machine has.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::program::{output, within};
use super::row::{Row, rows};
use crate::paths;

/// Runs the program, and counts between its marks.
pub fn count(program: &Path) -> Result<Vec<Row>> {
    let folder = paths::scratch(&paths::target()?)?;
    let file = folder.path().join("callgrind.out");
    let mut valgrind = within(600, "valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--combine-dumps=yes"]);
    valgrind.args(["--zero-before=count_begin", "--dump-before=count_end"]);
    valgrind.arg(format!("--callgrind-out-file={}", file.display()));
    let (results, _) = output(valgrind.arg(program))?;
    let dump = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    rows(&results, &counts(&dump))
}

/// The counts of each part that was dumped at a mark; behind them stands that of the program's end.
pub fn counts(dump: &str) -> Vec<u64> {
    let parts = dump.split("\npart: ").skip(1);
    let marked = parts.filter(|part| part.contains("desc: Trigger: --dump-before=count_end"));
    let total = |part: &str| part.lines().find_map(|l| l.strip_prefix("totals: ")?.parse().ok());
    marked.filter_map(total).collect()
}
