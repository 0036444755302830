//! `docs/speed-KERNELS.md`: the measurements in words and tables, a file for each kind of section.

mod limits;
mod measured;
mod omniglot;
mod peers;
mod speed;
mod thousands;

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

pub use measured::Measured;
pub use peers::table;
pub use thousands::thousands;

use crate::paths;

/// The page of a machine, and its plot, without their endings: machines with other kernels have others.
pub fn name(kernels: &str) -> String {
    format!("speed-{kernels}")
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
    section("Beside other engines", peers::beside(&measured.cases, &name(measured.kernels)));
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
