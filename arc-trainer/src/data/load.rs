//! Reads a dataset from class folders of PNG files.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;

use super::{Class, Dataset, Drawing, Group, source::Source};
use crate::printable::{printable, printable_path};

const LAYOUT: &str =
    "expected group/class/*.png (as in Omniglot) or class/*.png, in a folder or a zip";

impl Dataset {
    /// Reads Omniglot's layout (`images_background/ALPHABET/CHARACTER/*.png`), or any folder of
    /// class folders (`root/class/*.png`, `root/group/class/*.png`), from a folder or a zip.
    /// Folders around them all are passed over; hidden files and files other than PNG are ignored.
    ///
    /// The drawings are to be looked at at `side`: larger ones are held scaled to it.
    ///
    /// # Errors
    /// When the path is missing, has no class folders, a file in it is damaged, or it takes more
    /// than [`limits`](crate::limits) has for it; the message names the file.
    pub fn load(path: &Path, side: usize) -> Result<Self> {
        let source = Source::open(path)?;
        let pngs = source.pngs();
        ensure!(
            !pngs.is_empty(),
            "{}: no PNG file in it{}; {LAYOUT}",
            printable_path(path),
            other_files(&source)
        );
        let name = source.name();
        let places = places(&pngs, &name).with_context(|| printable_path(path))?;
        let drawings = pngs.par_iter().map(|png| Drawing::read(&source, png, side));
        let drawings = drawings.collect::<Result<Vec<_>>>()?;

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
        bail!(
            "{} and {} lie in folders of different depth; {LAYOUT}",
            printable(pngs[0]),
            printable(pngs[i])
        );
    }
    // The folders that all files share, except the two that are group and class.
    let around = depth.saturating_sub(2);
    if let Some(i) = folders.iter().position(|names| names[..around] != folders[0][..around]) {
        bail!(
            "{} and {} are of different datasets: name one of their folders; {LAYOUT}",
            printable(pngs[0]),
            printable(pngs[i])
        );
    }
    let place = |names: &[&'a str]| match names {
        [] => None,
        [class] => Some((root, *class)),
        [.., group, class] => Some((*group, *class)),
    };
    let places: Option<Vec<_>> = folders.iter().map(|names| place(names)).collect();
    places.with_context(|| format!("{} lies in no class folder; {LAYOUT}", printable(pngs[0])))
}

