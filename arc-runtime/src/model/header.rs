//! The fixed header in front of every model file, little endian:
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
//! | 28 | 4 | lock-step: bytes that a comparator needs to identify, four pairs at a time |
//!
//! A file of version 2 ends its header after 28 bytes, one of version 1 after 24; what is missing
//! follows from the workspace, which then holds what identifying one pair at a time needs.
//!
//! The sizes stand here, and not in the body, so that a `const fn` can read them
//! from an `include_bytes!` model and give buffers their size at compile time.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

use super::{Dimensions, LoadError};
use crate::parts::behind;

/// The first four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"ARCM";

/// The format version that this crate writes, and the newest that it reads.
pub const VERSION: u16 = 3;

/// Length in bytes of the header that this crate writes.
pub const HEADER_BYTES: usize = header_bytes(VERSION);

/// Length in bytes of a version's header; all of them hold 24 bytes that mean the same.
const fn header_bytes(version: u16) -> usize {
    match version {
        1 => SHORTEST,
        2 => 28,
        _ => 32,
    }
}

/// Length in bytes of the shortest header.
const SHORTEST: usize = 24;

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
    /// Bytes of working memory that a comparator of pairs needs; 0 in a float reference.
    pub workspace_bytes: u32,
    /// Bytes that one enrolled image takes in a gallery; 0 in a float reference.
    pub feature_bytes: u32,
    /// Bytes that a comparator needs for each enrolled image of a gallery that it ranks in
    /// full context; 0 for a model without one, and in a float reference.
    pub context_bytes: u32,
    /// Bytes of working memory that a comparator needs to identify with [`LANES`] pairs in
    /// lock-step, what a context needs aside; 0 in a float reference.
    pub lockstep_bytes: u32,
}

/// Pairs in lock-step that a model's file and [`identify_words`] make room for.
pub const LANES: usize = 4;

impl Header {
    /// The header of an integer model, to be written in front of `body`.
    ///
    /// # Panics
    /// If the body is longer than 4 GiB.
    pub fn integer(body: &[u8], dimensions: &Dimensions) -> Self {
        let sizes = [
            dimensions.workspace_bytes(),
            dimensions.feature_bytes(),
            dimensions.context_bytes(),
            dimensions.lockstep_bytes(LANES),
        ];
        Self::seal(Encoding::Integer, body, sizes.map(|bytes| bytes as u32))
    }

    /// The header of a float reference, to be written in front of `body`.
    ///
    /// # Panics
    /// If the body is longer than 4 GiB.
    pub fn float(body: &[u8]) -> Self {
        Self::seal(Encoding::Float, body, [0; 4])
    }

    fn seal(encoding: Encoding, body: &[u8], sizes: [u32; 4]) -> Self {
        let [workspace_bytes, feature_bytes, context_bytes, lockstep_bytes] = sizes;
        let mut header = Self {
            version: VERSION,
            encoding,
            body_bytes: u32::try_from(body.len()).expect("a body of less than 4 GiB"),
            crc: 0,
            workspace_bytes,
            feature_bytes,
            context_bytes,
            lockstep_bytes,
        };
        header.crc = checksum(&header.to_bytes(), body);
        header
    }

    /// The header as it stands in a file of today's version.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&self.version.to_le_bytes());
        bytes[6] = self.encoding as u8;
        bytes[8..12].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.crc.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.workspace_bytes.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.feature_bytes.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.context_bytes.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.lockstep_bytes.to_le_bytes());
        bytes
    }

    /// Splits a file into the model, as long as its header declares, and what stands behind it.
    ///
    /// # Errors
    /// In the order of the checks: too short for a header, no model file, another version, cut off.
    /// Nothing else is checked.
    pub fn split(file: &[u8]) -> Result<(&[u8], &[u8]), LoadError> {
        let (_, _, needed) = declared(file)?;
        let given = file.len();
        file.split_at_checked(needed).ok_or(LoadError::Truncated { needed, given })
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
        let (bytes, version, needed) = declared(file)?;
        let body_bytes = field(bytes, 8);
        let given = file.len();
        let whole = file.get(..needed).ok_or(LoadError::Truncated { needed, given })?;
        let (header, body) = whole.split_at(header_bytes(version));
        let (stored, computed) = (field(header, 12), checksum(header, body));
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
            workspace_bytes: field(header, 16),
            feature_bytes: field(header, 20),
            context_bytes: if version == 1 { 0 } else { field(header, 24) },
            lockstep_bytes: field(header, if version < 3 { 16 } else { 28 }),
        };
        Ok((header, body))
    }
}

/// The first bytes of a model's header, its version, and the length of header and body that it
/// declares.
fn declared(file: &[u8]) -> Result<(&[u8; SHORTEST], u16, usize), LoadError> {
    let (needed, given) = (SHORTEST, file.len());
    let bytes = file.first_chunk::<SHORTEST>().ok_or(LoadError::Truncated { needed, given })?;
    let magic = [bytes[0], bytes[1], bytes[2], bytes[3]];
    if magic != MAGIC {
        return Err(LoadError::NotAModel { found: magic });
    }
    let version = u16::from_le_bytes([bytes[4], bytes[5]]);
    if !(1..=VERSION).contains(&version) {
        return Err(LoadError::Version { found: version });
    }
    Ok((bytes, version, header_bytes(version).saturating_add(field(bytes, 8) as usize)))
}

/// The field of 4 bytes at an offset of a header.
fn field(header: &[u8], at: usize) -> u32 {
    behind(header, at).first_chunk().map_or(0, |&bytes| u32::from_le_bytes(bytes))
}

/// CRC-32 of the header around its checksum field, then the body.
fn checksum(header: &[u8], body: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&header[..12]);
    digest.update(&header[16..]);
    digest.update(body);
    digest.finalize()
}

/// Words of working memory that a [`Comparator`](crate::Comparator) for this model needs to compare
/// pairs and to extract features, read at compile time.
///
/// # Panics
/// If `model` does not begin with the header of an integer model of a version that this crate
/// reads; in a constant, this stops the build.
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

/// Words of working memory that a [`Comparator`](crate::Comparator) for this model needs to
/// identify a probe among up to `enrolled` images, [`LANES`] pairs in lock-step, read at compile
/// time. With less memory fewer pairs go at a time, as
/// [`Dimensions::identify_bytes`](crate::Dimensions::identify_bytes) says.
///
/// For a model without full context it is the same however many images there are.
///
/// # Panics
/// Like [`workspace_words`].
pub const fn identify_words(model: &[u8], enrolled: usize) -> usize {
    let (lockstep, context) = (size_field(model, 28), size_field(model, 24));
    (lockstep + enrolled * context).div_ceil(4)
}

const fn size_field(model: &[u8], offset: usize) -> usize {
    assert!(model.len() >= SHORTEST, "too short for a model file: export it anew");
    assert!(
        le_u32(model, 0) == u32::from_le_bytes(MAGIC),
        "not a model file: it does not begin with ARCM"
    );
    let version = u16::from_le_bytes([model[4], model[5]]);
    assert!(
        version >= 1 && version <= VERSION,
        "a model file of a newer version: export it anew with this release"
    );
    assert!(model[6] == Encoding::Integer as u8, "a float reference: export it with --quantize i8");
    let offset = match (version, offset) {
        (1 | 2, 28) => 16,
        (1, 24) => return 0,
        _ => offset,
    };
    le_u32(model, offset) as usize
}

const fn le_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Embeds the model file at a path relative to the current source file, as `&[u8]`.
///
/// The build stops if the file is no integer model of a version that this crate reads.
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
