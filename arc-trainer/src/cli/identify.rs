//! `arc-trainer identify`

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::picture::{Ink, read_picture};
use super::print;
use crate::eval::Backend;
use crate::float::Rating;
use crate::limits;
use crate::model_file::{ModelFile, Question};
use crate::printable::{printable, printable_path};

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
    /// Folder with the enrolled pictures: LABEL/*.png or LABEL.png
    #[arg(long, value_name = "DIR")]
    pub gallery: PathBuf,
    /// The pictures to name
    #[arg(value_name = "PROBE.png", required = true)]
    pub probes: Vec<PathBuf>,
    /// What is ink in the pictures
    #[arg(long, value_enum, default_value_t)]
    pub ink: Ink,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Matches of a ranking that are shown to people; JSON has them all.
const SHOWN: usize = 5;

/// Runs the verb.
///
/// # Errors
/// If the model, the gallery or a picture can't be read.
pub fn run(args: IdentifyArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let found = file.open()?.answer(Identify { file: &file, args: &args })?;
    print(&found, args.json)
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
            anyhow::Ok(backend.features(worker, &read_picture(path, args.ink)?))
        };
        let (labels, paths): (Vec<_>, Vec<_>) = enrolled(&args.gallery)?.into_iter().unzip();
        ensure!(
            backend.ways().is_none_or(|ways| ways == paths.len()),
            "{}: the model chooses among {} pictures, and {} holds {}: enroll as many",
            file.shown(),
            backend.ways().unwrap_or_default(),
            printable_path(&args.gallery),
            paths.len()
        );
        let gallery = paths.par_iter().map_init(|| backend.worker(1), extract);
        let gallery: Vec<_> = gallery.collect::<Result<_>>()?;
        let gallery: Vec<&B::Features> = gallery.iter().collect();

        let rank = |worker: &mut B::Worker, path: &PathBuf| {
            let probe = extract(worker, path)?;
            let ratings = backend.rate(worker, &probe, &gallery);
            let (accepted, ranking) = rank(&backend, &labels, ratings);
            let label = ranking[0].label.clone();
            Ok(Probe { probe: path.display().to_string(), label, accepted, ranking })
        };
        let probes = args.probes.par_iter().map_init(|| backend.worker(gallery.len()), rank);
        Ok(Identified {
            probes: probes.collect::<Result<_>>()?,
            enrolled: paths.len(),
            threshold: backend.threshold(),
            gallery: args.gallery.display().to_string(),
            model: file.name.clone(),
            backend: backend.name(),
        })
    }
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

/// The gallery's pictures with their labels: `label/*.png` and `label.png`, in the order of
/// their paths. Hidden files are passed over, such as those that a Mac leaves beside others.
fn enrolled(gallery: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for path in entries(gallery)? {
        if path.is_dir() {
            let pictures = entries(&path)?.into_iter().filter(|path| is_png(path));
            found.extend(pictures.map(|picture| (name(path.file_name()), picture)));
        } else if is_png(&path) {
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
        "no pictures in the gallery {}: it takes label/*.png or label.png",
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

fn is_png(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("png"))
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Identified {
    probes: Vec<Probe>,
    enrolled: usize,
    /// The logit from which on a best match is accepted.
    threshold: f64,
    gallery: String,
    model: String,
    backend: &'static str,
}

/// One probe and the labels, the most alike first.
#[derive(Debug, Serialize)]
struct Probe {
    probe: String,
    /// The best match, accepted or not.
    label: String,
    /// Whether it is enough alike; if not, the probe is of none of the labels.
    accepted: bool,
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
        for probe in &self.probes {
            let answer = if probe.accepted { &probe.label } else { "none of these" };
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