/// What a folder or zip without PNG files has instead.
fn other_files(source: &Source) -> String {
    match source.paths() {
        [] => String::new(),
        [only] => format!(", only {}", printable(only)),
        [first, ..] => {
            format!(", but {} others such as {}", source.paths().len(), printable(first))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data::fixture::{folder, png, zip, zip_file};

    const INK: [u8; 2] = [255, 0];
    /// At least the longest side of all pictures here.
    const SIDE: usize = 9;

    /// Names of the groups and classes, and the widths of the drawings.
    fn outline(data: &Dataset) -> Vec<String> {
        let class = |class: &Class| {
            let widths: Vec<_> = class.drawings.iter().map(|d| d.width.to_string()).collect();
            format!("{}[{}]", class.name, widths.join(" "))
        };
        let group = |group: &Group| {
            let classes: Vec<_> = group.classes.iter().map(class).collect();
            format!("{}: {}", group.name, classes.join(" "))
        };
        data.groups.iter().map(group).collect()
    }

    /// A picture whose width tells which one it is.
    fn wide(width: usize) -> Vec<u8> {
        png(&vec![255; width])
    }

    /// Loads from a folder and from a zip; both must be the same.
    fn load(files: &[(&str, Vec<u8>)]) -> Dataset {
        let root = folder(files);
        let from_folder = Dataset::load(root.path(), SIDE).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let from_zip = Dataset::load(&zip_file(elsewhere.path(), files), SIDE).unwrap();
        // A dataset without group folders names its only group after itself.
        if from_folder.groups.len() > 1 {
            assert_eq!(from_folder.groups, from_zip.groups);
        }
        from_zip
    }

    fn load_error(path: &Path) -> String {
        format!("{:#}", Dataset::load(path, SIDE).unwrap_err())
    }

    #[test]
    fn groups_and_classes_come_in_natural_order() {
        let files = [
            ("b/two/x10.png", wide(3)),
            ("b/two/x9.png", wide(2)),
            ("b/two/x1.PNG", wide(1)),
            ("a/class10/1.png", wide(5)),
            ("a/class9/1.png", wide(4)),
            ("a/class9/notes.txt", b"not a picture".to_vec()),
        ];
        assert_eq!(outline(&load(&files)), ["a: class9[4] class10[5]", "b: two[1 2 3]"]);
    }

    #[test]
    fn folders_around_the_groups_are_passed_over() {
        let files = [("o/images/a/c1/1.png", wide(1)), ("o/images/b/c1/1.png", wide(2))];
        assert_eq!(outline(&load(&files)), ["a: c1[1]", "b: c1[2]"]);
    }

    #[test]
    fn class_folders_alone_make_one_group() {
        let files = [("cat/1.png", wide(1)), ("cat/2.png", wide(2)), ("dog/1.png", wide(3))];
        assert_eq!(outline(&load(&files)), ["data.zip: cat[1 2] dog[3]"]);
    }

    #[test]
    fn class_folders_within_one_folder_make_one_group() {
        let files = [("pets/cat/1.png", wide(1)), ("pets/dog/1.png", wide(3))];
        assert_eq!(outline(&load(&files)), ["pets: cat[1] dog[3]"]);
    }

    #[test]
    fn hidden_files_are_ignored() {
        let files = [
            ("cat/1.png", wide(1)),
            ("cat/._1.png", b"resource fork".to_vec()),
            ("__MACOSX/cat/1.png", b"resource fork".to_vec()),
            (".thumbnails/a/b/1.png", b"?".to_vec()),
        ];
        assert_eq!(outline(&load(&files)), ["data.zip: cat[1]"]);
    }

    #[test]
    fn a_missing_path_is_named() {
        let error = load_error(Path::new("no/such/place.zip"));
        assert_eq!(error, "no/such/place.zip: no such file or folder");
    }

    #[test]
    fn what_is_there_instead_of_classes_is_said() {
        let empty = tempfile::tempdir().unwrap();
        assert!(load_error(empty.path()).contains("no PNG file in it; expected group/class/*.png"));
        let other = folder(&[("images.zip", Vec::new())]);
        assert!(load_error(other.path()).contains("no PNG file in it, only images.zip;"));
        let flat = folder(&[("1.png", png(&INK)), ("2.png", png(&INK))]);
        assert!(load_error(flat.path()).contains("1.png lies in no class folder; expected"));
    }

    #[test]
    fn layouts_that_contradict_each_other_are_refused() {
        let uneven = folder(&[("a/1.png", png(&INK)), ("b/c/1.png", png(&INK))]);
        let error = load_error(uneven.path());
        assert!(
            error.contains("a/1.png and b/c/1.png lie in folders of different depth"),
            "{error}"
        );
        let two = folder(&[("a/b/c/1.png", png(&INK)), ("d/b/c/1.png", png(&INK))]);
        let error = load_error(two.path());
        assert!(error.contains("a/b/c/1.png and d/b/c/1.png are of different datasets"), "{error}");
    }

    #[test]
    fn a_damaged_picture_is_named() {
        let mut damaged = wide(9);
        damaged.truncate(50);
        let files = [("cat/1.png", wide(1)), ("cat/2.png", damaged)];
        let root = folder(&files);
        let error = load_error(root.path());
        assert!(error.contains("2.png: damaged PNG"), "{error}");
        let file = zip_file(root.path(), &files);
        let error = load_error(&file);
        assert!(error.contains("data.zip: cat/2.png: damaged PNG"), "{error}");
    }

    #[test]
    fn a_damaged_zip_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.zip");
        let whole = zip(&[("cat/1.png", wide(1)), ("cat/2.png", wide(2))]);

        fs::write(&file, &whole[..whole.len() - 30]).unwrap();
        let error = load_error(&file);
        assert!(error.contains("data.zip: not a zip, or a damaged one"), "{error}");

        // One bit of the first file's contents, behind its header and name.
        let mut flipped = whole;
        flipped[30 + "cat/1.png".len() + 10] ^= 1;
        fs::write(&file, flipped).unwrap();
        let error = load_error(&file);
        assert!(error.contains("data.zip: cat/1.png: damaged"), "{error}");
    }
}
