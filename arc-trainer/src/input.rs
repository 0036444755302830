//! Files from outside, read whole: regular ones alone, and none larger than its kind may be.

use std::fs::{self, File, FileType};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::limits::FileLimit;

/// Reads a regular file, or the one that a link leads to.
///
/// # Errors
/// If there is none, it is a folder, a pipe or a device, or larger than the limit. The caller names
/// the file.
pub fn read(path: &Path, limit: FileLimit) -> Result<Vec<u8>> {
    let file = open(path)?;
    let stated = file.metadata()?.len();
    check(stated, limit)?;
    // As much as is stated, so that the memory does not double as it is read.
    let mut bytes = Vec::with_capacity(stated as usize + 1);
    read_at_most(file, limit, &mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file of text, as [`read`] does.
///
/// # Errors
/// As for [`read`], and if it is not UTF-8.
pub fn read_text(path: &Path, limit: FileLimit) -> Result<String> {
    String::from_utf8(read(path, limit)?).context("it is not text in UTF-8")
}

/// Appends all that `from` gives to `bytes`.
///
/// # Errors
/// If it gives more than the limit, whatever size was stated for it beforehand, or breaks off.
pub fn read_at_most(from: impl Read, limit: FileLimit, bytes: &mut Vec<u8>) -> Result<()> {
    // One byte more tells a file at the limit from one beyond it.
    let read = from.take(limit.bytes + 1).read_to_end(bytes).context("damaged")?;
    check(read as u64, limit)
}

fn check(bytes: u64, limit: FileLimit) -> Result<()> {
    ensure!(bytes <= limit.bytes, "larger than {}: {}", size(limit.bytes), limit.remedy);
    Ok(())
}

/// Opens a regular file. To open a pipe would wait for its writer, and a device can be read
/// without an end.
fn open(path: &Path) -> Result<File> {
    let found = fs::metadata(path)?.file_type();
    if !found.is_file() {
        bail!("{}, where a regular file is wanted", name(found));
    }
    Ok(File::open(path)?)
}

fn name(found: FileType) -> &'static str {
    if found.is_dir() { "a folder" } else { "a pipe, a device or a socket" }
}

/// A limit in words.
fn size(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: FileLimit = FileLimit { bytes: 10, remedy: "make it smaller" };

    #[test]
    fn a_file_at_the_limit_is_read_and_one_beyond_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, [7; 10]).unwrap();
        assert_eq!(read(&file, TEN).unwrap(), [7; 10]);
        fs::write(&file, [7; 11]).unwrap();
        assert!(read(&file, TEN).unwrap_err().to_string().ends_with("make it smaller"));
    }

    #[test]
    fn a_stated_size_is_not_believed() {
        let mut bytes = Vec::new();
        assert!(read_at_most(std::io::repeat(0), TEN, &mut bytes).is_err());
        assert_eq!(bytes.len(), 11, "what was read until it was refused");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(folder.path(), TEN).unwrap_err().to_string();
        assert_eq!(error, "a folder, where a regular file is wanted");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_files_and_to_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, zero] = ["file", "link", "zero"].map(|name| folder.path().join(name));
        fs::write(&file, b"text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read_text(&link, TEN).unwrap(), "text");
        std::os::unix::fs::symlink("/dev/zero", &zero).unwrap();
        let error = read(&zero, TEN).unwrap_err().to_string();
        assert!(error.starts_with("a pipe, a device or a socket"), "{error}");
    }
}
