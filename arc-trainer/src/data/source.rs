//! Files by relative path, in a folder or in a zip.

use std::{
    cmp::Ordering,
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use alphanumeric_sort::compare_str;
use anyhow::{Context, Result, bail, ensure};
use walkdir::WalkDir;
use zip::ZipArchive;

type Archive = ZipArchive<Cursor<Arc<[u8]>>>;

/// A folder or a zip of files, hidden ones left out.
pub struct Source {
    root: PathBuf,
    /// Relative paths with `/` between the names, in natural order (`item2` before `item10`).
    paths: Vec<String>,
    archive: Option<Archive>,
}

impl Source {
    /// Lists the files of a folder or of a zip.
    ///
    /// # Errors
    /// When the path is missing, unreadable, or neither a folder nor an intact zip.
    pub fn open(root: &Path) -> Result<Self> {
        let shown = root.display();
        ensure!(root.exists(), "{shown}: no such file or folder");
        let (mut paths, archive) = if root.is_dir() {
            (walk(root)?, None)
        } else {
            let bytes: Arc<[u8]> = fs::read(root).with_context(|| shown.to_string())?.into();
            let archive = ZipArchive::new(Cursor::new(bytes))
                .with_context(|| format!("{shown}: not a zip, or a damaged one"))?;
            let files = archive.file_names().filter(|name| !name.ends_with('/'));
            (files.map(str::to_owned).collect::<Vec<_>>(), Some(archive))
        };
        paths.retain(|path| !path.split('/').any(is_hidden));
        paths.sort_by(|a, b| natural_order(a, b));
        Ok(Self { root: root.to_owned(), paths, archive })
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
            Some(_) => format!("{}: {path}", self.root.display()),
            None => self.root.join(path).display().to_string(),
        }
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// Names the file when it cannot be read or fails the zip's checksum.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.read_bytes(path).with_context(|| self.show(path))
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>> {
        let Some(archive) = &self.archive else {
            return Ok(fs::read(self.root.join(path))?);
        };
        // Cheap: a clone shares the bytes and the directory, and has a position of its own.
        let mut archive = archive.clone();
        let mut file = archive.by_name(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).context("damaged zip")?;
        Ok(bytes)
    }
}

fn walk(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in WalkDir::new(root).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(root)?;
        let Some(names) = relative.iter().map(|name| name.to_str()).collect::<Option<Vec<_>>>()
        else {
            bail!("{}: the name is not valid UTF-8: rename it", entry.path().display());
        };
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
