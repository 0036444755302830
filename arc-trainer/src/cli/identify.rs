//! `arc-trainer identify`

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::picture::{Ink, read_drawing};
use super::print;
use crate::data::{OnBad, Skipped, is_picture};
use crate::eval::Backend;
use crate::float::Rating;
use crate::limits;
use crate::model_file::{ModelFile, Question};
use crate::printable::{printable, printable_path};
use crate::progress::note;

/// Say which class of a gallery each picture is of, or that it is of none of them.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer identify small.arc --gallery parts/ camera.png
  arc-trainer identify small.arc --gallery parts/ shots/*.png --json")]
pub struct IdentifyArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Folder with the enrolled pictures: LABEL/PICTURE or LABEL.png, .jpg, .webp, ...
    #[arg(long, value_name = "DIR")]
    pub gallery: PathBuf,
    /// The pictures to name
    #[arg(value_name = "PROBE.png", required = true)]
    pub probes: Vec<PathBuf>,
    /// What is ink in the pictures
    #[arg(long, value_enum)]
    pub ink: Option<Ink>,
    /// Stop at a picture that can't be read, instead of leaving it out
    #[arg(long)]
    pub strict: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Matches of a ranking that are shown to people; JSON has them all.
const SHOWN: usize = 5;

/// Runs the verb: exit code 1 if some of the pictures to name can't be read.
///
/// # Errors
/// If the model or the gallery can't be read, or with `--strict` any picture.
pub fn run(args: IdentifyArgs) -> Result<ExitCode> {
    let file = ModelFile::read(&args.model)?;
    let found = file.open()?.answer(Identify { file: &file, args: &args })?;
    let unreadable = |named: &Named| matches!(named, Named::Unreadable { .. });
    let code =
        if found.probes.iter().any(unreadable) { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    print(&found, args.json)?;
    Ok(code)
}

/// Which class each picture is of.
struct Identify<'a> {
    file: &'a ModelFile,
    args: &'a IdentifyArgs,
}

impl Question for Identify<'_> {
    type Answer = Identified;

    fn ask<B: Backend>(self, backend: B) -> Result<Identified> {
        let Self { file, args } = self;
        let extract = |worker: &mut B::Worker, path: &PathBuf| {
            anyhow::Ok(backend.features(worker, &read_drawing(path, args.ink, &backend)?))
        };
        let pictures = enrolled(&args.gallery)?;
        let read = pictures.par_iter().map_init(
            || backend.worker(1),
            |worker, (label, path)| Ok((label.clone(), extract(worker, path)?)),
        );
        let enrolled = readable(read.collect(), args.strict, &printable_path(&args.gallery))?;
        let (labels, gallery): (Vec<_>, Vec<_>) = enrolled.into_iter().unzip();
        ensure!(
            backend.ways().is_none_or(|ways| ways == gallery.len()),
            "{}: the model chooses among {} pictures, and {} holds {}: enroll as many",
            file.shown(),
            backend.ways().unwrap_or_default(),
            printable_path(&args.gallery),
            gallery.len()
        );
        let gallery: Vec<&B::Features> = gallery.iter().collect();

        let rank = |worker: &mut B::Worker, path: &PathBuf| {
            let probe = extract(worker, path)?;
            let ratings = backend.rate(worker, &probe, &gallery);
            let (accepted, ranking) = rank(&backend, &labels, ratings);
            let nearest = ranking[0].label.clone();
            let label = accepted.then(|| nearest.clone());
            Ok(Probe { probe: path.display().to_string(), label, accepted, nearest, ranking })
        };
        let probes = args.probes.par_iter().map_init(|| backend.worker(gallery.len()), rank);
        let probes: Vec<Result<Probe>> = probes.collect();
        let named = args.probes.iter().zip(probes).map(|(path, probe)| match probe {
            Err(fault) if args.strict => Err(fault),
            Err(fault) => {
                note(format_args!("{fault:#}"));
                let (probe, error) = (path.display().to_string(), format!("{fault:#}"));
                Ok(Named::Unreadable { probe, error })
            }
            Ok(probe) => Ok(Named::Probe(probe)),
        });
        Ok(Identified {
            probes: named.collect::<Result<_>>()?,
            enrolled: gallery.len(),
            threshold: backend.threshold(),
            gallery: args.gallery.display().to_string(),
            model: file.name.clone(),
            backend: backend.name(),
        })
    }
}

/// What was read of pictures that were asked for; the others are named in a note, or an error.
fn readable<T>(read: Vec<Result<T>>, strict: bool, source: &str) -> Result<Vec<T>> {
    let mut skipped = Skipped::new(OnBad::strict(strict));
    let read = read.into_iter().filter_map(|read| skipped.or_skip(read).transpose());
    let read = read.collect::<Result<Vec<_>>>()?;
    skipped.tell(source, read.len())?;
    Ok(read)
}

/// The labels, the most alike first, and whether the first is accepted.
fn rank<B: Backend>(backend: &B, labels: &[String], ratings: Vec<Rating>) -> (bool, Vec<Place>) {
    let total: f64 = ratings.iter().map(|rating| rating.score.exp()).sum();
    let mut best: BTreeMap<&str, Rating> = BTreeMap::new();
    for (label, rating) in labels.iter().zip(ratings) {
        let entry = best.entry(label).or_insert(rating);
        if rating.score > entry.score {
            *entry = rating;
        }
    }
    let place = |(label, Rating { score, pair }): (&str, Rating)| Place {
        label: label.to_owned(),
        // Without a score of the pair alone, its share among the N ways (softmax).
        probability: pair.map_or(score.exp() / total, |logit| backend.probability(logit)),
        logit: pair,
        score,
    };
    let mut ranking: Vec<_> = best.into_iter().map(place).collect();
    ranking.sort_by(|a, b| b.score.total_cmp(&a.score));
    // The threshold is one for pairs: an N-way model takes whichever is best.
    let accepted = ranking[0].logit.is_none_or(|logit| logit >= backend.threshold());
    (accepted, ranking)
}

/// The gallery's pictures with their labels: `label/1.png` and `label.png`, of any format, in the order of
/// their paths. Hidden files are passed over, such as those that a Mac leaves beside others.
fn enrolled(gallery: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for path in entries(gallery)? {
        if path.is_dir() {
            let before = found.len();
            let pictures = entries(&path)?.into_iter().filter(|path| is_picture(path));
            found.extend(pictures.map(|picture| (name(path.file_name()), picture)));
            if found.len() == before {
                note(format_args!("{}: not enrolled, no picture in it", printable_path(&path)));
            }
        } else if is_picture(&path) {
            found.push((name(path.file_stem()), path));
        }
        ensure!(
            found.len() <= limits::FILES,
            "{}: more than {} pictures: enroll fewer",
            printable_path(gallery),
            limits::FILES
        );
    }
    ensure!(
        !found.is_empty(),
        "no pictures in the gallery {}: it takes label/1.png or label.png, of any format",
        printable_path(gallery)
    );
    Ok(found)
}

fn name(path: Option<&OsStr>) -> String {
    path.unwrap_or_default().to_string_lossy().into_owned()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        // One more than are taken, to tell that there are more.
        let entries = std::fs::read_dir(folder)?.take(limits::FILES + 1);
        entries.map(|entry| Ok(entry?.path())).collect()
    };
    let shown = printable_path(folder);
    let mut paths = read().with_context(|| format!("can't read the folder {shown}"))?;
    ensure!(paths.len() <= limits::FILES, "{shown}: more than {} files", limits::FILES);
    paths.retain(|path| !name(path.file_name()).starts_with('.'));
    paths.sort();
    Ok(paths)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Identified {
    probes: Vec<Named>,
    enrolled: usize,
    /// The logit from which on a best match is accepted.
    threshold: f64,
    gallery: String,
    model: String,
    backend: &'static str,
}

/// What came of one picture.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Named {
    Probe(Probe),
    Unreadable { probe: String, error: String },
}

/// One probe and the labels, the most alike first.
#[derive(Debug, Serialize)]
struct Probe {
    probe: String,
    /// What it is, if the best match is enough alike; otherwise it is of none of the labels.
    label: Option<String>,
    /// Whether it is.
    accepted: bool,
    /// The best match, accepted or not.
    nearest: String,
    ranking: Vec<Place>,
}

/// A label and the best score among its pictures.
#[derive(Debug, Serialize)]
struct Place {
    label: String,
    /// That it is of the probe's class, from the pair alone; from an N-way model its share.
    probability: f64,
    /// Of the pair alone, whatever else is enrolled; none from an N-way model.
    #[serde(skip_serializing_if = "Option::is_none")]
    logit: Option<f64>,
    /// What the ranking goes by.
    score: f64,
}

impl fmt::Display for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for named in &self.probes {
            let probe = match named {
                Named::Probe(probe) => probe,
                Named::Unreadable { probe, .. } => {
                    writeln!(f, "{}: can't be read", printable(probe))?;
                    continue;
                }
            };
            let answer = probe.label.as_deref().unwrap_or("none of these");
            writeln!(f, "{}: {}", printable(&probe.probe), printable(answer))?;
            for place in probe.ranking.iter().take(SHOWN) {
                writeln!(
                    f,
                    "  {:5.1} %  {:+6.2}  {}",
                    100.0 * place.probability,
                    place.score,
                    printable(&place.label)
                )?;
            }
        }
        Ok(())
    }
}
