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

use crc::{CRC_32_ISO_HDLC, Crc, Table};

use super::{Dimensions, LoadError};

/// The first four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"ARCM";

/// The format version that this crate writes, and the newest that it reads.
pub const VERSION: u16 = 1;

/// Length of the header in bytes.
pub const HEADER_BYTES: usize = 24;

// One lookup per byte with 1 KiB of flash. The table-free form takes eight steps per byte
// of the file, a noticeable fraction of a second on a Cortex-M0+; the 16-lane form
// takes 16 KiB of flash, more than all the kernels together.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// How the body holds its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Encoding {
    /// i8 weights: what this crate runs.
    Integer = 0,
    /// f32 weights: a reference that only the host tool runs.
    Float = 1,
}

/// A header whose checksum has been verified, or one about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// Format version of the file.
    pub version: u16,
    /// How the body holds its numbers.
    pub encoding: Encoding,
    /// Length of the body in bytes.
    pub body_bytes: u32,
    /// Checksum of the rest of the header and the body.
    pub crc: u32,
    /// Bytes of working memory that one comparator needs; 0 in a float reference.
    pub workspace_bytes: u32,
    /// Bytes that one enrolled image takes in a gallery; 0 in a float reference.
    pub feature_bytes: u32,
}

impl Header {
    /// The header of an integer model, to be written in front of `body`.
    ///
    /// # Panics
    /// If the body is longer than 4 GiB.
    pub fn integer(body: &[u8], dimensions: &Dimensions) -> Self {
        let workspace = dimensions.workspace_bytes() as u32;
        let features = dimensions.feature_bytes() as u32;
        Self::seal(Encoding::Integer, body, workspace, features)
    }

    /// The header of a float reference, to be written in front of `body`.
    ///
    /// # Panics
    /// If the body is longer than 4 GiB.
    pub fn float(body: &[u8]) -> Self {
        Self::seal(Encoding::Float, body, 0, 0)
    }

    fn seal(encoding: Encoding, body: &[u8], workspace_bytes: u32, feature_bytes: u32) -> Self {
        let mut header = Self {
            version: VERSION,
            encoding,
            body_bytes: u32::try_from(body.len()).expect("a body of less than 4 GiB"),
            crc: 0,
            workspace_bytes,
            feature_bytes,
        };
        header.crc = checksum(&header.to_bytes(), body);
        header
    }

    /// The header as it stands in the file.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&self.version.to_le_bytes());
        bytes[6] = self.encoding as u8;
        bytes[8..12].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.crc.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.workspace_bytes.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.feature_bytes.to_le_bytes());
        bytes
    }

    /// Splits a file into its header and its body, of either encoding.
    ///
    /// Bytes behind the declared length are ignored, so that a model can be read from
    /// a flash partition longer than itself.
    ///
    /// # Errors
    /// In the order of the checks: too short for a header, no model file, another
    /// version, cut off, damaged, an encoding that does not exist.
    pub fn parse(file: &[u8]) -> Result<(Self, &[u8]), LoadError> {
        let given = file.len();
        let Some((bytes, rest)) = file.split_first_chunk::<HEADER_BYTES>() else {
            let needed = HEADER_BYTES;
            return Err(LoadError::Truncated { needed, given });
        };
        let magic = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if magic != MAGIC {
            return Err(LoadError::NotAModel { found: magic });
        }
        let version = u16::from_le_bytes([bytes[4], bytes[5]]);
        if version != VERSION {
            return Err(LoadError::Version { found: version });
        }
        let body_bytes = le_u32(bytes, 8);
        let Some(body) = rest.get(..body_bytes as usize) else {
            let needed = (body_bytes as usize).saturating_add(HEADER_BYTES);
            return Err(LoadError::Truncated { needed, given });
        };
        let (stored, computed) = (le_u32(bytes, 12), checksum(bytes, body));
        if stored != computed {
            return Err(LoadError::Damaged { stored, computed });
        }
        let encoding = match u16::from_le_bytes([bytes[6], bytes[7]]) {
            0 => Encoding::Integer,
            1 => Encoding::Float,
            found => return Err(LoadError::Encoding { found }),
        };
        let header = Self {
            version,
            encoding,
            body_bytes,
            crc: stored,
            workspace_bytes: le_u32(bytes, 16),
            feature_bytes: le_u32(bytes, 20),
        };
        Ok((header, body))
    }
}

/// CRC-32 of the header around its checksum field, then the body.
fn checksum(header: &[u8; HEADER_BYTES], body: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&header[..12]);
    digest.update(&header[16..]);
    digest.update(body);
    digest.finalize()
}

/// Words of working memory that a [`Comparator`](crate::Comparator) for this model needs, read at
/// compile time.
///
/// # Panics
/// If `model` does not begin with the header of an integer model of this version; in
/// a constant, this stops the build.
pub const fn workspace_words(model: &[u8]) -> usize {
    size_field(model, 16).div_ceil(4)
}

/// Bytes that one enrolled image takes, read at compile time: the `FEATURES` of
/// [`Gallery`](crate::Gallery).
///
/// # Panics
/// Like [`workspace_words`].
pub const fn feature_bytes(model: &[u8]) -> usize {
    size_field(model, 20)
}

const fn size_field(model: &[u8], offset: usize) -> usize {
    let Some(header) = model.first_chunk::<HEADER_BYTES>() else {
        panic!("too short for a model file: export it anew");
    };
    assert!(
        le_u32(header, 0) == u32::from_le_bytes(MAGIC),
        "not a model file: it does not begin with ARCM"
    );
    assert!(
        u16::from_le_bytes([header[4], header[5]]) == VERSION,
        "a model file of another version: export it anew with this release"
    );
    assert!(
        header[6] == Encoding::Integer as u8,
        "a float reference: export it with --quantize i8"
    );
    le_u32(header, offset) as usize
}

const fn le_u32(bytes: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Embeds the model file at a path relative to the current source file, as `&[u8]`.
///
/// The build stops if the file is no integer model of this version.
///
/// ```
/// const MODEL: &[u8] = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # assert!(arc_runtime::Model::load(MODEL).is_ok());
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr $(,)?) => {{
        const MODEL: &[u8] = ::core::include_bytes!($path);
        const _: usize = $crate::workspace_words(MODEL);
        MODEL
    }};
}
