//! The published one-shot runs: each a support of 20 characters, and one probe of each.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{Drawing, source::Source};

const LABELS: &str = "class_labels.txt";

/// A one-shot episode: which support is of the same class as the probe?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// One drawing per class.
    pub supports: Vec<Drawing>,
    /// The drawings to be classified.
    pub probes: Vec<Drawing>,
    /// For each probe, the index of the support of its class.
    pub answers: Vec<usize>,
}

/// Reads the published runs (`run01/{training,test}/*.png`, `run01/class_labels.txt`, ...) from a
/// folder or a zip. Supports are ordered by file name, probes as in the labels.
///
/// # Errors
/// When there are no labels, a label names no support, or a file is missing or damaged.
pub fn load_runs(path: &Path) -> Result<Vec<Run>> {
    let source = Source::open(path)?;
    let folders: Vec<&str> =
        source.paths().iter().filter_map(|path| path.strip_suffix(LABELS)).collect();
    ensure!(
        !folders.is_empty(),
        "{}: no {LABELS} in it; expected the one-shot runs: run01/training/*.png, run01/test/*.png, run01/{LABELS}, ...",
        path.display(),
    );
    folders.iter().map(|folder| load_run(&source, folder)).collect()
}

/// Reads the run in `folder` (`""` or with a `/` at its end).
fn load_run(source: &Source, folder: &str) -> Result<Run> {
    let labels = format!("{folder}{LABELS}");
    let training = format!("{folder}training/");
    let support_paths: Vec<&str> =
        source.pngs().into_iter().filter(|path| path.starts_with(&training)).collect();
    let text = String::from_utf8(source.read(&labels)?).with_context(|| source.show(&labels))?;

    let (mut probes, mut answers) = (Vec::new(), Vec::new());
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{} line {}", source.show(&labels), i + 1);
        let (probe, support) = parse(line).with_context(place)?;
        let support = format!("{training}{support}");
        let answer = support_paths.iter().position(|path| *path == support);
        answers.push(answer.with_context(|| format!("{}: no file {support}", place()))?);
        probes.push(Drawing::read(source, &format!("{folder}test/{probe}")).with_context(place)?);
    }
    ensure!(!probes.is_empty(), "{}: no labels in it", source.show(&labels));
    let supports =
        support_paths.iter().map(|path| Drawing::read(source, path)).collect::<Result<_>>()?;
    Ok(Run { supports, probes, answers })
}

/// File names of the probe and its support in `run01/test/item01.png run01/training/class08.png`.
fn parse(line: &str) -> Result<(&str, &str)> {
    let paths = line.split_once(' ').and_then(|(probe, support)| {
        Some((probe.trim().split_once("/test/")?.1, support.trim().split_once("/training/")?.1))
    });
    paths.with_context(|| {
        format!("expected RUN/test/PROBE.png RUN/training/SUPPORT.png, found {line:?}")
    })
}
