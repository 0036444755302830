#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(target_os = "none")]
pub mod board;
pub mod enroll;
pub mod glyphs;
pub mod one_shot;
pub mod pair;
pub mod selftest;
#[cfg(target_os = "none")]
pub mod stack;

/// The kernels of the core.
pub use arc_runtime::kernels::Native;

/// The model that the programs are built with: `MODEL` in the environment names its file.
pub const MODEL: &[u8] = arc_runtime::include_model!(env!("MODEL"));
