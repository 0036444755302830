//! The library for other machines, most of them without an operating system: found as it is
//! installed, or by rustup, or from Debian's packages.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::report::report;
use crate::{paths, process};

/// Every bare-metal target that the project is built for: Cortex-M0 and M0+, M3, M4F and M7, M55.
pub const TARGETS: [&str; 4] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabihf",
    "thumbv8m.main-none-eabihf",
];

/// The targets that the vector kernels of other machines are tested on.
pub const VECTOR_TARGETS: [&str; 3] =
    ["aarch64-unknown-none", "aarch64-unknown-linux-gnu", "wasm32-unknown-unknown"];

/// The compiler that has the bare-metal targets.
pub struct Toolchain {
    /// Debian's sysroot, or `None` for the ordinary compiler.
    debian: Option<PathBuf>,
}

impl Toolchain {
    /// `cargo <verb>` with this compiler.
    pub fn cargo(&self, verb: &str) -> Command {
        let mut cargo = process::cargo();
        cargo.arg(verb);
        if let Some(sysroot) = &self.debian {
            cargo.env("RUSTC", sysroot.join("bin/rustc"));
        }
        cargo
    }

    /// `cargo clippy <arguments>` with this compiler, warnings denied.
    pub fn clippy(&self, arguments: &[&str]) -> Command {
        let Some(sysroot) = &self.debian else {
            let mut clippy = self.cargo("clippy");
            clippy.args(arguments).args(["--", "--deny", "warnings"]);
            return clippy;
        };
        let mut check = self.cargo("check");
        check.args(arguments).env("RUSTC_WORKSPACE_WRAPPER", sysroot.join("bin/clippy"));
        check
    }
}

/// Makes sure that the bare-metal targets are there.
pub fn ensure() -> Result<Toolchain> {
    let missing = missing_targets()?;
    if missing.is_empty() {
        report(
            "targets",
            format_args!("{} are there", all_targets().collect::<Vec<_>>().join(", ")),
        );
        return Ok(Toolchain { debian: None });
    }
    if env::var("ARC_TOOLCHAIN").is_ok_and(|route| route == "debian") {
        return debian();
    }
    report("targets", format_args!("adding {} by rustup", missing.join(", ")));
    process::run(Command::new("rustup").args(["target", "add"]).args(&missing)).context(
        "rustup could not add the bare-metal targets; if your Rust is not from rustup, install them as its vendor \
         says, or set ARC_TOOLCHAIN=debian to use Debian's packages",
    )?;
    Ok(Toolchain { debian: None })
}

fn all_targets() -> impl Iterator<Item = &'static str> {
    TARGETS.into_iter().chain(VECTOR_TARGETS)
}

/// The targets that the active compiler has no library for.
fn missing_targets() -> Result<Vec<&'static str>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot =
        process::read(Command::new(rustc).args(["--print", "sysroot"]).current_dir(paths::root()))?;
    let targets = Path::new(sysroot.trim()).join("lib/rustlib");
    Ok(all_targets().filter(|target| !targets.join(target).join("lib").is_dir()).collect())
}

fn debian() -> Result<Toolchain> {
    let sysroot = paths::cache()?.join("debian-sysroot");
    report("targets", format_args!("from Debian's packages, in {}", sysroot.display()));
    let script = paths::root().join("xtask/debian-toolchain.sh");
    process::run(Command::new(script).arg(&sysroot).args(all_targets()))?;
    Ok(Toolchain { debian: Some(sysroot) })
}
