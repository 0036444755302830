//! Reads a dataset from class folders of pictures.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

use super::layout::{LAYOUT, places};
use super::remarks::remarks;
use super::source::Source;
use super::{Class, Dataset, Drawing, Group, OnBad, Picture, Skipped};
use crate::printable::{printable, printable_path};
use crate::progress::note;

impl Dataset {
    /// Reads Omniglot's layout (`images_background/ALPHABET/CHARACTER/*.png`), or any folder of
    /// class folders (`root/class/*.jpg`, `root/group/class/*.webp`), from a folder or a zip.
    /// Folders around them all are passed over; hidden files and files other than pictures are ignored.
    /// Pictures that can't be read are skipped, and named in a note.
    ///
    /// The drawings are to be looked at at `side`: larger ones are held scaled to it.
    ///
    /// # Errors
    /// When the path is missing, has no class folders, has no picture that can be read, or takes more
    /// than [`limits`](crate::limits) has for it; the message names the file.
    pub fn load(path: &Path, side: usize) -> Result<Self> {
        Self::load_or(path, side, OnBad::Skip)
    }

    /// The same, and says what becomes of it when a picture can't be read.
    ///
    /// # Errors
    /// As for [`load`](Self::load), and for [`OnBad::Stop`] if any picture can't be read.
    pub fn load_or(path: &Path, side: usize, on_bad: OnBad) -> Result<Self> {
        Self::load_with(path, on_bad, &[], |_, picture| Ok(Drawing::at_most(picture, side)))
    }

    /// The same, without the files of some names, and with what a picture's drawing is, by the picture and its place
    /// among those of the source.
    ///
    /// # Errors
    /// As for [`load`](Self::load); a picture that has no drawing is a picture that can't be read.
    pub fn load_with(
        path: &Path,
        on_bad: OnBad,
        leave_out: &[String],
        draw: impl Fn(usize, Picture) -> Result<Drawing> + Sync,
    ) -> Result<Self> {
        let mut source = Source::open(path)?;
        let mut skipped = Skipped::new(on_bad);
        for fault in std::mem::take(&mut source.faults) {
            skipped.or_skip::<()>(Err(fault))?;
        }
        let mut pictures = source.pictures();
        pictures.retain(|path| !leave_out.iter().any(|name| path.rsplit('/').next() == Some(name)));
        ensure!(
            !pictures.is_empty(),
            "{}: no picture in it{}; {LAYOUT}",
            printable_path(path),
            other_files(&source)
        );
        let name = source.name();
        let places = places(&pictures, &name).with_context(|| printable_path(path))?;
        let read = |(place, path): (usize, &&str)| match Drawing::read(&source, path, |picture| {
            draw(place, picture)
        })? {
            Err(fault) if on_bad == OnBad::Stop => Err(fault),
            read => Ok(read),
        };
        let drawings = pictures.par_iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;

        let mut groups: Vec<Group> = Vec::new();
        let mut good = Vec::new();
        for ((picture, (group, class)), drawing) in pictures.iter().zip(places).zip(drawings) {
            let Some(drawing) = skipped.or_skip(drawing)? else { continue };
            good.push(*picture);
            if groups.last().is_none_or(|last| last.name != group) {
                groups.push(Group { name: group.to_owned(), classes: Vec::new() });
            }
            let classes = &mut groups.last_mut().expect("pushed above").classes;
            if classes.last().is_none_or(|last| last.name != class) {
                classes.push(Class { name: class.to_owned(), drawings: Vec::new() });
            }
            classes.last_mut().expect("pushed above").drawings.push(drawing);
        }
        skipped.tell(&source.shown(), good.len())?;
        let data = Self { name, groups };
        if on_bad != OnBad::SkipAgain {
            remarks(&source, &data, &good).iter().for_each(note);
        }
        Ok(data)
    }
}

/// What a folder or zip without pictures has instead.
fn other_files(source: &Source) -> String {
    let mut paths = source.paths();
    match (paths.len(), paths.next()) {
        (1, Some(only)) => format!(", only {}", printable(only)),
        (count, Some(first)) => format!(", but {count} others such as {}", printable(first)),
        (_, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data::fixture::{folder, png, zip, zip_file};

    const INK: [u8; 2] = [255, 0];
    /// At least the longest side of all pictures here.
    const SIDE: usize = 16;

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
        format!("{:#}", Dataset::load_or(path, SIDE, OnBad::Stop).unwrap_err())
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
        assert!(
            load_error(empty.path()).contains("no picture in it; expected group/class/PICTURE")
        );
        let other = folder(&[("images.zip", Vec::new())]);
        assert!(load_error(other.path()).contains("no picture in it, only images.zip;"));
        let flat = folder(&[("1.png", png(&INK)), ("2.png", png(&INK))]);
        assert!(load_error(flat.path()).contains("1.png lies in no class folder; expected"));
    }

    #[test]
    fn pictures_of_all_formats_count_whatever_they_are_called() {
        use crate::data::picture::fixture::{corner, every_format};
        let files = every_format(corner()).map(|(name, bytes)| (format!("{name}/1.{name}"), bytes));
        let files = files.each_ref().map(|(name, bytes)| (name.as_str(), bytes.clone()));
        let [jpeg, png] = [2, 3].map(|k: usize| files[k].1.clone());
        let mixed = [("x/1.jpg", png), ("x/2.png", jpeg), ("x/notes.txt", vec![])];
        let data = load(&[&files[..], &mixed].concat());
        let counts = data.classes().map(|class| (class.name.as_str(), class.drawings.len()));
        let expected = ["BMP", "GIF", "JPEG", "PNG", "PNM", "TIFF", "WebP"].map(|name| (name, 1));
        assert_eq!(counts.collect::<Vec<_>>(), [&expected[..], &[("x", 2)]].concat());
    }

    #[test]
    fn a_bad_picture_is_skipped_and_the_others_are_read() {
        let files = [
            ("cat/1.png", wide(1)),
            ("cat/2.png", b"not yet downloaded".to_vec()),
            ("cat/3.png", wide(3)),
            ("dog/1.png", wide(9)[..50].to_vec()),
        ];
        assert_eq!(outline(&load(&files)), ["data.zip: cat[1 3]"]);
        let bad = folder(&[files[1].clone(), files[3].clone()]);
        let error = format!("{:#}", Dataset::load(bad.path(), SIDE).unwrap_err());
        assert!(error.contains("none of 2 pictures can be read, the first: "), "{error}");
        assert!(
            error.contains("2.png: not a picture that is read here, but a text file?"),
            "{error}"
        );
    }

    #[test]
    fn what_all_pictures_take_is_no_fault_of_one() {
        use crate::limits;
        let root = folder(&[("cat/1.png", wide(1)), ("cat/2.png", wide(2))]);
        let source = Source::open(root.path()).unwrap();
        source.budget.spend(limits::DECODING as usize, 0).unwrap();
        let draw = |picture| Ok(Drawing::at_most(picture, SIDE));
        let error = Drawing::read(&source, "cat/1.png", draw).unwrap_err().to_string();
        assert!(error.contains("scale them down, or take a part of them"), "{error}");
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
