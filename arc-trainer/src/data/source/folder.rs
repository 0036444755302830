//! What lies in a folder, whatever links lead to and whatever names are made of.

use std::io;
use std::path::{Component, Path};

use anyhow::{Error, Result, anyhow, bail, ensure};
use walkdir::WalkDir;

use super::{File, Listing, Place, is_hidden, natural_order};
use crate::limits;
use crate::printable::printable_path;

/// Lists a folder and all folders within, links followed; what can't be followed or entered is a
/// fault of its own.
///
/// # Errors
/// When the folder itself can't be read, or has too many files.
pub fn list(root: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    let entries = WalkDir::new(root).follow_links(true).into_iter();
    let mut count = 0;
    // A hidden folder is not entered: nothing in it counts.
    let seen = |name: &Path| name.components().all(|part| !is_hidden(&lossy(part)));
    let entries =
        entries.filter_entry(|entry| entry.depth() == 0 || seen(Path::new(entry.file_name())));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root);
                if error.depth() == 0 {
                    bail!(fault(path, &error));
                }
                if path.strip_prefix(root).is_ok_and(seen) {
                    listing.faults.push(fault(path, &error));
                }
                continue;
            }
        };
        count += 1;
        ensure!(
            count <= limits::FILES,
            "{}: more than {} files, {} being one more: take a part of them",
            printable_path(root),
            limits::FILES,
            printable_path(entry.path())
        );
        let relative = entry.path().strip_prefix(root)?;
        let names: Vec<_> = relative.components().map(lossy).collect();
        let path = names.join("/");
        if !entry.file_type().is_dir() {
            let place = match relative.to_str() {
                Some(_) => Place::Path,
                None => Place::Other(entry.into_path()),
            };
            listing.files.push(File { path, place });
        } else if entry.depth() > 0 {
            listing.folders.push(path);
        }
    }
    listing.folders.sort_by(|a, b| natural_order(a, b));
    Ok(listing)
}

/// A name, as far as it is UTF-8.
fn lossy(name: Component<'_>) -> String {
    name.as_os_str().to_string_lossy().into_owned()
}

/// Why a place of a folder can't be read, said once.
fn fault(path: &Path, error: &walkdir::Error) -> Error {
    let shown = printable_path(path);
    match error.io_error() {
        None => anyhow!("{shown}: a link to a folder that it lies in: remove it"),
        Some(_) if path.is_symlink() => anyhow!("{shown}: a link that leads nowhere: remove it"),
        Some(error) => match error.kind() {
            io::ErrorKind::PermissionDenied => anyhow!("{shown}: permission denied"),
            _ => anyhow!("{shown}: {error}"),
        },
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::super::Source;
    use super::*;
    use crate::data::fixture::folder;

    fn texts(faults: &[Error]) -> Vec<String> {
        faults.iter().map(|fault| format!("{fault:#}")).collect()
    }

    #[test]
    fn links_that_lead_nowhere_or_in_circles_are_passed_over() {
        let root = folder(&[("cat/1.png", Vec::new())]);
        let cat = root.path().join("cat");
        symlink("gone", cat.join("2.png")).unwrap();
        symlink("gone", cat.join(".#lock")).unwrap();
        symlink(root.path(), cat.join("up")).unwrap();
        symlink("self", cat.join("self")).unwrap();
        let source = Source::open(root.path()).unwrap();
        assert_eq!(source.paths().collect::<Vec<_>>(), ["cat/1.png"]);
        let mut faults = texts(&source.faults);
        faults.sort();
        let expected = [
            "2.png: a link that leads nowhere",
            "self: a link that",
            "up: a link to a folder that it lies in",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(fault.contains(expected), "{fault}");
            assert_eq!(fault.matches("link").count(), 1, "{fault}");
        }
    }

    #[test]
    fn what_is_hidden_is_not_entered() {
        let root = folder(&[("cat/1.png", Vec::new()), (".git/x/1.png", Vec::new())]);
        let source = Source::open(root.path()).unwrap();
        assert_eq!(source.paths().collect::<Vec<_>>(), ["cat/1.png"]);
        assert_eq!(source.folders(), ["cat"]);
        // But the folder that is asked for may have any name.
        let hidden = Source::open(&root.path().join(".git")).unwrap();
        assert_eq!(hidden.paths().collect::<Vec<_>>(), ["x/1.png"]);
    }

    #[test]
    fn names_that_are_no_utf_8_are_shown_as_far_as_they_are() {
        let root = folder(&[("cat/1.png", b"one".to_vec())]);
        let class = root.path().join(OsStr::from_bytes(b"caf\xE9"));
        fs::create_dir(&class).unwrap();
        fs::write(class.join(OsStr::from_bytes(b"\xE9.png")), b"two").unwrap();
        let source = Source::open(root.path()).unwrap();
        let paths: Vec<_> = source.paths().collect();
        assert_eq!(paths, ["caf\u{FFFD}/\u{FFFD}.png", "cat/1.png"]);
        assert_eq!(source.read(paths[0], limits::PICTURE).unwrap(), b"two");
        // Two names that look the same can't be told apart.
        fs::write(class.join(OsStr::from_bytes(b"\xEA.png")), b"three").unwrap();
        let source = Source::open(root.path()).unwrap();
        assert_eq!(source.paths().count(), 2);
        assert!(texts(&source.faults)[0].contains("one of two files"), "{:?}", source.faults);
    }
}
