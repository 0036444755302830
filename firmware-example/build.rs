//! Tells the linker the memory of the board that `BOARD` names (QEMU's name of it).

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=BOARD");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("none") {
        return;
    }
    let board = env::var("BOARD").unwrap_or("mps2-an386".into());
    let (flash, ram) = match board.as_str() {
        // Cortex-M4F and Cortex-M7: code and data in zero-wait-state memory of 4 MiB each.
        "mps2-an386" | "mps2-an500" => {
            ("ORIGIN = 0, LENGTH = 4M", "ORIGIN = 0x20000000, LENGTH = 4M")
        }
        _ => {
            println!(
                "cargo::error=the memory of board {board} is not known: add it to firmware-example/build.rs"
            );
            return;
        }
    };
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let memory = format!("MEMORY {{\n  FLASH : {flash}\n  RAM : {ram}\n}}\n");
    fs::write(Path::new(&out).join("memory.x"), memory).expect("writing memory.x");
    println!("cargo::rustc-link-search={out}");
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
