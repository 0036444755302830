//! Lets binaries and tests find libtorch without `LD_LIBRARY_PATH`: its folder becomes their run path.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_TORCH").is_none() {
        return;
    }
    for name in ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let Some(folder) = libtorch_lib() else {
        println!(
            "cargo::error=no libtorch is set: run `cargo xtask setup` in the project's folder"
        );
        return;
    };
    if !folder.is_dir() {
        let folder = folder.display();
        println!(
            "cargo::error=no libtorch in {folder}: run `cargo xtask setup`, or set LIBTORCH to a libtorch 2.11.0"
        );
        return;
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        let run_path = format!("-Wl,-rpath,{}", folder.display());
        println!("cargo::rustc-link-arg={run_path}");
        // For dependents (`links` in Cargo.toml): cargo hands link arguments to this package alone.
        println!("cargo::metadata=link_arg={run_path}");
    }
}

/// The folder of the libraries, found as torch-sys finds it.
fn libtorch_lib() -> Option<PathBuf> {
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        let print = "import torch; print(torch.__path__[0])";
        let python = Command::new("python3").args(["-c", print]).output().ok()?;
        return Some(PathBuf::from(String::from_utf8(python.stdout).ok()?.trim()).join("lib"));
    }
    let root = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH"))?;
    Some(PathBuf::from(root).join("lib"))
}
