//! What a user should know of a data set that is read all the same.

use std::collections::BTreeSet;
use std::path::Path;

use super::source::Source;
use super::{Dataset, is_picture};
use crate::printable::printable;

/// Most folders that are named.
const SHOWN: usize = 10;

/// What parts of a data set are called, in lower case.
const PARTS: [&str; 9] =
    ["train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"];

/// What is to be said of a data set, a line each.
pub fn remarks(source: &Source, data: &Dataset, read: &[&str]) -> Vec<String> {
    let remarks = [without_pictures(source, read), parts(source, data)];
    remarks.into_iter().flatten().map(|remark| format!("{}: {remark}", source.shown())).collect()
}

/// Folders from which nothing comes, and that lie no deeper than those of the classes.
fn without_pictures(source: &Source, read: &[&str]) -> Option<String> {
    // Every folder around a picture; the empty one is the root.
    let mut used = BTreeSet::from([""]);
    for path in read {
        let mut folder = *path;
        while let Some((around, _)) = folder.rsplit_once('/') {
            folder = around;
            if !used.insert(folder) {
                break;
            }
        }
    }
    let depth = read.first().map_or(0, |path| path.matches('/').count());
    let is_unused = |folder: &&String| {
        let around = folder.rsplit_once('/').map_or("", |(around, _)| around);
        !used.contains(folder.as_str())
            && used.contains(around)
            && folder.matches('/').count() < depth
    };
    let unused: Vec<_> = source.folders().iter().filter(is_unused).collect();
    let named = unused.iter().take(SHOWN).map(|folder| {
        let inside = |path: &&str| {
            path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        let name = printable(folder);
        match source.paths().find(inside) {
            None => name.into_owned(),
            Some(path) if is_picture(Path::new(path)) => format!("{name} (none that can be read)"),
            Some(path) => format!("{name} (but {})", printable(&path[folder.len() + 1..])),
        }
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if unused.len() > SHOWN {
        text += &format!(" and {} more", unused.len() - SHOWN);
    }
    (!unused.is_empty()).then(|| format!("folders without a picture: {text}"))
}

/// Groups that are the parts of one data set, so that a class of it counts once for each part.
fn parts(source: &Source, data: &Dataset) -> Option<String> {
    let is_part = |name: &str| PARTS.iter().any(|part| name.eq_ignore_ascii_case(part));
    let parts: Vec<_> = data.groups.iter().filter(|group| is_part(&group.name)).collect();
    let mut seen = BTreeSet::new();
    let mut names = parts.iter().flat_map(|part| &part.classes).map(|class| &class.name);
    if names.all(|name| seen.insert(name)) {
        return None;
    }
    let named: Vec<_> = parts.iter().map(|part| printable(&part.name)).collect();
    let unpacked = if source.is_zip() { "unpack the zip and " } else { "" };
    Some(format!(
        "{} have classes of the same names, which count as different ones: to take one part alone, {unpacked}name its folder",
        named.join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{folder, png, zip_file};

    fn of(path: &Path) -> Vec<String> {
        let (source, data) = (Source::open(path).unwrap(), Dataset::load(path, 9).unwrap());
        let name = source.shown() + ": ";
        let remarks = remarks(&source, &data, &source.pictures()).into_iter();
        remarks.map(|remark| remark.strip_prefix(&name).unwrap().to_owned()).collect()
    }

    fn both(files: &[(&str, Vec<u8>)]) -> [Vec<String>; 2] {
        let (root, elsewhere) = (folder(files), tempfile::tempdir().unwrap());
        [of(root.path()), of(&zip_file(elsewhere.path(), files))]
    }

    #[test]
    fn folders_without_a_picture_are_named() {
        let files = [
            ("a/cat/1.png", png(&[1])),
            ("a/dog/1.heic", vec![]),
            ("a/cat/notes/read.me", vec![]),
            ("docs/deep/read.me", vec![]),
        ];
        let expected = "folders without a picture: a/dog (but 1.heic), docs (but deep/read.me)";
        let root = folder(&files);
        assert_eq!(of(root.path()), [expected]);
        std::fs::create_dir(root.path().join("a/mouse")).unwrap();
        let expected = expected.replace("docs", "a/mouse, docs");
        assert_eq!(of(root.path()), [expected]);
        assert_eq!(both(&[("cat/1.png", png(&[1]))]), [[""; 0]; 2]);
    }

    #[test]
    fn parts_with_the_same_classes_are_named() {
        let png = || png(&[1]);
        let [found, zipped] =
            both(&[("TRAIN/a/1.png", png()), ("test/a/1.png", png()), ("test/b/1.png", png())]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("TRAIN and test have classes of the same names"), "{found:?}");
        assert!(found[0].ends_with("one part alone, name its folder"), "{found:?}");
        assert!(zipped[0].ends_with("unpack the zip and name its folder"), "{zipped:?}");
        // As in Omniglot, where each alphabet has a first character.
        let omniglot = [("Greek/character01/1.png", png()), ("Latin/character01/1.png", png())];
        assert_eq!(both(&omniglot), [[""; 0]; 2]);
        // Parts that share nothing.
        assert_eq!(both(&[("train/a/1.png", png()), ("test/b/1.png", png())]), [[""; 0]; 2]);
    }
}
