//! `arc-trainer inspect`

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::print;
use crate::inspection::{GALLERY, Inspection};
use crate::model_file::ModelFile;
use crate::printable::printable;

/// Show what is in a model file: sizes, RAM per use, multiply-accumulates, tables, provenance.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer inspect small.arc
  arc-trainer inspect small.arc --json")]
pub struct InspectArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If the file is no intact model.
pub fn run(args: InspectArgs) -> Result<()> {
    let inspection = Inspection::of(&ModelFile::read(&args.model)?)?;
    print(&inspection, args.json)
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (d, w, p) = (&self.dimensions, &self.weights, &self.provenance);
        writeln!(
            f,
            "{}: {} bytes, format version {}, {}, crc {}",
            printable(&self.model),
            self.file_bytes,
            self.format_version,
            self.encoding,
            self.crc32
        )?;
        write!(
            f,
            "network     image {0}x{0}, features {1}x{1}x{2}, {3} glimpses of {4}x{4} per image, \
             LSTM {5}",
            d.image_side,
            d.feature_side,
            d.feature_channels,
            d.glimpses_per_image,
            d.glimpse_side,
            d.hidden,
        )?;
        for (part, size) in
            [("head", d.head_hidden), ("context", d.context_units), ("ways", d.ways)]
        {
            if size > 0 {
                write!(f, ", {part} {size}")?;
            }
        }
        write!(
            f,
            "\nweights     {} bytes: stem {}, controller {}, gaze layer {}, head {}",
            w.total, w.stem, w.controller, w.gaze_layer, w.head
        )?;
        if w.context > 0 {
            write!(f, ", context {}", w.context)?;
        }
        if let Some(ram) = &self.ram {
            write!(
                f,
                "\nRAM         a pair {} bytes beside its images; each enrolled image {}",
                ram.workspace, ram.features
            )?;
            if let Some(bytes) = ram.gallery_20 {
                write!(f, "; comparator and gallery of {GALLERY}: {bytes}")?;
            }
        }
        write!(f, "\nMACs        image {}", self.macs.extract)?;
        if let Some(macs) = self.macs.pair {
            write!(f, ", pair {macs}")?;
        }
        if let Some(macs) = self.macs.gallery_20 {
            write!(f, ", probe against {GALLERY} enrolled {macs}")?;
        }
        writeln!(f)?;
        match &self.calibration {
            Some(c) => writeln!(
                f,
                "decision    same from logit {:+.2} on, which accepts {} % of different pairs; \
                 temperature {:.2}",
                c.threshold,
                100.0 * c.false_accept_rate,
                c.temperature
            )?,
            None => {
                writeln!(f, "decision    same from logit 0 on; no share of false accepts known")?
            }
        }
        writeln!(
            f,
            "flash       model {} bytes; tables: sigmoid {}, tanh {}, Cauchy {}, 1/gamma {}",
            self.file_bytes,
            self.tables.sigmoid,
            self.tables.tanh,
            self.tables.cauchy,
            self.tables.inverse_gamma
        )?;
        if let Some(backend) = self.backend {
            writeln!(f, "kernels     {backend} on this machine")?;
        }
        write!(
            f,
            "provenance  {} trained on {}, seed {}, {} steps\n\n{}",
            p.shown_profile(),
            p.shown_data(),
            p.seed,
            p.steps,
            p.config
        )
    }
}
