//! How far a long piece of work has come: a bar on a terminal, plain lines elsewhere.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::printable::printable_lines;

/// A line on stderr, with what a terminal would obey escaped. Work goes on when nobody reads it any
/// more, where `eprintln!` would panic.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", printable_lines(&text.to_string()));
}

/// Plain lines that one piece of work prints.
const PLAIN_LINES: usize = 4;

/// Progress on stderr, advanced from any thread.
pub struct Progress {
    what: &'static str,
    total: usize,
    done: AtomicUsize,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of `total` equal pieces of `what`.
    pub fn new(what: &'static str, total: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = "{msg} {bar:32.cyan/blue} {pos}/{len}  {elapsed} gone, {eta} left";
            let style = ProgressStyle::with_template(style).expect("the template is well-formed");
            ProgressBar::new(total as u64).with_style(style).with_message(what)
        });
        Self { what, total, done: AtomicUsize::new(0), bar }
    }

    /// One more piece is done.
    pub fn advance(&self) {
        if let Some(bar) = &self.bar {
            return bar.inc(1);
        }
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let quarter = |n: usize| n * PLAIN_LINES / self.total;
        if quarter(done) > quarter(done - 1) {
            note(format_args!("{}: {done}/{}", self.what, self.total));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
