//! QEMU runs the firmware, and defmt-print decodes its log.

use std::ffi::OsString;

use anyhow::Result;

use super::report::report;
use super::tool::Tool;
use crate::{paths, process};

const DEFMT_PRINT: Tool = Tool {
    name: "defmt-print",
    version: "1.2.0",
    sha256: "87aa7ccc8f16daa67a9552ca70ecf3cc7d18cb21192542b247a68a6de81d7878",
};

/// Makes sure that the firmware can be run.
pub fn ensure() -> Result<()> {
    // Debian has both in one package.
    let programs = ["qemu-system-arm", "qemu-system-aarch64"];
    if programs.iter().all(|program| paths::program(program).is_some()) {
        report("qemu", format_args!("{} are there", programs.join(", ")));
    } else {
        report("qemu", "installing qemu-system-arm");
        process::apt_install(&["qemu-system-arm"])?;
    }
    if paths::program(DEFMT_PRINT.name).is_some() {
        report("defmt", "defmt-print is there");
        return Ok(());
    }
    DEFMT_PRINT.ensure().map(drop)
}

/// A `PATH` on which defmt-print is found.
pub fn path() -> Result<OsString> {
    DEFMT_PRINT.path()
}
