//! A model file of either encoding.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result};
use arc_runtime::format::{Encoding, Header};
use arc_runtime::preparation::Preparation;
use arc_runtime::{Dimensions, Model};

use crate::eval::{Backend, IntegerBackend, Packing};
use crate::float::{FloatFile, Provenance};
use crate::printable::{printable, printable_path};
use crate::{input, limits};

/// The bytes of a model file and what it is called.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file's name without its folder.
    pub name: String,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// A checked model.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a process holds one or two of them")]
pub enum AnyModel<'m> {
    /// For the runtime.
    Integer(Model<'m>),
    /// For the float reference.
    Float(FloatFile),
}

/// Work that a model of either encoding does.
pub trait Question {
    /// The result.
    type Answer;

    /// Does the work with the model's backend.
    ///
    /// # Errors
    /// If there is no answer.
    fn ask<B: Backend>(self, backend: B) -> Result<Self::Answer>;
}

impl ModelFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Names the file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path, limits::MODEL)
            .with_context(|| format!("can't read the model {}", printable_path(path)))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, bytes })
    }

    /// The name as it is shown on a terminal.
    pub fn shown(&self) -> Cow<'_, str> {
        printable(&self.name)
    }

    /// Checks the file and opens the model in it.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn open(&self) -> Result<AnyModel<'_>> {
        let open = || -> Result<AnyModel<'_>> {
            Ok(match Header::parse(&self.bytes)?.0.encoding {
                Encoding::Integer => AnyModel::Integer(Model::load(&self.bytes)?),
                Encoding::Float => AnyModel::Float(FloatFile::from_bytes(&self.bytes)?),
            })
        };
        open().with_context(|| self.shown().into_owned())
    }
}

impl AnyModel<'_> {
    /// Does the work with the model's backend: the runtime with kernels of this machine, or the float reference.
    ///
    /// # Errors
    /// If this processor runs no kernels of the name that `ARC_KERNELS` has, or there is no answer.
    pub fn answer<Q: Question>(self, question: Q) -> Result<Q::Answer> {
        match self {
            Self::Integer(model) => {
                let mut packing = Packing::default();
                question.ask(IntegerBackend::new(&model, &mut packing)?)
            }
            Self::Float(file) => question.ask(file.model),
        }
    }

    /// Its sizes: a float model's are those that the runtime would work with.
    pub fn dimensions(&self) -> Dimensions {
        match self {
            Self::Integer(model) => model.dimensions(),
            Self::Float(file) => file.model.dimensions(),
        }
    }

    /// What is to be done with a picture before the network gets it.
    pub fn preparation(&self) -> &Preparation {
        match self {
            Self::Integer(model) => model.preparation(),
            Self::Float(file) => &file.model.preparation,
        }
    }

    /// Where the model comes from.
    pub fn provenance(&self) -> Provenance {
        match self {
            Self::Float(file) => file.provenance.clone(),
            Self::Integer(model) => {
                let p = model.provenance();
                Provenance {
                    profile: p.profile.to_owned(),
                    trained_on: p.trained_on.to_owned(),
                    config: p.config.to_owned(),
                    seed: p.seed,
                    steps: p.steps,
                }
            }
        }
    }
}
