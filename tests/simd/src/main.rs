//! Holds the vector kernels of a machine against the scalar ones, on that machine or an emulator of
//! it, without an operating system but on x86-64. `cargo xtask simd` runs it on each of `machines/`.

#![cfg_attr(not(target_arch = "x86_64"), no_std, no_main)]
#![deny(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod check;
#[cfg(target_arch = "wasm32")]
mod pair;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "x86_64")]
fn main() -> std::process::ExitCode {
    x86_64::main()
}
