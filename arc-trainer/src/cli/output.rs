//! Results on stdout, for people or for programs; progress and logs go to stderr.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::printable::printable_lines;

/// Prints a result: as one JSON object, or in words. What a terminal would obey is escaped.
///
/// # Errors
/// An error that ends the program quietly when nobody reads stdout any more; otherwise why it can't be written.
pub fn print<T: Serialize + fmt::Display>(result: &T, json: bool) -> Result<()> {
    let text = if json { serde_json::to_string_pretty(result)? } else { result.to_string() };
    let text = printable_lines(text.trim_end());
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        done => done.context("can't write to stdout"),
    }
}

/// The reader of stdout has gone away.
#[derive(Debug)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stdout was closed")
    }
}

impl std::error::Error for Closed {}
