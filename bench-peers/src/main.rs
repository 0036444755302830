//! One of the peers, as a process that answers on stdin and stdout:
//!
//! ```text
//! bench-peers NAME FOLDER QUESTION
//! ```
//!
//! For each line `logits` it prints the logits of the question on one line, and for each line `time` the pairs that it
//! compares in a second. `onnx_peer.py` answers in the same way. `cargo xtask bench-peers` prepares the folder and asks.

mod libtorch;
mod ours;
mod reference;
mod subject;
mod tract;

use std::io::{BufRead, Write, stdin, stdout};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use subject::Subject;

/// How long the question is answered over and over to tell the rate, at least.
const SLICE: Duration = Duration::from_millis(250);

/// Answers the question once: a logit for each pair.
type Answer = Box<dyn FnMut() -> Result<Vec<f64>>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, folder, question] = arguments.as_slice() else {
        bail!(
            "usage: bench-peers ours|reference|libtorch|tract FOLDER pairs-N|identify-N\n       bench-peers images FOLDER DATA"
        );
    };
    if name == "images" {
        return subject::write_images(folder.as_ref(), question.as_ref());
    }
    // Everything lives as long as the process.
    let subject: &'static Subject = Box::leak(Box::new(Subject::load(folder.as_ref(), question)?));
    let mut answer = match name.as_str() {
        "ours" => ours::answer(subject)?,
        "reference" => reference::answer(subject),
        "libtorch" => libtorch::answer(subject)?,
        "tract" => tract::answer(subject)?,
        _ => bail!("no peer of the name {name}"),
    };
    for line in stdin().lock().lines() {
        let reply = match line?.as_str() {
            "logits" => join(&answer()?),
            "time" => rate(&mut answer)?.to_string(),
            other => bail!("no request {other}"),
        };
        writeln!(stdout(), "{reply}").context("nobody reads the answers")?;
    }
    Ok(())
}

fn join(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(f64::to_string).collect();
    numbers.join(" ")
}

/// Pairs per second, after one answer to warm up.
fn rate(answer: &mut Answer) -> Result<f64> {
    answer()?;
    let (start, mut pairs) = (Instant::now(), 0);
    while start.elapsed() < SLICE {
        pairs += answer()?.len();
    }
    Ok(pairs as f64 / start.elapsed().as_secs_f64())
}
