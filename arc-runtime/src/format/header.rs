//! The fixed header in front of every model file: its codec.
//!
//! `layout.rs` beside it states what stands where. The sizes stand in the header, and not in the body, so that a
//! `const fn` can read them from an included model ([`sizes`](super::sizes)).

use crc::{CRC_32_ISO_HDLC, Crc, Table};

use super::layout::{self, SHORTEST, header_bytes};
use super::{Dimensions, LoadError};
use crate::slices::behind;

pub use super::layout::{HEADER_BYTES, MAGIC, VERSION};

// One lookup per byte with 1 KiB of flash. The table-free form takes eight steps per byte
// of the file, a noticeable fraction of a second on a Cortex-M0+; the 16-lane form
// takes 16 KiB of flash, more than all the kernels together.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// How the body holds its numbers.
///
/// ```
/// use arc_runtime::format::{Encoding, Header};
/// use arc_runtime::{LoadError, Model};
///
/// let body = [0; 10];
/// let file = [&Header::float(&body).to_bytes()[..], &body].concat();
/// assert_eq!(Header::parse(&file)?.0.encoding, Encoding::Float);
/// assert_eq!(Model::load(&file).unwrap_err(), LoadError::FloatReference);
/// # Ok::<(), LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::Header;
///
/// let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// let (header, body) = Header::parse(file)?;
/// assert_eq!(header.feature_bytes, 196);
/// assert_eq!(header.body_bytes as usize, body.len());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
    /// Bytes of working memory that a comparator needs to identify in batches of [`BATCH`]
    /// pairs, what a context needs aside; 0 in a float reference.
    pub batch_bytes: u32,
}

/// Pairs in a batch that a model's file and [`identify_words`](super::sizes::identify_words) make room for.
pub const BATCH: usize = 4;

impl Header {
    /// The header of an integer model, to be written in front of `body`.
    ///
    /// # Panics
    /// If the body is longer than 4 GiB.
    pub fn integer(body: &[u8], dimensions: &Dimensions) -> Self {
        let sizes = [
            4 * dimensions.workspace_words(),
            dimensions.feature_bytes(),
            dimensions.context_bytes(),
            4 * dimensions.batch_words(BATCH),
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
        let [workspace_bytes, feature_bytes, context_bytes, batch_bytes] = sizes;
        let mut header = Self {
            version: VERSION,
            encoding,
            body_bytes: u32::try_from(body.len()).expect("a body of less than 4 GiB"),
            crc: 0,
            workspace_bytes,
            feature_bytes,
            context_bytes,
            batch_bytes,
        };
        header.crc = checksum(&header.to_bytes(), body);
        header
    }

    /// The header as it stands in a file of today's version.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[layout::MAGIC_AT].copy_from_slice(&MAGIC);
        bytes[layout::VERSION_AT].copy_from_slice(&self.version.to_le_bytes());
        bytes[layout::ENCODING_AT] = self.encoding as u8;
        for (at, number) in [
            (layout::BODY_BYTES_AT, self.body_bytes),
            (layout::CRC_AT, self.crc),
            (layout::WORKSPACE_AT, self.workspace_bytes),
            (layout::FEATURES_AT, self.feature_bytes),
            (layout::CONTEXT_AT, self.context_bytes),
            (layout::BATCH_AT, self.batch_bytes),
        ] {
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
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
        let body_bytes = field(bytes, layout::BODY_BYTES_AT);
        let given = file.len();
        let whole = file.get(..needed).ok_or(LoadError::Truncated { needed, given })?;
        let (header, body) = whole.split_at(header_bytes(version));
        let (stored, computed) = (field(header, layout::CRC_AT), checksum(header, body));
        if stored != computed {
            return Err(LoadError::Damaged { stored, computed });
        }
        let encoding =
            match u16::from_le_bytes([bytes[layout::ENCODING_AT], bytes[layout::RESERVED_AT]]) {
                0 => Encoding::Integer,
                1 => Encoding::Float,
                found => return Err(LoadError::Encoding { found }),
            };
        let header = Self {
            version,
            encoding,
            body_bytes,
            crc: stored,
            workspace_bytes: field(header, layout::WORKSPACE_AT),
            feature_bytes: field(header, layout::FEATURES_AT),
            context_bytes: if version == 1 { 0 } else { field(header, layout::CONTEXT_AT) },
            batch_bytes: field(
                header,
                if version < 3 { layout::WORKSPACE_AT } else { layout::BATCH_AT },
            ),
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
    Ok((
        bytes,
        version,
        header_bytes(version).saturating_add(field(bytes, layout::BODY_BYTES_AT) as usize),
    ))
}

/// The field of 4 bytes at an offset of a header.
fn field(header: &[u8], at: usize) -> u32 {
    behind(header, at).first_chunk().map_or(0, |&bytes| u32::from_le_bytes(bytes))
}

/// CRC-32 of the header around its checksum field, then the body.
fn checksum(header: &[u8], body: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&header[..layout::CRC_AT]);
    digest.update(&header[layout::CRC_AT + 4..]);
    digest.update(body);
    digest.finalize()
}
