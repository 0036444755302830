//! What a training run leaves on disk; read and written without libtorch.

mod folder;
pub mod metrics;

pub use folder::RunFolder;
