//! Reads a dataset from class folders of PNG files.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;

use super::{Class, Dataset, Drawing, Group, source::Source};

const LAYOUT: &str =
    "expected group/class/*.png (as in Omniglot) or class/*.png, in a folder or a zip";

impl Dataset {
    /// Reads Omniglot's layout (`images_background/ALPHABET/CHARACTER/*.png`), or any folder of
    /// class folders (`root/class/*.png`, `root/group/class/*.png`), from a folder or a zip.
    /// Folders around them all are passed over; hidden files and files other than PNG are ignored.
    ///
    /// # Errors
    /// When the path is missing, has no class folders, or a file in it is damaged; the message
    /// names the file.
    pub fn load(path: &Path) -> Result<Self> {
        let source = Source::open(path)?;
        let pngs = source.pngs();
        ensure!(
            !pngs.is_empty(),
            "{}: no PNG file in it{}; {LAYOUT}",
            path.display(),
            other_files(&source)
        );
        let name = source.name();
        let places = places(&pngs, &name).with_context(|| path.display().to_string())?;
        let drawings =
            pngs.par_iter().map(|png| Drawing::read(&source, png)).collect::<Result<Vec<_>>>()?;

        let mut groups: Vec<Group> = Vec::new();
        for ((group, class), drawing) in places.into_iter().zip(drawings) {
            if groups.last().is_none_or(|last| last.name != group) {
                groups.push(Group { name: group.to_owned(), classes: Vec::new() });
            }
            let classes = &mut groups.last_mut().expect("pushed above").classes;
            if classes.last().is_none_or(|last| last.name != class) {
                classes.push(Class { name: class.to_owned(), drawings: Vec::new() });
            }
            classes.last_mut().expect("pushed above").drawings.push(drawing);
        }
        Ok(Self { name, groups })
    }
}

/// The (group, class) of each file, by the folders it lies in. Without group folders, all classes
/// are of one group named `root`.
fn places<'a>(pngs: &[&'a str], root: &'a str) -> Result<Vec<(&'a str, &'a str)>> {
    let folders: Vec<Vec<&str>> = pngs
        .iter()
        .map(|png| {
            let mut names: Vec<_> = png.split('/').collect();
            names.pop();
            names
        })
        .collect();
    let depth = folders[0].len();
    if let Some(i) = folders.iter().position(|names| names.len() != depth) {
        bail!("{} and {} lie in folders of different depth; {LAYOUT}", pngs[0], pngs[i]);
    }
    // The folders that all files share, except the two that are group and class.
    let around = depth.saturating_sub(2);
    if let Some(i) = folders.iter().position(|names| names[..around] != folders[0][..around]) {
        bail!(
            "{} and {} are of different datasets: name one of their folders; {LAYOUT}",
            pngs[0],
            pngs[i]
        );
    }
    let place = |names: &[&'a str]| match names {
        [] => None,
        [class] => Some((root, *class)),
        [.., group, class] => Some((*group, *class)),
    };
    let places: Option<Vec<_>> = folders.iter().map(|names| place(names)).collect();
    places.with_context(|| format!("{} lies in no class folder; {LAYOUT}", pngs[0]))
}

/// What a folder or zip without PNG files has instead.
fn other_files(source: &Source) -> String {
    match source.paths() {
        [] => String::new(),
        [only] => format!(", only {only}"),
        [first, ..] => format!(", but {} others such as {first}", source.paths().len()),
    }
}
