//! Pictures given on the command line.

use std::path::Path;

use anyhow::{Context, Result};
use arc_runtime::preparation::{InkPreparation, Polarity, Preparation};
use clap::ValueEnum;

use crate::data::{Drawing, Picture};
use crate::eval::Backend;
use crate::printable::printable_path;
use crate::{input, limits};

/// Which side of a picture's gray values is ink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Ink {
    /// Dark strokes on light paper
    #[default]
    Dark,
    /// Bright strokes on a dark ground
    Bright,
}

/// Reads a picture's file, and prepares the picture as a model wants it. What is ink may be told; it is found
/// otherwise, or dark for a model that does not look for it.
///
/// # Errors
/// Names the file.
pub fn read_drawing<B: Backend>(path: &Path, ink: Option<Ink>, backend: &B) -> Result<Drawing> {
    let shown = || format!("the picture {}", printable_path(path));
    let bytes = input::read(path, limits::PICTURE).with_context(shown)?;
    let drawing = || match *backend.preparation() {
        Preparation::None => Drawing::decode(&bytes, ink.unwrap_or_default().runtime()),
        preparation => {
            let preparation = match (preparation, ink) {
                (Preparation::Ink(kind), Some(ink)) => {
                    Preparation::Ink(InkPreparation { polarity: ink.polarity(), ..kind })
                }
                _ => preparation,
            };
            Drawing::prepared(Picture::decode(&bytes)?, &preparation, backend.image_side())
        }
    };
    drawing().with_context(shown)
}

impl Ink {
    fn runtime(self) -> arc_runtime::Ink {
        match self {
            Self::Dark => arc_runtime::Ink::Dark,
            Self::Bright => arc_runtime::Ink::Bright,
        }
    }

    fn polarity(self) -> Polarity {
        match self {
            Self::Dark => Polarity::Dark,
            Self::Bright => Polarity::Bright,
        }
    }
}
