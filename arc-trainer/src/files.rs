//! Files that are replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::{Builder, NamedTempFile};

/// The end of the name of a file that is still being written.
const PARTIAL: &str = ".partial";

/// Replaces `file` by `bytes`. Readers, other writers, a full disk, a kill and a loss of power meet
/// the old file or the new one, never a part: the bytes go to a file beside it whose name is new
/// each time, and that file is renamed.
///
/// # Errors
/// Names the file and what to do; the file of that name from before is then still whole.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<()> {
    replace(file, bytes, Durable::Yes)
}

/// Replaces `file` by `bytes` as [`write_whole`] does, but leaves it to the system when they reach
/// the disk. It is for many small files that can be made again: the disk takes longer to confirm
/// each of them than it takes to make it.
///
/// # Errors
/// As for [`write_whole`].
pub fn write_whole_unconfirmed(file: &Path, bytes: &[u8]) -> Result<()> {
    replace(file, bytes, Durable::No)
}

/// Whether [`write_whole`] could write `file` now; for a long piece of work to ask before it begins.
///
/// # Errors
/// Names the file and what to do.
pub fn check_writable(file: &Path) -> Result<()> {
    check_place(file)?;
    beside(file).map(drop).with_context(|| {
        format!(
            "can't write {}: choose another --out, in a folder you may write to",
            file.display()
        )
    })
}

/// Removes what killed writers of `file` have left beside it. The caller makes sure that nobody is
/// writing the file.
///
/// # Errors
/// Names the file or folder that stands in the way.
pub fn remove_partial(file: &Path) -> Result<()> {
    let folder = folder(file);
    let can_not = || format!("can't clear away unfinished files in {}", folder.display());
    let prefix = prefix(file).to_string_lossy().into_owned();
    for entry in fs::read_dir(folder).with_context(can_not)? {
        let entry = entry.with_context(can_not)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && name.ends_with(PARTIAL) {
            fs::remove_file(entry.path()).with_context(can_not)?;
        }
    }
    Ok(())
}

/// Whether bytes must have reached the disk before a write is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durable {
    Yes,
    No,
}

fn replace(file: &Path, bytes: &[u8], durable: Durable) -> Result<()> {
    check_place(file)?;
    let write = || -> io::Result<()> {
        let mut new = beside(file)?;
        new.write_all(bytes)?;
        if durable == Durable::Yes {
            new.as_file().sync_all()?;
        }
        // What fails from here on, and above, removes the new file.
        Ok(new.persist(file).map(drop)?)
    };
    write().with_context(|| {
        format!(
            "can't write {} ({} bytes): make room or choose another --out; what was there before is unharmed",
            file.display(),
            bytes.len()
        )
    })?;
    if durable == Durable::Yes {
        confirm_name(file).with_context(|| {
            format!(
                "{} is written, but a loss of power may still bring back what was there before",
                file.display()
            )
        })?;
    }
    Ok(())
}

/// A file may only take the place of a file: as root, a rename would replace `/dev/null`.
fn check_place(file: &Path) -> Result<()> {
    let shown = file.display();
    ensure!(file.file_name().is_some(), "{shown} names no file: choose another --out");
    ensure!(
        fs::metadata(file).map_or(true, |there| there.is_file()),
        "{shown} is there and is no regular file: choose another --out"
    );
    Ok(())
}

/// A new, empty file beside `file`, which removes itself unless it is persisted.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(file);
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(PARTIAL);
    // Rights as of any new file: the umask takes its share. Without this the owner alone could read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(file))
}

/// The beginning of the names of the files in which `file` is written.
fn prefix(file: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".");
    name
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Waits until the disk has the file's new name: the name belongs to the folder, not to the file.
fn confirm_name(file: &Path) -> io::Result<()> {
    // Other systems don't open folders.
    if cfg!(unix) { File::open(folder(file))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.arc");
        for bytes in [&b"old"[..], b"new"] {
            write_whole(&file, bytes).unwrap();
            assert_eq!(fs::read(&file).unwrap(), bytes);
        }
        write_whole_unconfirmed(&file, b"newer").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"newer");
        assert_eq!(names(folder.path()), ["model.arc"]);
    }

    #[test]
    fn what_can_not_be_replaced_is_named_before_and_while_writing() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::create_dir(place("folder")).unwrap();
        fs::write(place("file"), b"old").unwrap();
        for (path, said) in [
            (place("folder"), "no regular file"),
            (place("nowhere/model.arc"), "nowhere/model.arc"),
            (place("file/model.arc"), "file/model.arc"),
            (place(".."), "names no file"),
            ("/dev/null".into(), "/dev/null is there and is no regular file"),
        ] {
            for result in [check_writable(&path), write_whole(&path, b"new")] {
                let error = format!("{:#}", result.unwrap_err());
                assert!(error.contains(said) && error.contains("another --out"), "{error}");
            }
        }
        check_writable(&place("file")).unwrap();
        assert_eq!(fs::read(place("file")).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["file", "folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_replaced_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("victim"), b"precious").unwrap();
        // The second is a name that the bytes once went to on their way.
        for link in ["model.arc", "model.arc.partial"] {
            std::os::unix::fs::symlink(place("victim"), place(link)).unwrap();
        }
        write_whole(&place("model.arc"), b"new").unwrap();
        assert_eq!(fs::read(place("victim")).unwrap(), b"precious");
        assert_eq!(fs::read(place("model.arc")).unwrap(), b"new");
        assert!(!place("model.arc").is_symlink() && place("model.arc.partial").is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn rights_are_those_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let rights = |name: &str| {
            fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
        };
        fs::write(folder.path().join("plain"), b"").unwrap();
        write_whole(&folder.path().join("whole"), b"").unwrap();
        assert_eq!(rights("whole"), rights("plain"));
    }

    #[test]
    fn unfinished_files_of_one_name_are_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("best.bin");
        let mut unfinished = beside(&file).unwrap();
        unfinished.disable_cleanup(true);
        drop(unfinished);
        let others = ["best.bin", "best.bin.partial", ".best.binary.1.partial", ".best.bin.1"];
        for other in others {
            fs::write(folder.path().join(other), b"").unwrap();
        }
        assert_eq!(names(folder.path()).len(), 5);
        remove_partial(&file).unwrap();
        let mut others = others;
        others.sort_unstable();
        assert_eq!(names(folder.path()), others);
    }
}
