//! The float encoding of a model file: the same header as an integer model's, then the
//! network in postcard with its weights as little-endian f32. The host alone reads it.

use anyhow::{Context, Result, ensure};
use arc_runtime::format::{Encoding, Header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{FloatModel, Provenance, version1};

/// Everything in a float model file behind the header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloatFile {
    /// Where the model comes from.
    pub provenance: Provenance,
    /// The network.
    pub model: FloatModel,
}

impl FloatFile {
    /// The file's bytes.
    ///
    /// # Errors
    /// None that a well-formed model can cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let body = postcard::to_stdvec(self)?;
        Ok([&Header::float(&body).to_bytes()[..], &body].concat())
    }

    /// Reads a file and checks it.
    ///
    /// # Errors
    /// If the header is not a float model's or damaged, or the network doesn't fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (header, body) = Header::parse(bytes)?;
        ensure!(header.encoding == Encoding::Float, "not a float model but an integer one");
        let file: Self = match header.version {
            1 => {
                let (provenance, model) = whole::<version1::File>(body)?.into_parts();
                Self { provenance, model }
            }
            2 | 3 => whole(body)?,
            _ => {
                let (file, rest) = decode::<Self>(body)?;
                Self { model: FloatModel { preparation: whole(rest)?, ..file.model }, ..file }
            }
        };
        file.model.check()?;
        Ok(file)
    }
}

/// Decodes from the front of the bytes: the value, and the rest.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8])> {
    postcard::take_from_bytes(bytes).context("the model's body does not decode; export it again")
}

/// Decodes all of the bytes.
fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let (value, rest) = decode(bytes)?;
    ensure!(rest.is_empty(), "the model's body is longer than the network; export it again");
    Ok(value)
}
