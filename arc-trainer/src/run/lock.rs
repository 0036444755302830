//! The lock on a run's folder: one training at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

/// Held by the one process that writes to a run's folder.
///
/// The lock is the system's, on the file `.lock` in the folder: it ends with its process, however
/// that ends, so that the lock of a dead process stops nobody. Readers need none.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
}

/// Who holds a lock: told to whoever comes second.
#[derive(Serialize, Deserialize)]
struct Holder {
    process: u32,
    host: String,
    since: String,
}

impl RunLock {
    /// Takes the lock of an existing folder.
    ///
    /// # Errors
    /// Says which process holds it and since when; or why the folder can't be locked.
    pub fn take(folder: &Path) -> Result<Self> {
        let path = folder.join(".lock");
        let can_not = || format!("can't lock the folder {}: choose another one", folder.display());
        loop {
            ensure!(!path.is_symlink(), "{} is a link: remove it", path.display());
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.with_context(can_not)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "{} is in use by {}: wait for it, stop it, or choose another folder",
                    folder.display(),
                    holder(&file)
                ),
                Err(TryLockError::Error(error)) => return Err(error).with_context(can_not),
            }
            let lock = Self { path: path.clone(), file };
            // Whoever held the lock may have removed the file after it was opened here. Then this
            // lock is on a file that nobody else can find.
            if lock.is_in_place().with_context(can_not)? {
                lock.sign().with_context(can_not)?;
                return Ok(lock);
            }
        }
    }

    /// Whether the locked file is the one that others find.
    fn is_in_place(&self) -> io::Result<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let own = self.file.metadata()?;
            match fs::symlink_metadata(&self.path) {
                Ok(found) => Ok((found.dev(), found.ino()) == (own.dev(), own.ino())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }
        // Elsewhere a file that is open can't be replaced.
        #[cfg(not(unix))]
        Ok(true)
    }

    fn sign(&self) -> io::Result<()> {
        let now = Timestamp::now();
        let holder = Holder {
            process: std::process::id(),
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            since: now.round(Unit::Second).unwrap_or(now).to_string(),
        };
        self.file.set_len(0)?;
        (&self.file).write_all(&serde_json::to_vec(&holder)?)
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Still locked: nobody else can hold the file that is removed.
        if self.is_in_place().unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Who has signed a file that is locked by another process.
fn holder(file: &File) -> String {
    match serde_json::from_reader::<_, Holder>(file) {
        Ok(Holder { process, host, since }) => {
            format!("the training with process id {process} on {host}, since {since}")
        }
        // It has the lock, and is about to sign.
        Err(_) => "another training".to_owned(),
    }
}
