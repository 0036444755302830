//! The model file.
pub mod body;
pub mod header;
