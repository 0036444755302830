//! Names for the files of many pictures in one folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::sheet::MARK;
use crate::{input, limits};

/// What the name of a sheet ends in.
pub const SHEET: &str = ".png";

/// What the name of a model's image alone ends in.
pub const RAW: &str = "-raw.png";

/// Beginnings of the names of each picture's files: its own name, and a number where that is taken by another picture
/// or by a file in the folder that is not ours.
pub fn names(pictures: &[PathBuf], folder: &Path, raw: bool) -> Vec<String> {
    let ends = if raw { &[SHEET, RAW][..] } else { &[SHEET] };
    let mut taken = HashSet::new();
    let mut free = |name: &str| {
        // Some file systems take upper and lower case for the same.
        let files = || ends.iter().map(|end| format!("{name}{end}"));
        let is_free = files()
            .all(|file| !taken.contains(&file.to_lowercase()) && may_write(&folder.join(&file)));
        if is_free {
            taken.extend(files().map(|file| file.to_lowercase()));
        }
        is_free
    };
    let mut name = |picture: &PathBuf| {
        let own = picture.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if free(&own) {
            return own;
        }
        let numbered = (2u64..).map(|number| format!("{own}-{number}"));
        numbered.into_iter().find(|name| free(name)).expect("some number is free")
    };
    pictures.iter().map(&mut name).collect()
}

/// Whether nothing is there, or a file of an earlier run.
fn may_write(file: &Path) -> bool {
    if file.symlink_metadata().is_err() {
        return true;
    }
    let marked = |bytes: Vec<u8>| memmem::find(&bytes, MARK.as_bytes()).is_some();
    input::read(file, limits::PICTURE).is_ok_and(marked)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn of(pictures: &[&str], folder: &Path, raw: bool) -> Vec<String> {
        names(&pictures.iter().map(PathBuf::from).collect::<Vec<_>>(), folder, raw)
    }

    #[test]
    fn names_that_collide_get_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let found =
            of(&["a.png", "b/a.jpg", "A.png", "a-2.png", "c.tar.png"], folder.path(), false);
        assert_eq!(found, ["a", "a-2", "A-3", "a-2-2", "c.tar"]);
        let found = of(&["a.png", "a-raw.png"], folder.path(), true);
        assert_eq!(found, ["a", "a-raw-2"]);
    }

    #[test]
    fn files_of_others_keep_their_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.png"), "a picture of somebody").unwrap();
        fs::write(folder.path().join("b.png"), format!("PNG {MARK}")).unwrap();
        fs::create_dir(folder.path().join("c.png")).unwrap();
        assert_eq!(of(&["a.png", "b.png", "c.png"], folder.path(), false), ["a-2", "b", "c-2"]);
    }
}
