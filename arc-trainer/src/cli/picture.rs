//! Pictures given on the command line.

use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::data::Drawing;
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

/// Reads a PNG file.
///
/// # Errors
/// Names the file.
pub fn read_picture(path: &Path, ink: Ink) -> Result<Drawing> {
    let shown = || format!("the picture {}", printable_path(path));
    let bytes = input::read(path, limits::PICTURE).with_context(shown)?;
    let ink = match ink {
        Ink::Dark => arc_runtime::Ink::Dark,
        Ink::Bright => arc_runtime::Ink::Bright,
    };
    Drawing::from_png(&bytes, ink).with_context(shown)
}
