//! `cargo xtask c`: the C interface, built as its users build it, computes what Rust computes, and
//! touches no memory that it was not given.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::setup::valgrind::COUNTED;
use crate::{paths, process, setup};

/// The crate's folder, a workspace of its own.
pub fn folder() -> PathBuf {
    paths::root().join("arc-runtime-c")
}

/// `cargo <arguments>` there.
fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = process::cargo();
    cargo.current_dir(folder()).args(arguments);
    cargo
}

/// Runs the verb.
pub fn run() -> Result<()> {
    let toolchain = setup::bare_metal::ensure()?;
    setup::qemu::ensure()?;
    setup::valgrind::ensure()?;
    check(&toolchain)
}

/// Lints and tests the crate, then holds its C examples against Rust.
///
/// # Errors
///
/// If a step fails, or a line differs.
pub fn check(toolchain: &Toolchain) -> Result<()> {
    install()?;
    process::run(&mut cargo(&["clippy", "--all-targets", "--", "--deny", "warnings"]))?;
    for bare_metal in [
        &["--target", "thumbv7em-none-eabihf"][..],
        &["--target", "thumbv8m.main-none-eabihf", "--features", "helium"],
    ] {
        let arguments = [&["--release", "--lib"], bare_metal].concat();
        process::run(toolchain.clippy(&arguments).current_dir(folder()))?;
    }
    process::run(cargo(&["doc", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    process::run(&mut cargo(&["test"]))?;
    if COUNTED {
        sanitized()?;
    }
    let mut header = Command::new("c++");
    header.args(["-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]);
    process::run(header.args(["-x", "c++"]).arg(folder().join("include/arc_runtime.h")))?;
    agree(toolchain)?;
    if COUNTED { valgrind() } else { Ok(()) }
}

/// The tests with Rust's address sanitizer, in the library too; gcc's sees the C code alone.
fn sanitized() -> Result<()> {
    let mut rustc = Command::new("rustc");
    let host = process::read(rustc.args(["--print", "host-tuple"]).current_dir(folder()))?;
    let mut test = cargo(&["test", "--test", "contract", "--target", host.trim()]);
    // Stable Rust has the sanitizer, and keeps its flag for itself.
    test.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    // What a comparator borrows lives as long as the program, as in C's static memory.
    test.env("ASAN_OPTIONS", "detect_leaks=0");
    process::run(test.env("CARGO_TARGET_DIR", paths::target()?.join("c-interface/sanitized")))
}

/// Supports whose instructions are compared, and by how much more than their ratio these may grow.
const SUPPORTS: [u32; 2] = [500, 8_000];
const GROWTH: f64 = 1.1;

/// No C program of the host build reads what was not written, nor beyond a buffer. The
/// instructions to identify grow with the number of supports, and no faster.
fn valgrind() -> Result<()> {
    let build = build_folder("host")?;
    for program in ["memory", "agree", "recognize"] {
        let mut memcheck = Command::new("valgrind");
        memcheck.args(["--quiet", "--error-exitcode=1", "--leak-check=full"]);
        process::read(memcheck.arg(build.join(program)))?;
    }
    let folder = paths::scratch(&build)?;
    let file = folder.path().join("callgrind.out");
    let count = |supports: u32| -> Result<f64> {
        let mut callgrind = Command::new("valgrind");
        callgrind.args(["--quiet", "--tool=callgrind"]);
        callgrind.arg(format!("--callgrind-out-file={}", file.display()));
        process::run(callgrind.arg(build.join("many")).arg(supports.to_string()))?;
        let dump = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let total = dump.lines().find_map(|line| line.strip_prefix("summary: ")?.parse().ok());
        total.with_context(|| format!("{}: no summary", file.display()))
    };
    let [few, many] = SUPPORTS;
    let (grown, more) = (count(many)? / count(few)?, f64::from(many) / f64::from(few));
    eprintln!("{more} times the supports, {grown:.2} times the instructions");
    ensure!(grown < GROWTH * more, "to identify takes more than in proportion to the supports");
    Ok(())
}

/// Builds the C examples by CMake for the host, for the host with gcc's sanitizers, and by
/// arm-none-eabi-gcc for a Cortex-M4F in QEMU; they print what Rust prints on the host.
fn agree(toolchain: &Toolchain) -> Result<()> {
    let rust = process::read(&mut cargo(&["run", "--quiet", "--release", "--example", "agree"]))?;
    ensure!(rust.lines().count() > 0, "agree.rs printed nothing");
    let readme = folder().join("README.md");
    let readme = fs::read_to_string(&readme).with_context(|| readme.display().to_string())?;

    let sanitizers = "-fsanitize=address,undefined -fno-sanitize-recover=all";
    let sanitizers = format!("-DCMAKE_C_FLAGS={sanitizers}");
    let qemu = folder().join("qemu");
    let board = format!("-DCMAKE_TOOLCHAIN_FILE={}", qemu.join("mps2-an386.cmake").display());
    let rustc = toolchain.cargo("build");
    for (name, option, rustc, emulator) in [
        ("host", None, None, None),
        ("host-sanitized", Some(sanitizers), None, None),
        ("mps2-an386", Some(board), Some(&rustc), Some(qemu.join("run.sh"))),
    ] {
        let build = build(name, option.as_deref(), rustc)?;
        let run = |program| match &emulator {
            None => process::read(&mut Command::new(build.join(program))),
            Some(emulator) => process::read(Command::new(emulator).arg(build.join(program))),
        };
        let c = run("agree")?;
        ensure!(c == rust, "{name}: C printed\n{c}\nand Rust\n{rust}");
        eprintln!("{name}: the same {} lines as from Rust", rust.lines().count());
        let recognized = run("recognize")?;
        ensure!(
            readme.contains(&format!("```text\n{recognized}```\n")),
            "{name}: README.md shows other lines than recognize.c printed:\n{recognized}"
        );
    }
    Ok(())
}

/// Where CMake builds the examples for a machine.
fn build_folder(name: &str) -> Result<PathBuf> {
    Ok(paths::target()?.join("c-interface").join(name))
}

/// Builds the examples by CMake, with the environment of a cargo command, and runs their tests.
fn build(name: &str, option: Option<&str>, cargo: Option<&Command>) -> Result<PathBuf> {
    let build = build_folder(name)?;
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(folder().join("examples")).arg("-B").arg(&build);
    configure.arg("-DCMAKE_BUILD_TYPE=Release").args(option);
    process::run(&mut configure)?;
    let mut make = Command::new("cmake");
    for (key, value) in cargo.into_iter().flat_map(Command::get_envs) {
        make.env(key, value.unwrap_or_default());
    }
    process::run(make.arg("--build").arg(&build))?;
    // As a user of CMake runs them.
    let mut test = Command::new("ctest");
    process::run(test.current_dir(&build).arg("--output-on-failure"))?;
    Ok(build)
}

/// Installs what builds the examples, besides the host's C compiler, which set-up asks for anyway.
fn install() -> Result<()> {
    let wanted = [
        ("cmake", &["cmake", "make"][..]),
        ("arm-none-eabi-gcc", &["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"]),
    ];
    let missing = wanted.iter().filter(|(program, _)| paths::program(program).is_none());
    let packages: Vec<_> = missing.flat_map(|(_, packages)| *packages).copied().collect();
    if packages.is_empty() { Ok(()) } else { process::apt_install(&packages) }
}
