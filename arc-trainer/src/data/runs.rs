//! The published one-shot runs: each a support of 20 characters, and one probe of each.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::source::Source;
use super::{Drawing, OnBad, Picture, Skipped};
use crate::limits;
use crate::printable::{printable, printable_path};

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
/// folder or a zip. Supports are ordered by file name, probes as in the labels. The drawings are to
/// be looked at at `side`, as those of [`Dataset::load`](super::Dataset::load).
///
/// # Errors
/// When there are no labels, a label names a file that is not there, or a file is damaged: without
/// one of its pictures a run would be another.
pub fn load_runs(path: &Path, side: usize) -> Result<Vec<Run>> {
    load_runs_with(path, |picture| Ok(Drawing::at_most(picture, side)))
}

/// The same, with what a picture's drawing is.
///
/// # Errors
/// As for [`load_runs`], and if a picture has no drawing.
pub fn load_runs_with(path: &Path, draw: impl Fn(Picture) -> Result<Drawing>) -> Result<Vec<Run>> {
    let mut source = Source::open(path)?;
    let mut skipped = Skipped::new(OnBad::Skip);
    for fault in std::mem::take(&mut source.faults) {
        skipped.or_skip::<()>(Err(fault))?;
    }
    let folders: Vec<&str> = source.paths().filter_map(|path| path.strip_suffix(LABELS)).collect();
    ensure!(
        !folders.is_empty(),
        "{}: no {LABELS} in it; expected the one-shot runs: run01/training/*.png, run01/test/*.png, run01/{LABELS}, ...",
        printable_path(path),
    );
    ensure!(
        folders.len() <= limits::RUNS,
        "{}: more than {} runs: take a part of them",
        printable_path(path),
        limits::RUNS
    );
    let runs = folders.iter().map(|folder| load_run(&source, folder, &draw));
    let runs = runs.collect::<Result<Vec<_>>>()?;
    skipped.tell(&source.shown(), runs.len())?;
    Ok(runs)
}

/// Reads the run in `folder` (`""` or with a `/` at its end).
fn load_run(
    source: &Source,
    folder: &str,
    draw: &impl Fn(Picture) -> Result<Drawing>,
) -> Result<Run> {
    let labels = format!("{folder}{LABELS}");
    // Labels name files of these two folders, and no others.
    let [training, test] = ["training", "test"].map(|part| format!("{folder}{part}/"));
    let in_folder = |folder: &str| -> Vec<&str> {
        source.pictures().into_iter().filter_map(|path| path.strip_prefix(folder)).collect()
    };
    let (support_names, probe_names) = (in_folder(&training), in_folder(&test));
    let place_of: HashMap<&str, usize> = support_names.iter().copied().zip(0..).collect();
    let probe_names: HashSet<&str> = probe_names.into_iter().collect();
    let text = String::from_utf8(source.read(&labels, limits::LABELS)?)
        .with_context(|| source.show(&labels))?;

    let (mut probes, mut answers) = (Vec::new(), Vec::new());
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{} line {}", source.show(&labels), i + 1);
        let (probe, support) = parse(line).with_context(place)?;
        let missing = |folder: &str, name: &str| {
            format!("{}: no file {}{}", place(), printable(folder), printable(name))
        };
        answers.push(*place_of.get(support).with_context(|| missing(&training, support))?);
        probe_names.get(probe).with_context(|| missing(&test, probe))?;
        let drawing = Drawing::read(source, &format!("{test}{probe}"), draw).flatten();
        probes.push(drawing.with_context(place)?);
    }
    ensure!(!probes.is_empty(), "{}: no labels in it", source.show(&labels));
    let support = |name: &&str| Drawing::read(source, &format!("{training}{name}"), draw).flatten();
    let supports = support_names.iter().map(support).collect::<Result<_>>()?;
    Ok(Run { supports, probes, answers })
}

/// File names of the probe and its support in `run01/test/item01.png run01/training/class08.png`.
fn parse(line: &str) -> Result<(&str, &str)> {
    let paths = line.split_once(' ').and_then(|(probe, support)| {
        Some((probe.trim().split_once("/test/")?.1, support.trim().split_once("/training/")?.1))
    });
    paths.with_context(|| {
        format!(
            "expected RUN/test/PROBE.png RUN/training/SUPPORT.png, found \"{}\"",
            printable(line)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{folder, png, zip_file};

    /// Two supports and two probes; the widths tell which is which.
    fn files(labels: &str) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("run01/training/class01.png", png(&[255])),
            ("run01/training/class02.png", png(&[255; 2])),
            ("run01/test/item01.png", png(&[255; 3])),
            ("run01/test/item02.png", png(&[255; 4])),
            ("run01/class_labels.txt", labels.as_bytes().to_vec()),
        ]
    }

    const LABELS_1: &str = "run01/test/item01.png run01/training/class02.png\n\
                            run01/test/item02.png run01/training/class01.png\n";

    /// At least the longest side of all pictures here.
    const SIDE: usize = 4;

    fn load_error(labels: &str) -> String {
        format!("{:#}", load_runs(folder(&files(labels)).path(), SIDE).unwrap_err())
    }

    #[test]
    fn runs_are_read_from_a_folder_and_a_zip() {
        let root = folder(&files(LABELS_1));
        let zip = zip_file(root.path(), &files(LABELS_1));
        let runs = load_runs(root.path(), SIDE).unwrap();
        assert_eq!(load_runs(&zip, SIDE).unwrap(), runs);
        let widths = |drawings: &[Drawing]| drawings.iter().map(|d| d.width).collect::<Vec<_>>();
        assert_eq!(runs.len(), 1);
        assert_eq!(widths(&runs[0].supports), [1, 2]);
        assert_eq!(widths(&runs[0].probes), [3, 4]);
        assert_eq!(runs[0].answers, [1, 0]);
    }

    #[test]
    fn runs_are_in_natural_order() {
        let run = |number, width| {
            let labels = format!("run{number}/test/1.png run{number}/training/1.png");
            [
                (format!("all/run{number}/training/1.png"), png(&vec![255; width])),
                (format!("all/run{number}/test/1.png"), png(&[255])),
                (format!("all/run{number}/class_labels.txt"), labels.into_bytes()),
            ]
        };
        let files = [run(10, 2), run(9, 1)].concat();
        let files: Vec<_> =
            files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
        let runs = load_runs(folder(&files).path(), SIDE).unwrap();
        assert_eq!(runs.iter().map(|run| run.supports[0].width).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_folder_without_runs_is_refused() {
        let root = folder(&[("cat/1.png", png(&[255]))]);
        let error = format!("{:#}", load_runs(root.path(), SIDE).unwrap_err());
        assert!(error.contains("no class_labels.txt in it; expected the one-shot runs"), "{error}");
    }

    #[test]
    fn labels_that_make_no_sense_are_named_by_line() {
        let error = load_error("\nnonsense\n");
        assert!(error.contains("class_labels.txt line 2: expected RUN/test/PROBE.png"), "{error}");
        let error = load_error("run01/test/item01.png run01/training/class03.png");
        assert!(error.contains("line 1: no file run01/training/class03.png"), "{error}");
        let error = load_error("run01/test/item03.png run01/training/class01.png");
        assert!(error.contains("line 1") && error.contains("item03.png"), "{error}");
        assert!(load_error("\n").contains("class_labels.txt: no labels in it"));
    }
}
