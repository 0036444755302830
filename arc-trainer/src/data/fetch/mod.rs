//! Fetches Omniglot from its authors' repository.

mod download;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use md5::{Digest, Md5};

use self::download::download;
use super::load_runs;
use crate::progress::note;
use crate::{input, limits};

/// Where Omniglot's authors keep it.
pub const OMNIGLOT: &str = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python";

/// Side of Omniglot's drawings, in pixels.
const SIDE: usize = 105;

/// A file of a dataset.
struct Archive {
    /// Relative to the base address; its last part is the name it is kept under.
    path: &'static str,
    check: Check,
    /// Most bytes that are taken from the server; about three times as many as there are.
    most_bytes: u64,
}

/// How an archive is known to be whole.
enum Check {
    /// The published checksum, in hexadecimal.
    Md5(&'static str),
    /// No checksum is published. This number of one-shot runs must be readable.
    Runs(usize),
}

const ARCHIVES: [Archive; 3] = [
    Archive {
        path: "images_background.zip",
        check: Check::Md5("68d2efa1b9178cc56df9314c21c6e718"),
        most_bytes: 32 << 20,
    },
    Archive {
        path: "images_evaluation.zip",
        check: Check::Md5("6b91aef0f799c5bb55b94e3f2daec811"),
        most_bytes: 20 << 20,
    },
    Archive {
        path: "one-shot-classification/all_runs.zip",
        check: Check::Runs(20),
        most_bytes: 1 << 20,
    },
];

/// Fetches both image sets and the one-shot runs into `folder`, from `base` ([`OMNIGLOT`] or a
/// mirror). Files that are there and whole are kept, broken-off downloads go on.
///
/// # Errors
/// Names the address or file at fault.
pub fn fetch_omniglot(base: &str, folder: &Path) -> Result<()> {
    fetch(base, folder, &ARCHIVES)
}

fn fetch(base: &str, folder: &Path, archives: &[Archive]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    archives.iter().try_for_each(|archive| archive.fetch(base, folder))
}

impl Archive {
    fn fetch(&self, base: &str, folder: &Path) -> Result<()> {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        let url = format!("{}/{}", base.trim_end_matches('/'), self.path);
        let (file, part) = (folder.join(name), folder.join(format!("{name}.part")));
        if file.exists() {
            match self.check.pass(&file) {
                Ok(()) => {
                    note(format_args!("{}: is there already", file.display()));
                    return Ok(());
                }
                Err(error) => note(format_args!("{error:#}; fetching it anew")),
            }
        }
        // What an earlier attempt left may belong to another version: then start over, once.
        let mut start_over = part.exists();
        loop {
            download(&url, &part, self.most_bytes)?;
            let Err(error) = self.check.pass(&part) else { break };
            fs::remove_file(&part).with_context(|| part.display().to_string())?;
            if !start_over {
                return Err(error.context(format!("{url}: not the file that was expected")));
            }
            start_over = false;
        }
        fs::rename(&part, &file).with_context(|| file.display().to_string())?;
        note(format_args!("{}: fetched and checked", file.display()));
        Ok(())
    }
}

impl Check {
    fn pass(&self, file: &Path) -> Result<()> {
        let shown = file.display();
        match self {
            Self::Md5(expected) => {
                let bytes = input::read(file, limits::ZIP).with_context(|| shown.to_string())?;
                let found = format!("{:x}", Md5::digest(bytes));
                ensure!(found == *expected, "{shown}: md5 {found}, expected {expected}");
            }
            Self::Runs(expected) => {
                let found = load_runs(file, SIDE)?.len();
                ensure!(found == *expected, "{shown}: {found} runs, expected {expected}");
            }
        }
        Ok(())
    }
}
