//! The float encoding of a model file: the same header as an integer model's, then the
//! network in postcard with its weights as little-endian f32. The host alone reads it.

use std::borrow::Cow;

use anyhow::{Context, Result, ensure};
use arc_runtime::model::body::MAX_LAYERS;
use arc_runtime::model::{Encoding, Header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::{FloatModel, version1};
use crate::printable::printable;

/// Where a model comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The profile's name, such as `omniglot-small`.
    pub profile: String,
    /// What it was trained on.
    pub trained_on: String,
    /// The training configuration, resolved, as TOML.
    pub config: String,
    /// The seed of the training run.
    pub seed: u64,
    /// Optimiser steps taken.
    pub steps: u64,
}

impl Provenance {
    /// The profile's name on a terminal or a page.
    pub fn shown_profile(&self) -> Cow<'_, str> {
        shown(&self.profile, "an unnamed profile")
    }

    /// The name of the training data on a terminal or a page.
    pub fn shown_data(&self) -> Cow<'_, str> {
        shown(&self.trained_on, "unnamed data")
    }
}

fn shown<'a>(name: &'a str, unnamed: &'a str) -> Cow<'a, str> {
    if name.trim().is_empty() { unnamed.into() } else { printable(name) }
}

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
            1 => whole::<version1::File>(body)?.into(),
            _ => whole(body)?,
        };
        file.model.check()?;
        Ok(file)
    }
}

/// Decodes the layers of a stem: no more than an integer model may have. A layer takes a few bytes in
/// a file and fifty times as many in memory.
pub(super) fn layers<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let layers = heapless::Vec::<T, MAX_LAYERS>::deserialize(from)?;
    Ok(layers.into_iter().collect())
}

/// Decodes all of the bytes.
fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let (value, rest) = postcard::take_from_bytes(bytes)
        .context("the model's body does not decode; export it again")?;
    ensure!(rest.is_empty(), "the model's body is longer than the network; export it again");
    Ok(value)
}
