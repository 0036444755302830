//! Which kernels the target gets while compiling: stable Rust does not tell a program which Cortex-M
//! it is for.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let all = [
        "armv6m",
        "armv7m",
        "armv7em",
        "helium",
        "neon",
        "simd128",
        "avx2",
        "avxvnni",
        "avx512vnni",
        "scalar",
    ];
    let all = all.map(|name| format!("\"{name}\"")).join(", ");
    println!("cargo::rustc-check-cfg=cfg(kernels, values({all}))");
    let target = env::var("TARGET").unwrap_or_default();
    let helium = env::var_os("CARGO_FEATURE_HELIUM").is_some();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let has = |wanted| features.split(',').any(|feature| feature == wanted);
    let avx512 = ["avx512f", "avx512bw", "avx512vl", "avx512vnni"];
    let kernels = match target.split('-').next() {
        Some("thumbv6m" | "thumbv8m.base") => "armv6m",
        Some("thumbv7m") => "armv7m",
        Some("thumbv7em") => "armv7em",
        Some("thumbv8m.main") if helium => "helium",
        // Its DSP instructions are an option, too, which no target name tells.
        Some("thumbv8m.main") => "armv7m",
        Some("aarch64") if has("dotprod") => "neon",
        Some("wasm32") if has("simd128") => "simd128",
        Some("x86_64") if avx512.into_iter().all(has) => "avx512vnni",
        Some("x86_64") if has("avx2") && has("avxvnni") => "avxvnni",
        Some("x86_64") if has("avx2") => "avx2",
        _ => "scalar",
    };
    println!("cargo::rustc-cfg=kernels=\"{kernels}\"");
}
