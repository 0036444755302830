//! The inputs that are committed: few and short, so that every clone has them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result};

/// Most inputs of a target, and most bytes of them all.
const MOST_FILES: usize = 60;
const MOST_BYTES: u64 = 50_000;

/// Adds the shortest of the inputs in `merged` that `corpus` lacks, as long as there is room; how
/// many.
///
/// # Errors
/// Names the folder that can't be read or written.
pub fn add_shortest(corpus: &Path, merged: &Path) -> Result<usize> {
    add(corpus, merged)
        .with_context(|| format!("from {} to {}", merged.display(), corpus.display()))
}

fn add(corpus: &Path, merged: &Path) -> io::Result<usize> {
    fs::create_dir_all(corpus)?;
    let old = files(corpus)?;
    let names: BTreeSet<_> = old.iter().map(|(_, name)| name).collect();
    let (mut count, mut bytes) = (old.len(), old.iter().map(|(bytes, _)| bytes).sum::<u64>());
    let mut added = 0;
    for (length, name) in files(merged)?.iter().filter(|(_, name)| !names.contains(name)) {
        if count == MOST_FILES || bytes + length > MOST_BYTES {
            break;
        }
        fs::copy(merged.join(name), corpus.join(name))?;
        (count, bytes, added) = (count + 1, bytes + length, added + 1);
    }
    Ok(added)
}

/// The lengths and names of a folder's files, the shortest first.
fn files(folder: &Path) -> io::Result<BTreeSet<(u64, OsString)>> {
    fs::read_dir(folder)?
        .map(|entry| entry.and_then(|entry| Ok((entry.metadata()?.len(), entry.file_name()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_are_added_and_nothing_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let (corpus, merged) = (folder.path().join("corpus"), folder.path().join("merged"));
        for at in [&corpus, &merged] {
            fs::create_dir(at).unwrap();
            fs::write(at.join("old"), [0; 20_000]).unwrap();
        }
        for length in [29_000, 900, 101, 30_000] {
            fs::write(merged.join(length.to_string()), vec![0; length]).unwrap();
        }
        assert_eq!(add_shortest(&corpus, &merged).unwrap(), 2);
        let names: Vec<_> = files(&corpus).unwrap().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["101", "900", "old"]);
        assert_eq!(add_shortest(&corpus, &merged).unwrap(), 0);
    }
}
