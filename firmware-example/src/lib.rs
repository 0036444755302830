#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(target_os = "none")]
pub mod board;
pub mod camera;
pub mod enroll;
pub mod glyphs;
#[cfg(target_os = "none")]
pub mod marks;
pub mod one_shot;
pub mod pair;
pub mod selftest;
#[cfg(target_os = "none")]
pub mod stack;

/// The kernels of the core.
pub use arc_runtime::kernels::Native;
