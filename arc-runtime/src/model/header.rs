//! The fixed 24-byte header in front of every model file, little endian:
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
//!
//! The two sizes stand here, and not in the body, so that a `const fn` can read them
//! from an `include_bytes!` model and give buffers their size at compile time.
