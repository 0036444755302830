//! What lies in a zip.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use memchr::memmem;
use zip::ZipArchive;

use super::{File, Listing, Place, is_hidden, natural_order};
use crate::input;
use crate::limits::{self, FileLimit};

/// How the entry of a member begins in the directory of a zip.
const MEMBER: &[u8] = b"PK\x01\x02";

/// A zip in memory.
pub struct Zip(ZipArchive<Cursor<Shared>>);

/// The bytes of a zip, shared by the threads that read its members.
#[derive(Clone)]
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Zip {
    /// Reads a zip and its directory.
    pub fn open(file: &Path) -> Result<Self> {
        let bytes = input::read(file, limits::ZIP)?;
        // Counted before the directory is read, which takes memory for each member.
        let members = memmem::find_iter(&bytes, MEMBER).count();
        ensure!(members <= limits::FILES, "more than {} files: take a part of them", limits::FILES);
        let archive = ZipArchive::new(Cursor::new(Shared(bytes.into())));
        Ok(Self(archive.context("not a zip, or a damaged one")?))
    }

    /// The members, and the folders that it names or that they lie in. Some programs of Windows put `\`
    /// between the names of a path.
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        let mut folders = BTreeSet::new();
        for number in 0..self.0.len() {
            let name = self.0.name_for_index(number).expect("a member");
            let path = name.replace('\\', "/");
            if path.split('/').any(is_hidden) {
                continue;
            }
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !folder.is_empty() && !folders.contains(folder) {
                folders.insert(folder.to_owned());
            }
            if !path.ends_with('/') {
                listing.files.push(File { path, place: Place::Member(number) });
            }
        }
        listing.folders = folders.into_iter().collect();
        listing.folders.sort_by(|a, b| natural_order(a, b));
        listing
    }

    /// Appends the contents of a member.
    pub fn read(&self, number: usize, limit: FileLimit, bytes: &mut Vec<u8>) -> Result<()> {
        // Cheap: a clone shares the bytes and the directory, and has a position of its own.
        let mut archive = self.0.clone();
        input::read_at_most(archive.by_index(number)?, limit, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;
    use crate::data::fixture::zip_file;

    #[test]
    fn backslashes_part_names_too() {
        let root = tempfile::tempdir().unwrap();
        let files = [("c00\\00.png", vec![0]), ("c00\\.hidden\\1.png", vec![1]), ("c01\\", vec![])];
        let source = Source::open(&zip_file(root.path(), &files)).unwrap();
        assert_eq!(source.paths().collect::<Vec<_>>(), ["c00/00.png"]);
        assert_eq!(source.folders(), ["c00", "c01"]);
        assert_eq!(source.read("c00/00.png", limits::PICTURE).unwrap(), [0]);
    }
}
