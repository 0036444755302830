//! `cargo xtask mutants`: whether the runtime's tests notice a change of its model, its stages or its
//! arithmetic.
//!
//! `arc-runtime/mutants.toml` says which files are changed and by which tests, and gives a reason
//! for each change that no test can notice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::setup::tool::Tool;
use crate::{paths, process};

/// The version that `arc-runtime/mutants.toml` was written for: another one may know other mutants.
const MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    version: "27.1.0",
    sha256: "07072e7bcdeb425d5e5fdbfd9f15a2c749e23cb2edf5ef40aee5876760ae1cf9",
};

#[derive(clap::Args)]
pub struct Options {
    /// One part of the mutants alone, such as 3/40; the first is 0
    #[arg(long)]
    shard: Option<String>,
}

/// Tries all mutants, or the given part of them, and prints what became of them.
pub fn run(options: &Options) -> Result<()> {
    attempt(options.shard.as_deref())
}

/// The part that the checks try: always the same, so that a failure comes of a change and not of chance.
const CHECKED: &str = "3/80";

/// Tries a part of the mutants.
///
/// # Errors
/// Names those that no test notices.
pub fn check() -> Result<()> {
    attempt(Some(CHECKED))
}

fn attempt(shard: Option<&str>) -> Result<()> {
    MUTANTS.ensure()?;
    let folder = paths::target()?.join("mutants");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut mutants = process::cargo();
    mutants.args(["mutants", "--package", "arc-runtime", "--config", "arc-runtime/mutants.toml"]);
    mutants.args(["--profile", "mutants", "--no-shuffle", "--colors", "never"]);
    mutants.arg("--output").arg(&folder);
    // The copy that is changed is built here, so that dependencies are built once for all runs.
    mutants.env("PATH", MUTANTS.path()?).env("CARGO_TARGET_DIR", folder.join("target"));
    if let Some(shard) = shard {
        // Dealt in turn, so that each part has some of every file.
        mutants.args(["--shard", shard, "--sharding", "round-robin"]);
    }
    let line = process::show(&mutants);
    eprintln!("$ {line}");
    let status = mutants.status().with_context(|| format!("cannot start `{line}`"))?;
    match status.code() {
        // A test that runs for ever has noticed, too.
        Some(0 | 3) => print!("{}", table(&folder.join("mutants.out/outcomes.json"))?),
        Some(2) => bail!(
            "the tests do not notice the changes named MISSED: write a test that does, or exclude them in \
             arc-runtime/mutants.toml with the reason why no test can"
        ),
        _ => bail!("`{line}` failed ({status})"),
    }
    Ok(())
}

#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: Summary,
}

#[derive(Deserialize)]
enum Scenario {
    Baseline,
    Mutant { file: String },
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Summary {
    Success,
    CaughtMutant,
    MissedMutant,
    Unviable,
    Timeout,
    Failure,
}

/// What became of the mutants of each file, in Markdown.
fn table(outcomes: &Path) -> Result<String> {
    let text =
        fs::read_to_string(outcomes).with_context(|| format!("reading {}", outcomes.display()))?;
    let Outcomes { outcomes } = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what cargo-mutants writes", outcomes.display()))?;
    let mut files: BTreeMap<String, Vec<Summary>> = BTreeMap::new();
    for Outcome { scenario, summary } in outcomes {
        if let Scenario::Mutant { file } = scenario {
            files.entry(file).or_default().push(summary);
        }
    }
    let all = files.values().flatten().copied().collect();
    files.insert("total".to_owned(), all);
    let mut table = String::from(
        "| file | mutants | caught | run for ever | do not compile | missed |\n|---|---|---|---|---|---|\n",
    );
    for (file, summaries) in files {
        let count = |wanted| summaries.iter().filter(|&&summary| summary == wanted).count();
        let [caught, timeout, unviable, missed] =
            [Summary::CaughtMutant, Summary::Timeout, Summary::Unviable, Summary::MissedMutant]
                .map(count);
        let mutants = summaries.len();
        table +=
            &format!("| {file} | {mutants} | {caught} | {timeout} | {unviable} | {missed} |\n");
    }
    Ok(table)
}
