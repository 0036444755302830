//! `cargo xtask sanitize`: the kernels of this machine under AddressSanitizer, which sees every read and write
//! beside a buffer.

use std::process::Command;

use anyhow::Result;

use crate::{paths, process};

/// Tests of kernels, by their packages: those with wrong sizes, and those that compare numbers.
const TESTS: [&[&str]; 3] = [
    &["--package", "arc-golden", "--test", "sizes"],
    &["--package", "arc-runtime", "--features", "std", "--lib"],
    &[
        "--package",
        "arc-runtime",
        "--features",
        "std",
        "--test",
        "it",
        "--",
        "kernels::",
        "sizes::",
    ],
];

/// Runs the verb.
///
/// # Errors
///
/// If a test fails, or reaches memory that is not its own.
pub fn run() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        println!("SKIPPED sanitize: Rust has AddressSanitizer for Linux with glibc");
        return Ok(());
    }
    let target = process::read(Command::new("rustc").args(["--print", "host-tuple"]))?;
    TESTS.into_iter().try_for_each(|tests| {
        let mut test = process::cargo();
        test.args(["test", "--release"]);
        // With a target named, the flags are not those of build scripts.
        test.args(["--target", target.trim(), "--target-dir"]);
        test.arg(paths::root().join("target/sanitize")).args(tests);
        // The sanitizers of a stable compiler, too, are behind its unstable flags.
        test.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
        // What a program leaves allocated at its end is no matter here.
        process::run(test.env("ASAN_OPTIONS", "detect_leaks=0"))
    })
}
