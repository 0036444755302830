//! What a training run leaves on disk; read and written without libtorch.

mod folder;
mod lock;
pub mod metrics;
mod origin;

pub use folder::RunFolder;
pub use lock::RunLock;
pub use origin::Origin;
