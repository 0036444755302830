//! Files by relative path, in a folder or in a zip.

use std::{
    cmp::Ordering,
    io::Cursor,
    path::{Path, PathBuf},
    sync::Arc,
};

use alphanumeric_sort::compare_str;
use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use walkdir::WalkDir;
use zip::ZipArchive;

use super::budget::Budget;
use crate::input;
use crate::limits::{self, FileLimit};
use crate::printable::{printable, printable_path};

type Archive = ZipArchive<Cursor<Shared>>;

/// How the entry of a member begins in the directory of a zip.
const MEMBER: &[u8] = b"PK\x01\x02";

/// A folder or a zip of files, hidden ones left out.
pub struct Source {
    root: PathBuf,
    /// Relative paths with `/` between the names, in natural order (`item2` before `item10`).
    paths: Vec<String>,
    archive: Option<Archive>,
    /// What its pictures may still take.
    pub budget: Budget,
}

/// The bytes of a zip, shared by the threads that read its members.
#[derive(Clone)]
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
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
        let (mut paths, archive) = if root.is_dir() {
            (walk(root)?, None)
        } else {
            let archive = unzip(root).with_context(|| shown.clone())?;
            let files = archive.file_names().filter(|name| !name.ends_with('/'));
            (files.map(str::to_owned).collect::<Vec<_>>(), Some(archive))
        };
        paths.retain(|path| !path.split('/').any(is_hidden));
        paths.sort_by(|a, b| natural_order(a, b));
        Ok(Self { root: root.to_owned(), paths, archive, budget: Budget::new(shown) })
    }

    /// The file's or folder's own name.
    pub fn name(&self) -> String {
        let absolute = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        absolute.file_name().unwrap_or(absolute.as_os_str()).to_string_lossy().into_owned()
    }

    /// The relative paths of all files, in natural order.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The relative paths of the PNG files, in natural order.
    pub fn pngs(&self) -> Vec<&str> {
        let is_png = |path: &&str| {
            Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("png"))
        };
        self.paths.iter().map(String::as_str).filter(is_png).collect()
    }

    /// A file as the user would find it, for messages.
    pub fn show(&self, path: &str) -> String {
        match self.archive {
            Some(_) => format!("{}: {}", printable_path(&self.root), printable(path)),
            None => printable_path(&self.root.join(path)),
        }
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// Names the file when it is none of [`paths`](Self::paths), cannot be read, is larger than the
    /// limit, or fails the zip's checksum.
    pub fn read(&self, path: &str, limit: FileLimit) -> Result<Vec<u8>> {
        self.read_bytes(path, limit).with_context(|| self.show(path))
    }

    fn read_bytes(&self, path: &str, limit: FileLimit) -> Result<Vec<u8>> {
        // What is not listed may lie anywhere: `..` leads out of a folder, and so does `/`.
        let listed = self.paths.binary_search_by(|listed| natural_order(listed, path));
        ensure!(listed.is_ok(), "no such file in {}", printable_path(&self.root));
        let Some(archive) = &self.archive else {
            return input::read(&self.root.join(path), limit);
        };
        // Cheap: a clone shares the bytes and the directory, and has a position of its own.
        let mut archive = archive.clone();
        let member = archive.by_name(path)?;
        let mut bytes = Vec::new();
        input::read_at_most(member, limit, &mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a zip and its directory.
fn unzip(file: &Path) -> Result<Archive> {
    let bytes = input::read(file, limits::ZIP)?;
    // Counted before the directory is read, which takes memory for each member.
    let members = memmem::find_iter(&bytes, MEMBER).count();
    ensure!(members <= limits::FILES, "more than {} files: take a part of them", limits::FILES);
    ZipArchive::new(Cursor::new(Shared(bytes.into()))).context("not a zip, or a damaged one")
}

fn walk(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in WalkDir::new(root).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let shown = || printable_path(entry.path());
        let relative = entry.path().strip_prefix(root)?;
        let Some(names) = relative.iter().map(|name| name.to_str()).collect::<Option<Vec<_>>>()
        else {
            bail!("{}: the name is not valid UTF-8: rename it", shown());
        };
        ensure!(
            paths.len() < limits::FILES,
            "{}: more than {} files, {} being one more: take a part of them",
            printable_path(root),
            limits::FILES,
            shown()
        );
        paths.push(names.join("/"));
    }
    Ok(paths)
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}

/// Numbers in names by value; folder by folder, so that a folder's files stay together.
fn natural_order(a: &str, b: &str) -> Ordering {
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
