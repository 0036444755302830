//! What stands where in the header, little endian:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | magic, `ARCM` |
//! | 4 | 2 | format version |
//! | 6 | 1 | encoding: 0 = i8 integers, 1 = f32 reference |
//! | 7 | 1 | reserved, zero |
//! | 8 | 4 | length of the body in bytes |
//! | 12 | 4 | CRC-32 (ISO-HDLC) of the header without this field, then the body |
//! | 16 | 4 | workspace: bytes of working memory that one comparator needs |
//! | 20 | 4 | features: bytes that one enrolled image takes in a gallery |
//! | 24 | 4 | context: bytes that a comparator needs on top for each enrolled image |
//! | 28 | 4 | batch: bytes that a comparator needs to identify, four pairs at a time |
//!
//! A file of version 2 ends its header after 28 bytes, one of version 1 after 24; what is missing
//! follows from the workspace, which then holds what identifying one pair at a time needs.

use core::ops::Range;

/// The first four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"ARCM";

/// The format version that this crate writes, and the newest that it reads.
pub const VERSION: u16 = 4;

/// Length in bytes of the header that this crate writes.
pub const HEADER_BYTES: usize = header_bytes(VERSION);

/// Length in bytes of the shortest header. All versions agree on these bytes.
pub(super) const SHORTEST: usize = 24;

pub(super) const MAGIC_AT: Range<usize> = 0..4;
pub(super) const VERSION_AT: Range<usize> = 4..6;
pub(super) const ENCODING_AT: usize = 6;
pub(super) const RESERVED_AT: usize = 7;
pub(super) const BODY_BYTES_AT: usize = 8;
pub(super) const CRC_AT: usize = 12;
pub(super) const WORKSPACE_AT: usize = 16;
pub(super) const FEATURES_AT: usize = 20;
pub(super) const CONTEXT_AT: usize = 24;
pub(super) const BATCH_AT: usize = 28;

/// Length in bytes of a version's header.
pub(super) const fn header_bytes(version: u16) -> usize {
    match version {
        1 => SHORTEST,
        2 => 28,
        _ => 32,
    }
}
