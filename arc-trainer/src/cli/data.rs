//! `arc-trainer data`

use std::{io::Cursor, ops::RangeInclusive, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum, value_parser};
use image::ImageFormat;

use crate::data::{
    fetch::{self, fetch_omniglot},
    synth::{Synth, contact_sheet},
};
use crate::files::{check_writable, write_whole};
use crate::progress::{Progress, note};

/// Get drawings to train and measure on.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Fetch(FetchArgs),
    Synth(SynthArgs),
}

/// Download a dataset, with a checksum; what is there already is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  arc-trainer data fetch omniglot
  arc-trainer data fetch omniglot --dir ~/datasets/omniglot

Gives images_background.zip and images_evaluation.zip for train and eval, and all_runs.zip for
eval --protocol lake. A download that was broken off goes on where it stopped.")]
pub struct FetchArgs {
    /// Which one.
    #[arg(value_enum)]
    dataset: Remote,
    /// Folder to keep the files in.
    #[arg(long, value_name = "DIR", default_value = "data/omniglot")]
    dir: PathBuf,
    /// Address of a mirror, with the files at the same places.
    #[arg(long, value_name = "URL", default_value = fetch::OMNIGLOT)]
    mirror: String,
}

/// Datasets that can be downloaded.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Remote {
    /// Handwritten characters of 50 alphabets (Brenden Lake, MIT license).
    Omniglot,
}

/// Make alphabets of random characters, each drawn by many hands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  arc-trainer data synth --out glyphs
  arc-trainer data synth --out glyphs --alphabets 10 --characters 25 --seed 7 --sheet glyphs.png

The same options give the same files on every machine.")]
pub struct SynthArgs {
    /// Folder to write to, in Omniglot's layout: ALPHABET/CHARACTER/*.png.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of alphabets.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = value_parser!(u32).range(1..=10_000))]
    alphabets: u32,
    /// Characters in an alphabet: a number, or a range to draw from.
    #[arg(long, value_name = "N|LOW..HIGH", default_value = "20..40", value_parser = parse_range)]
    characters: RangeInclusive<u32>,
    /// Drawings of each character.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u32).range(2..=10_000))]
    drawers: u32,
    /// Side of the drawings in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 105, value_parser = value_parser!(u16).range(8..=2048))]
    side: u16,
    /// Another seed makes other alphabets.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Also write a picture of some drawings, to look at.
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Fetch(args) => match args.dataset {
            Remote::Omniglot => fetch_omniglot(&args.mirror, &args.dir),
        },
        Verb::Synth(args) => synth(args),
    }
}

fn synth(args: SynthArgs) -> Result<()> {
    let synth = Synth {
        alphabets: args.alphabets,
        characters: args.characters,
        drawers: args.drawers,
        side: args.side,
        seed: args.seed,
    };
    args.sheet.as_deref().map_or(Ok(()), check_writable)?;
    let progress = Progress::new("alphabets", args.alphabets as usize);
    synth.write(&args.out, || progress.advance())?;
    drop(progress);
    note(format_args!("{}: {} alphabets", args.out.display(), args.alphabets));
    if let Some(file) = args.sheet {
        let first = Synth { alphabets: args.alphabets.min(4), ..synth };
        let mut png = Cursor::new(Vec::new());
        contact_sheet(&first.dataset(), 4, 20, 5)
            .write_to(&mut png, ImageFormat::Png)
            .with_context(|| format!("can't draw {}", file.display()))?;
        write_whole(&file, png.get_ref())?;
        note(format_args!("{}: look at it", file.display()));
    }
    Ok(())
}

/// `30`, or `20..40` with both ends included.
fn parse_range(text: &str) -> Result<RangeInclusive<u32>, String> {
    const LARGEST: u32 = 10_000;
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    match (low.parse(), high.parse()) {
        (Ok(low), Ok(high)) if 2 <= low && low <= high && high <= LARGEST => Ok(low..=high),
        _ => Err(format!("a number or LOW..HIGH is wanted, from 2 to {LARGEST}")),
    }
}
