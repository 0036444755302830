//! Files by relative path, in a folder or in a zip.

mod folder;
mod zip;

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use alphanumeric_sort::compare_str;
use anyhow::{Context, Error, Result, anyhow, ensure};

use self::zip::Zip;
use super::budget::Budget;
use super::is_picture;
use crate::input;
use crate::limits::FileLimit;
use crate::printable::{printable, printable_path};

/// A folder or a zip of files, hidden ones left out.
pub struct Source {
    root: PathBuf,
    /// In natural order of their paths (`item2` before `item10`).
    files: Vec<File>,
    /// Relative paths of the folders within, as far as they are known.
    folders: Vec<String>,
    zip: Option<Zip>,
    /// What its pictures may still take.
    pub budget: Budget,
    /// What is there and can't be read, each named: links that lead nowhere, folders that are shut.
    pub faults: Vec<Error>,
}

/// A file of a source.
struct File {
    /// Relative path with `/` between the names.
    path: String,
    place: Place,
}

/// Where the bytes of a file are.
enum Place {
    /// At its path from the root.
    Path,
    /// At another one: its name is no UTF-8, and the path shows it as far as it is.
    Other(PathBuf),
    /// A member of the zip, by its number.
    Member(usize),
}

/// What a folder or zip holds.
#[derive(Default)]
struct Listing {
    files: Vec<File>,
    folders: Vec<String>,
    faults: Vec<Error>,
}

impl Source {
    /// Lists the files of a folder or of a zip.
    ///
    /// # Errors
    /// When the path is missing, unreadable, neither a folder nor an intact zip, or has too many
    /// files.
    pub fn open(root: &Path) -> Result<Self> {
        let shown = printable_path(root);
        ensure!(root.exists(), "{shown}: no such file or folder");
        let (listing, zip) = if root.is_dir() {
            (folder::list(root)?, None)
        } else {
            let zip = Zip::open(root).with_context(|| shown.clone())?;
            (zip.list(), Some(zip))
        };
        let Listing { mut files, folders, mut faults } = listing;
        files.sort_by(|a, b| natural_order(&a.path, &b.path));
        files.dedup_by(|next, file| {
            let same = next.path == file.path;
            if same {
                let path = printable(&next.path);
                faults.push(anyhow!(
                    "{shown}: {path}: one of two files that are shown by this name: rename it"
                ));
            }
            same
        });
        Ok(Self { root: root.to_owned(), files, folders, zip, budget: Budget::new(shown), faults })
    }

    /// The file's or folder's own name.
    pub fn name(&self) -> String {
        let absolute = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        absolute.file_name().unwrap_or(absolute.as_os_str()).to_string_lossy().into_owned()
    }

    /// The relative paths of all files, in natural order.
    pub fn paths(&self) -> impl ExactSizeIterator<Item = &str> {
        self.files.iter().map(|file| file.path.as_str())
    }

    /// The relative paths of the pictures, in natural order.
    pub fn pictures(&self) -> Vec<&str> {
        self.paths().filter(|path| is_picture(Path::new(path))).collect()
    }

    /// The relative paths of the folders within, in natural order.
    pub fn folders(&self) -> &[String] {
        &self.folders
    }

    /// Whether the files lie in a zip.
    pub fn is_zip(&self) -> bool {
        self.zip.is_some()
    }

    /// The folder or zip, for messages.
    pub fn shown(&self) -> String {
        printable_path(&self.root)
    }

    /// A file as the user would find it, for messages.
    pub fn show(&self, path: &str) -> String {
        match self.zip {
            Some(_) => format!("{}: {}", self.shown(), printable(path)),
            None => printable_path(&self.root.join(path)),
        }
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// Names the file when it is none of [`paths`](Self::paths), cannot be read, is larger than the
    /// limit, or fails the zip's checksum.
    pub fn read(&self, path: &str, limit: FileLimit) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_into(path, limit, &mut bytes)?;
        Ok(bytes)
    }

    /// The same, and after an error what was read until then.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_into(&self, path: &str, limit: FileLimit, bytes: &mut Vec<u8>) -> Result<()> {
        self.read_bytes(path, limit, bytes).with_context(|| self.show(path))
    }

    fn read_bytes(&self, path: &str, limit: FileLimit, bytes: &mut Vec<u8>) -> Result<()> {
        // What is not listed may lie anywhere: `..` leads out of a folder, and so does `/`.
        let listed = self.files.binary_search_by(|file| natural_order(&file.path, path));
        let listed = listed.ok().map(|k| &self.files[k].place);
        let place = listed.with_context(|| format!("no such file in {}", self.shown()))?;
        match (place, &self.zip) {
            (Place::Member(number), Some(zip)) => zip.read(*number, limit, bytes)?,
            (Place::Other(path), _) => *bytes = input::read(path, limit)?,
            _ => *bytes = input::read(&self.root.join(path), limit)?,
        }
        Ok(())
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}

/// Numbers in names by value; folder by folder, so that a folder's files stay together.
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('/'), b.split('/'));
    loop {
        match (a.next(), b.next()) {
            (Some(a), Some(b)) => match compare_str(a, b).then_with(|| a.cmp(b)) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
            (a, b) => return a.is_some().cmp(&b.is_some()),
        }
    }
}
