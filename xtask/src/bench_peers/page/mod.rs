//! `docs/speed-KERNELS.md`: the measurements in words and tables, a file for each kind of section.

mod limits;
mod omniglot;
mod peers;
mod speed;

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

pub use peers::table;

use super::measure::{Case, median};
use super::omniglot::Evaluation;
use super::page_name;
use super::speed::{Network, Speed};
use crate::paths;

/// Batches of `arc-trainer bench`.
const BATCHES: [usize; 3] = [1, 20, 256];

/// All that the page shows.
pub struct Measured {
    /// Beside the others.
    pub cases: Vec<Case>,
    /// Those measured by themselves.
    pub networks: Vec<Network>,
    /// The kernels of this machine's choice.
    pub kernels: &'static str,
    /// Every network in every setting.
    pub speeds: Vec<Speed>,
    /// A whole evaluation of a network in every setting, where there are drawings.
    pub omniglot: Option<(&'static str, Vec<Evaluation>)>,
}

impl Measured {
    /// Every network on one thread with the kernels of this machine's choice.
    fn alone(&self) -> impl Iterator<Item = &Speed> {
        self.speeds.iter().filter(|speed| speed.threads == 1 && speed.backend == self.kernels)
    }

    /// The network of a name.
    fn network(&self, name: &str) -> &Network {
        let network = self.networks.iter().find(|network| network.name == name);
        network.expect("every case is of a network that is measured by itself")
    }

    /// Billions of multiply-accumulates a second that so many threads can do.
    fn peak(&self, threads: usize) -> f64 {
        let speeds =
            self.speeds.iter().filter(|s| s.threads == threads && s.backend == self.kernels);
        median(speeds.map(|speed| speed.peak_gmacs).collect())
    }
}

/// The whole page.
pub fn page(measured: &Measured) -> String {
    let mut page = format!(
        "# Speed\n\n\
        Written by `cargo xtask bench-peers --write`, on one thread unless a table says otherwise; medians, as \
        everything takes turns. Processor: {}. Kernels: {}. Code: {}.\n",
        processor(),
        measured.kernels,
        commit(),
    );
    let mut section = |title: &str, text: String| {
        write!(page, "\n## {title}\n\n{text}").expect("writing to memory");
    };
    section("Beside other engines", peers::beside(&measured.cases, &page_name(measured.kernels)));
    section("Agreement", peers::agreement(&measured.cases));
    section("By itself", speed::alone(measured));
    section("What is possible", limits::limits(measured));
    section("Threads", speed::threads(measured));
    section("Kernels", speed::kernels(measured));
    section("A whole evaluation", omniglot::omniglot(measured));
    page
}

/// The commit that was measured, as far as git tells.
fn commit() -> String {
    let mut git = Command::new("git");
    git.current_dir(paths::root()).args(["rev-parse", "--short", "HEAD"]);
    let told = git.output().ok().filter(|output| output.status.success());
    let commit = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    commit.map_or_else(|| "of no commit".to_owned(), |commit| format!("commit {commit}"))
}

/// The processor: its name, cores and caches, as far as the system tells.
fn processor() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let text = read("/proc/cpuinfo");
    let field = |name: &str| {
        let value = |line: &str| {
            line.strip_prefix(name)?.trim_start().strip_prefix(": ").map(str::to_owned)
        };
        text.lines().find_map(value)
    };
    let mut parts = vec![field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned())];
    if let (Some(family), Some(model)) = (field("cpu family"), field("model")) {
        parts.push(format!("family {family}, model {model}"));
    }
    parts.extend(available_parallelism().ok().map(|cores| format!("{cores} cores")));
    let second_cache = read("/sys/devices/system/cpu/cpu0/cache/index2/size");
    if !second_cache.is_empty() {
        parts.push(format!("{} of second-level cache each", second_cache.trim()));
    }
    parts.join(", ")
}

/// A whole number with its thousands apart.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
