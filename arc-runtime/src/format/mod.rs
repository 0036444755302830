//! The model file: a header, then a postcard body whose weights are used where they lie.
//!
//! What stands here is read, not checked: [`Model`](crate::Model) is what has been checked. `FORMAT.md` is the
//! written specification.

pub mod body;
mod check;
mod dimensions;
mod error;
pub mod header;
mod layout;
#[cfg(feature = "signed")]
pub mod signature;
pub mod sizes;
mod version1;

pub(crate) use check::{equal, within};
pub use dimensions::Dimensions;
pub use error::{LoadError, Part};
pub use header::{BATCH, Encoding, Header, VERSION};
