//! Files that are replaced as a whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Error, Result};

/// Replaces `file` by `bytes`: written beside it first, then renamed, so that a full disk or a
/// kill at any moment leaves the old file or the new one.
///
/// # Errors
/// Names the file and what to do; the file of that name from before is then still whole.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let beside = file.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut out = File::create(&beside)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(&beside, file)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&beside);
        Error::new(error).context(format!(
            "can't write {} ({} bytes): make room or choose another --out; what was there before is unharmed",
            file.display(),
            bytes.len()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.arc");
        write_whole(&file, b"old").unwrap();
        // A folder in the place of the file beside it stops the write before the rename.
        fs::create_dir(folder.path().join("model.arc.partial")).unwrap();
        let error = write_whole(&file, b"new").unwrap_err();
        assert!(format!("{error:#}").contains("model.arc (3 bytes)"), "{error:#}");
        assert_eq!(fs::read(&file).unwrap(), b"old");
        fs::remove_dir(folder.path().join("model.arc.partial")).unwrap();
        write_whole(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
