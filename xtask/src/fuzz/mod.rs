//! `cargo xtask fuzz`: hostile input for everything that reads any, under a sanitizer.
//!
//! The targets lie in `fuzz/fuzz_targets`, each with its committed inputs in `fuzz/corpus`. What a run
//! finds beyond these stays in `fuzz/work`, which git ignores.

mod corpus;
mod report;
mod target;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;

use crate::{paths, process, setup};
use report::{Finding, Report};
use target::Target;

/// What is fuzzed, and for how long.
#[derive(clap::Args)]
pub struct Options {
    /// The targets; all of them if none is named
    #[arg(value_parser = PossibleValuesParser::new(Target::names()))]
    targets: Vec<String>,
    /// How long each is run
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How many run at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Instead of looking for more, add the shortest inputs that earlier runs found to those that are
    /// committed
    #[arg(long)]
    minimize: bool,
}

/// Most memory of a program in MB: what an input may take is far less.
const MOST_MEMORY: u32 = 512;
/// Seconds that one input may take.
const MOST_SECONDS: u32 = 20;

/// The fuzz targets' folder, a workspace of its own.
pub fn folder() -> PathBuf {
    paths::root().join("fuzz")
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let named = |target: &Target| options.targets.iter().any(|name| name == target.name);
    let all = options.targets.is_empty();
    let targets: Vec<_> = Target::ALL.into_iter().filter(|target| all || named(target)).collect();
    let programs = Programs::build()?;
    if options.minimize {
        return targets.iter().try_for_each(|target| programs.minimize(target));
    }
    programs.fuzz(&targets, options.seconds, options.jobs, None)
}

/// Runs each target for a minute, one after the other: the checks have other work for another core. The
/// random numbers are the same each time, so that a failure comes of a change and not of chance.
///
/// # Errors
/// Names the inputs that a target fails on.
pub fn check() -> Result<()> {
    Programs::build()?.fuzz(&Target::ALL, 60, 1, Some(1))
}

/// The targets, compiled.
struct Programs {
    folder: PathBuf,
}

impl Programs {
    fn build() -> Result<Self> {
        let cargo_fuzz = setup::cargo_fuzz::ensure()?;
        let mut host = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        let host = process::read(host.args(["--print", "host-tuple"]).current_dir(paths::root()))?;
        let host = host.trim();
        let mut build = Command::new(cargo_fuzz);
        build.args(["build", "--fuzz-dir", ".", "--target", host]).current_dir(folder());
        // Sanitizers are for nightly compilers, and work in a stable one.
        process::run(build.env("RUSTC_BOOTSTRAP", "1"))?;
        Ok(Self { folder: folder().join("target").join(host).join("release") })
    }

    /// A target with its limits, and the environment that it needs.
    fn command(&self, target: &Target) -> Command {
        let mut command = Command::new(self.folder.join(target.name));
        command.current_dir(folder());
        // Freed memory would count for long otherwise. One thread at a time, so that an input
        // always takes the same way.
        command.env("ASAN_OPTIONS", "quarantine_size_mb=16").env("RAYON_NUM_THREADS", "1");
        command.env("RUST_BACKTRACE", "0");
        command.arg(format!("-max_len={}", target.longest));
        command.arg(format!("-rss_limit_mb={MOST_MEMORY}"));
        command.arg(format!("-timeout={MOST_SECONDS}"));
        if let Some(dictionary) = target.dictionary {
            command.arg(format!("-dict=dictionaries/{dictionary}"));
        }
        command
    }

    /// Runs targets, some at a time, and shows what came of them.
    fn fuzz(&self, targets: &[Target], seconds: u32, jobs: usize, seed: Option<u32>) -> Result<()> {
        let (waiting, done) = (Mutex::new(targets.iter()), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            let work = || -> Result<()> {
                loop {
                    let next = waiting.lock().expect("no thread panics").next();
                    let Some(target) = next else { return Ok(()) };
                    let report = self.attack(target, seconds, seed)?;
                    eprintln!("{report}");
                    done.lock().expect("no thread panics").push(report);
                }
            };
            eprintln!("{}", Report::HEAD);
            let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
        })?;
        let reports = done.into_inner().expect("no thread panics");
        let mut failed = Vec::new();
        for report in &reports {
            if let Some(finding) = &report.finding {
                failed.push(report.name);
                eprintln!("\n{}", self.show(report.name, finding));
            }
        }
        if !failed.is_empty() {
            bail!("{} failed", failed.join(", "));
        }
        Ok(())
    }

    /// Runs one target.
    fn attack(&self, target: &Target, seconds: u32, seed: Option<u32>) -> Result<Report> {
        let work = folder().join("work").join(target.name);
        let (found, findings) = (work.join("corpus"), work.join("findings"));
        for folder in [&found, &findings] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let log = work.join("log");
        let file = File::create(&log).with_context(|| log.display().to_string())?;
        let mut command = self.command(target);
        command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
        command.arg(format!("-artifact_prefix={}/", findings.display()));
        command.args(seed.map(|seed| format!("-seed={seed}")));
        command.arg(found).arg(folder().join("corpus").join(target.name));
        let start = Instant::now();
        let status = command.stderr(file).status();
        let status = status.with_context(|| process::show(&command))?;
        let log = fs::read(&log).with_context(|| log.display().to_string())?;
        let (log, time) = (String::from_utf8_lossy(&log), start.elapsed());
        Ok(Report::read(target.name, &log, time, !status.success()))
    }

    /// A finding in words, with the command that shows it again.
    fn show(&self, name: &str, finding: &Finding) -> String {
        let log = folder().join("work").join(name).join("log");
        let Finding { what, input } = finding;
        let again = match input {
            Some(input) => {
                let program = self.folder.join(name);
                format!("again: {} {}", program.display(), input.display())
            }
            None => "it left no input".to_owned(),
        };
        format!("{name}: {what}\n{again}\nall it said: {}", log.display())
    }

    /// Adds inputs that earlier runs found to those that are committed.
    fn minimize(&self, target: &Target) -> Result<()> {
        let committed = folder().join("corpus").join(target.name);
        let found = folder().join("work").join(target.name).join("corpus");
        if !found.is_dir() {
            bail!("{} has not been run yet: `cargo xtask fuzz {0}` first", target.name);
        }
        let merged = paths::scratch(&folder().join("work"))?;
        let mut merge = self.command(target);
        merge.args(["-merge=1", "-set_cover_merge=1"]).arg(merged.path());
        process::run(merge.arg(&committed).arg(found))?;
        let added = corpus::add_shortest(&committed, merged.path())?;
        eprintln!("{}: {added} more inputs", target.name);
        Ok(())
    }
}
