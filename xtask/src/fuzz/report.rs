//! What the fuzzer says at its end.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What came of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The target.
    pub name: &'static str,
    /// Inputs that were run.
    pub runs: u64,
    /// How long it took.
    pub time: Duration,
    /// Edges of the program that were seen, and how many of them the committed inputs see.
    pub edges: Edges,
    /// Inputs that see all of them.
    pub corpus: u64,
    /// Greatest resident memory.
    pub memory_mb: u64,
    /// What went wrong.
    pub finding: Option<Finding>,
}

/// Edges of a program's control flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edges {
    /// Seen before anything was tried.
    pub before: u64,
    /// Seen in the end.
    pub after: u64,
}

/// An input that a target fails on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, in the program's words.
    pub what: String,
    /// Where the input is; none if the program could not say.
    pub input: Option<PathBuf>,
}

impl Report {
    /// Reads the fuzzer's log; `failed` is whether the program did.
    pub fn read(name: &'static str, log: &str, time: Duration, failed: bool) -> Self {
        let number = |line: &str, before: &str| -> Option<u64> {
            let (_, rest) = line.split_once(before)?;
            let digits = rest.trim_start();
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse().ok()
        };
        let first = |before: &str| log.lines().find_map(|line| number(line, before));
        let last = |before: &str| log.lines().rev().find_map(|line| number(line, before));
        let start = log.lines().find(|line| line.contains("\tINITED "));
        let edges = Edges {
            before: start.and_then(|line| number(line, "cov:")).unwrap_or_default(),
            after: last("cov:").unwrap_or_default(),
        };
        let finding = failed.then(|| {
            let says = |words: &[&str]| {
                let tells = |line: &&str| words.iter().any(|word| line.contains(word));
                log.lines().find(tells).map(str::trim).map(str::to_owned)
            };
            let written = says(&["Test unit written to "]);
            let path = written.as_deref().and_then(|line| line.split_once("written to "));
            Finding {
                what: says(&[" panicked at ", "ERROR: ", "SUMMARY: "])
                    .unwrap_or_else(|| "it ended without a word".to_owned()),
                input: path.map(|(_, path)| path.into()),
            }
        });
        Self {
            name,
            runs: first("stat::number_of_executed_units:").unwrap_or_default(),
            time,
            edges,
            corpus: last("corp:").unwrap_or_default(),
            memory_mb: first("stat::peak_rss_mb:").unwrap_or_default(),
            finding,
        }
    }

    /// The head of a table of reports.
    pub const HEAD: &str =
        "target             runs    runs/s   edges    new  corpus   MB  findings";
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, runs, time, edges, corpus, memory_mb, finding } = self;
        let rate = *runs as f64 / time.as_secs_f64();
        let new = edges.after.saturating_sub(edges.before);
        let findings = usize::from(finding.is_some());
        write!(
            f,
            "{name:<12} {runs:>10} {rate:>9.0} {:>7} {new:>6} {corpus:>7} {memory_mb:>4} {findings:>9}",
            edges.after
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: seed corpus: files: 2 min: 1b max: 9b total: 10b rss: 39Mb
#3\tINITED cov: 20 ft: 21 corp: 2/10b exec/s: 0 rss: 40Mb
#500\tNEW    cov: 31 ft: 40 corp: 5/60b lim: 9 exec/s: 0 rss: 41Mb L: 9/9 MS: 1 EraseBytes-
thread '<unnamed>' (7) panicked at fuzz_targets/line.rs:41:5:
the frame behind the noise
==7== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
artifact_prefix='/x/'; Test unit written to /x/crash-1234
stat::number_of_executed_units: 612
stat::peak_rss_mb:              44
";

    #[test]
    fn the_log_is_understood() {
        let report = Report::read("line", LOG, Duration::from_secs(2), true);
        let what = "thread '<unnamed>' (7) panicked at fuzz_targets/line.rs:41:5:".to_owned();
        let expected = Report {
            name: "line",
            runs: 612,
            time: Duration::from_secs(2),
            edges: Edges { before: 20, after: 31 },
            corpus: 5,
            memory_mb: 44,
            finding: Some(Finding { what, input: Some("/x/crash-1234".into()) }),
        };
        assert_eq!(report, expected);
        assert_eq!(Report::read("line", LOG, Duration::ZERO, false).finding, None);
    }

    #[test]
    fn the_columns_stand_below_their_heads() {
        let line = Report::read("line", LOG, Duration::from_secs(2), true).to_string();
        assert_eq!(line.len(), Report::HEAD.len());
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["line", "612", "306", "31", "11", "5", "44", "1"]
        );
    }
}
