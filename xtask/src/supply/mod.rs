//! `cargo xtask deny | sbom`: what the project is made of, and whether it may be.

pub mod deny;
pub mod sbom;
