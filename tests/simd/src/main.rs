//! Holds the vector kernels of a machine against the scalar ones, on that machine or an emulator of
//! it, without an operating system. `cargo xtask simd` runs it on each of `machines/`.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod check;
#[cfg(target_arch = "wasm32")]
mod pair;
#[cfg(target_arch = "wasm32")]
mod wasm;
