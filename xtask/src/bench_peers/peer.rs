//! A peer at work: a process that answers one line for each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process;

/// A process that has been started.
pub struct Peer {
    line: String,
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If the program can't be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let line = process::show(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().context("stdout is a pipe")?);
        Ok(Self { line, child, requests, replies })
    }

    /// Its logits.
    ///
    /// # Errors
    ///
    /// If it fails.
    pub fn logits(&mut self) -> Result<Vec<f64>> {
        self.ask("logits")
    }

    /// The pairs that it compares in a second, measured now.
    ///
    /// # Errors
    ///
    /// If it fails.
    pub fn rate(&mut self) -> Result<f64> {
        Ok(self.ask("time")?[0])
    }

    fn ask(&mut self, request: &str) -> Result<Vec<f64>> {
        let mut reply = String::new();
        let mut talk = || -> Result<Vec<f64>> {
            let requests = self.requests.as_mut().context("stdin is a pipe")?;
            writeln!(requests, "{request}")?;
            self.replies.read_line(&mut reply)?;
            let numbers = reply.split_whitespace().map(str::parse);
            let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
            ensure!(!numbers.is_empty(), "no answer to `{request}`");
            Ok(numbers)
        };
        talk().with_context(|| format!("`{}` failed", self.line))
    }
}

impl Drop for Peer {
    /// Without requests it ends by itself.
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}
