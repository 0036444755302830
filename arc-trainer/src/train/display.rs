//! The progress of a run for people: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::progress::note;

/// Time between two plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(15);

/// Shows how far a run has come.
pub struct Display {
    bar: Option<ProgressBar>,
    steps: u64,
    started: Instant,
    first: u64,
    last_line: Option<Instant>,
}

impl Display {
    /// For a run of `steps` steps of which `done` are done.
    pub fn new(steps: u64, done: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = "{bar:32.cyan/blue} {pos}/{len} steps  {msg}  {elapsed} gone, {eta} left";
            let style = ProgressStyle::with_template(style).expect("the template is well-formed");
            let bar = ProgressBar::new(steps).with_position(done).with_style(style);
            bar.enable_steady_tick(Duration::from_millis(500));
            bar.reset_eta();
            bar
        });
        Self { bar, steps, started: Instant::now(), first: done, last_line: None }
    }

    /// After each step.
    pub fn step(&mut self, step: u64, status: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(status.to_owned());
            bar.set_position(step);
        } else if step == self.steps || self.last_line.is_none_or(|t| t.elapsed() >= PLAIN_EVERY) {
            self.last_line = Some(Instant::now());
            let per_step = self.started.elapsed().as_secs_f64() / (step - self.first).max(1) as f64;
            let left = Duration::from_secs_f64(per_step * (self.steps - step) as f64);
            note(format_args!("step {step}/{}  {status}  {} left", self.steps, minutes(left)));
        }
    }

    /// A line that stays.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => note(text),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}

/// `1h02m`, `3m05s`.
fn minutes(time: Duration) -> String {
    let s = time.as_secs();
    if s >= 3600 {
        format!("{}h{:02}m", s / 3600, s / 60 % 60)
    } else {
        format!("{}m{:02}s", s / 60, s % 60)
    }
}
