//! One-shot visual comparison in integers.
#![no_std]
pub mod model;
