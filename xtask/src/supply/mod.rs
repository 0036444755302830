//! `cargo xtask deny | sbom | package`: what the project is made of, and whether it may be.

pub mod deny;
pub mod package;
pub mod sbom;
