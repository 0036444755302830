//! A model file of either encoding.

use std::path::Path;

use anyhow::{Context, Result};
use arc_runtime::Model;
use arc_runtime::model::{Encoding, Header};

use crate::float::{FloatFile, Provenance};

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

impl ModelFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Names the file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)
            .with_context(|| format!("can't read the model {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, bytes })
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
        open().with_context(|| self.name.clone())
    }
}

impl AnyModel<'_> {
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
