//! Fits the firmware to the board and the model that `BOARD` and `MODEL` name.

use std::path::Path;
use std::{env, fs};

/// Boards whose log goes to a debug probe by RTT; the others' goes to QEMU by semihosting.
const PROBED: [&str; 2] = ["nrf52840", "rp2040"];

/// Boards with room for the tiny model alone.
const TINY: [&str; 1] = ["microbit"];

/// Boards without the flash for the golden vectors beside the shipped models.
const APART: [&str; 2] = ["microbit", "mps3-an547"];

fn main() {
    for name in ["BOARD", "MODEL"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    for cfg in ["rtt", "boot2", "tiny_only", "golden_apart"] {
        println!("cargo::rustc-check-cfg=cfg({cfg})");
    }
    if let Err(error) = configure() {
        println!("cargo::error={error}");
    }
}

fn configure() -> Result<(), String> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let board = variable("BOARD")?;
    let board = board.as_str();
    let set = [
        ("rtt", PROBED.contains(&board)),
        ("boot2", board == "rp2040"),
        ("tiny_only", TINY.contains(&board)),
        ("golden_apart", APART.contains(&board)),
    ];
    for (cfg, _) in set.iter().filter(|(_, set)| *set) {
        println!("cargo::rustc-cfg={cfg}");
    }

    let model = variable("MODEL")?;
    let path = fs::canonicalize(&model)
        .map_err(|error| format!("MODEL is {model}: {error}; give the path of a model file"))?;
    println!("cargo::rerun-if-changed={}", path.display());
    println!("cargo::rustc-env=MODEL={}", path.display());

    if variable("CARGO_CFG_TARGET_OS")? != "none" {
        return Ok(()); // the examples, on the host
    }
    let memory = format!("boards/{board}.x");
    println!("cargo::rerun-if-changed={memory}");
    let out = variable("OUT_DIR")?;
    fs::copy(&memory, Path::new(&out).join("memory.x"))
        .map_err(|error| format!("{memory}: {error}; it describes the memory of board {board}"))?;
    println!("cargo::rustc-link-search={out}");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    if env::var_os("CARGO_FEATURE_LOG").is_some() {
        println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    }
    Ok(())
}
