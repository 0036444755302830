//! A signature behind a model, and its check in front of loading: Ed25519 (RFC 8032).
//!
//! The signature stands in a trailer of 80 bytes directly behind the model, little endian:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | magic, `ARCS` |
//! | 4 | 4 | version of the trailer, 1 |
//! | 8 | 8 | key: the first bytes of the public key |
//! | 16 | 64 | signature of [`DOMAIN`], then the model: its header and body |
//!
//! A reader that knows nothing of signatures ignores it, as all bytes behind the model.

use core::fmt;

use ed25519_compact::Signature;

use crate::format::{Header, LoadError};

/// What is signed in front of the model's bytes, so that a signature made for another purpose is
/// none of a model.
pub const DOMAIN: &[u8; 22] = b"ARC model signature 1\0";

/// The trailer's first four bytes.
const MAGIC: [u8; 4] = *b"ARCS";

/// The version of the trailer that this crate writes and reads.
const VERSION: u32 = 1;

/// The signature of a model, and which key made it.
///
/// ```
/// use arc_runtime::SignatureError;
/// use arc_runtime::format::signature::Trailer;
///
/// let trailer = Trailer { key: [7; 8], signature: [9; 64] };
/// assert_eq!(Trailer::parse(&trailer.to_bytes()), Ok(trailer));
/// assert_eq!(Trailer::parse(b"something else"), Err(SignatureError::Unsigned));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailer {
    /// [`PublicKey::id`] of the key.
    pub key: [u8; 8],
    /// The signature of [`DOMAIN`], then the model.
    pub signature: [u8; 64],
}

impl Trailer {
    /// Length in bytes.
    pub const BYTES: usize = 80;

    /// The trailer as it stands in a file.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.key);
        bytes[16..80].copy_from_slice(&self.signature);
        bytes
    }

    /// Reads the trailer at the front of what stands behind a model.
    ///
    /// # Errors
    /// If there is none, or it is cut off or of another version.
    pub fn parse(behind: &[u8]) -> Result<Self, SignatureError> {
        if !behind.starts_with(&MAGIC) {
            return Err(SignatureError::Unsigned);
        }
        let (needed, given) = (Self::BYTES, behind.len());
        let (fields, rest) =
            behind.split_first_chunk::<16>().ok_or(SignatureError::Truncated { needed, given })?;
        let signature = rest.first_chunk().ok_or(SignatureError::Truncated { needed, given })?;
        let [_, _, _, _, a, b, c, d, key @ ..] = *fields;
        let version = u32::from_le_bytes([a, b, c, d]);
        if version != VERSION {
            return Err(SignatureError::Version { found: version });
        }
        Ok(Self { key, signature: *signature })
    }
}

/// A public key of Ed25519, for [`Model::load_signed`](crate::Model::load_signed).
///
/// ```
/// use arc_runtime::{Model, PublicKey, SignatureError, SignedLoadError};
///
/// const KEY: PublicKey = PublicKey::from_hex(
///     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
/// )
/// .unwrap();
/// let unsigned = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// let error = Model::load_signed(unsigned, &KEY).unwrap_err();
/// assert_eq!(error, SignedLoadError::Signature(SignatureError::Unsigned));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// A key of its 32 bytes, which are checked when the key is used.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key of its 64 hexadecimal digits, as `arc-trainer keygen` prints them; `None` if they are
    /// something else.
    ///
    /// ```
    /// use arc_runtime::PublicKey;
    ///
    /// const KEY: PublicKey = PublicKey::from_hex(
    ///     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    /// )
    /// .unwrap();
    /// assert_eq!(KEY.bytes()[0], 0xd7);
    /// ```
    pub const fn from_hex(digits: &str) -> Option<Self> {
        let digits = digits.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        let mut at = 0;
        while at < digits.len() {
            let digit = match digits[at] {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                digit @ b'A'..=b'F' => digit - b'A' + 10,
                _ => return None,
            };
            bytes[at / 2] = bytes[at / 2] << 4 | digit;
            at += 1;
        }
        Some(Self(bytes))
    }

    /// The key's 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What a trailer calls the key: its first 8 bytes. They tell keys apart, and prove nothing.
    pub const fn id(&self) -> [u8; 8] {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        [a, b, c, d, e, f, g, h]
    }

    /// Checks that a file holds a model and a signature of it by this key, and returns the model's
    /// bytes, which are signed. They are not checked otherwise: that is for [`Model::load`](crate::Model::load).
    ///
    /// # Errors
    /// See [`SignatureError`]; or no model can be found in the file.
    pub fn verify<'f>(&self, file: &'f [u8]) -> Result<&'f [u8], SignedLoadError> {
        let (model, behind) = Header::split(file)?;
        let Trailer { key, signature } = Trailer::parse(behind)?;
        if key != self.id() {
            return Err(SignatureError::OtherKey { found: key }.into());
        }
        let key = ed25519_compact::PublicKey::new(self.0);
        key.validate().map_err(|_| SignatureError::Key)?;
        // Strict: a scalar in range, and no point of small order.
        let verify = || {
            let mut state = key.verify_incremental(&Signature::new(signature))?;
            state.absorb(DOMAIN);
            state.absorb(model);
            state.verify()
        };
        verify().map_err(|_| SignatureError::Mismatch)?;
        Ok(model)
    }
}

/// Why a model is not signed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no signature behind the model.
    Unsigned,
    /// The file ends within the signature.
    Truncated {
        /// Bytes that the trailer has.
        needed: usize,
        /// Bytes behind the model.
        given: usize,
    },
    /// The signature's trailer is of a version that this crate does not read.
    Version {
        /// The trailer's version.
        found: u32,
    },
    /// Another key made the signature.
    OtherKey {
        /// The first bytes of that key.
        found: [u8; 8],
    },
    /// The public key is none with which anything can be signed.
    Key,
    /// The signature is not one of this model by this key: one of them was changed.
    Mismatch,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unsigned => f.write_str("the model is not signed; sign it with arc-trainer sign"),
            Self::Truncated { needed, given } => write!(
                f,
                "the signature is cut off: {given} bytes of {needed}; copy the whole file again"
            ),
            Self::Version { found } => write!(
                f,
                "the signature has format version {found}, this build reads version {VERSION}; sign \
                 the model again with a matching arc-trainer"
            ),
            Self::OtherKey { found } => {
                f.write_str("the model is signed by another key, which begins with ")?;
                found.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Key => f.write_str("the public key is no key of Ed25519; copy it again"),
            Self::Mismatch => f.write_str(
                "the signature is not one of this model by this key: do not trust the file",
            ),
        }
    }
}

impl core::error::Error for SignatureError {}

/// Why a signed model cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SignedLoadError {
    /// It is not signed as asked.
    Signature(SignatureError),
    /// It is no sound model, signed or not.
    Model(LoadError),
}

impl From<SignatureError> for SignedLoadError {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}

impl From<LoadError> for SignedLoadError {
    fn from(error: LoadError) -> Self {
        Self::Model(error)
    }
}

impl fmt::Display for SignedLoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(error) => error.fmt(f),
            Self::Model(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SignedLoadError {}
