//! Small folders and zips to test on.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::Drawing;

/// A PNG file of one row; 255 is ink.
pub fn png(ink: &[u8]) -> Vec<u8> {
    Drawing { width: ink.len() as u16, height: 1, ink: ink.to_vec() }.to_png().unwrap()
}

/// Files with these contents, in a new folder.
pub fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let file = root.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    root
}

/// The same as bytes of a zip.
pub fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A zip file of that name in a folder.
pub fn zip_file(folder: &Path, files: &[(&str, Vec<u8>)]) -> PathBuf {
    let file = folder.join("data.zip");
    fs::write(&file, zip(files)).unwrap();
    file
}
