//! The product's loop: characters are taught over a serial line, kept over resets, and recognized.
//!
//! Nothing here knows a board: a line is anything that implements [`embedded_io`]'s traits, a flash
//! anything that implements [`embedded_storage`]'s. `src/bin/enroll` joins them on a board, and
//! `examples/enroll.rs` speaks to it from the host.

mod banks;
mod desk;
pub mod layout;
mod line;
pub mod nor;
pub mod protocol;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;

use crc::{CRC_32_ISO_HDLC, Crc};

pub use desk::{Desk, Enrolled, Workspace};
pub use layout::{Entry, Format};
pub use line::{Line, ReceiveError, SendError};
pub use store::{Picture, Store, StoreError};

use crate::glyphs::SIDE;

/// Most characters that are known at a time.
pub const CAPACITY: usize = 20;
/// Bytes of a picture: 32 rows of 32 bits.
pub const PICTURE_BYTES: usize = SIDE * SIDE / 8;

/// The checksum of messages and of what is kept.
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
