//! A signature checked in front of loading.

use super::Model;
use crate::format::signature::{PublicKey, SignedLoadError};

impl<'m> Model<'m> {
    /// [`load`](Self::load) for a file that is signed by `key`: nothing but the length of the model
    /// is taken from it before its signature is found to be right.
    ///
    /// Takes one pass over the file for SHA-512, on top of that for the checksum.
    ///
    /// # Errors
    /// See [`SignedLoadError`].
    pub fn load_signed(file: &'m [u8], key: &PublicKey) -> Result<Self, SignedLoadError> {
        Ok(Self::load(key.verify(file)?)?)
    }
}
