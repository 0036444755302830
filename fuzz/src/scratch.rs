//! Files for what is read by path.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// Writes a file into the process's own temporary folder; where it is.
///
/// # Panics
/// If it can't be written.
pub fn file(name: &str, content: &[u8]) -> PathBuf {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("room in the temporary folder");
        path
    })
}

/// The folder that a file lies in.
///
/// # Panics
/// If it has none.
pub fn folder(file: &Path) -> &Path {
    file.parent().expect("a file lies in a folder")
}
