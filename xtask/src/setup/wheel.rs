//! Python wheels as a source of libraries: fetched once by pip, unpacked and checked here.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64ct::{Base64UrlUnpadded, Encoding};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::report;
use crate::{paths, process};

/// A wheel in the cache.
pub struct Wheel {
    /// Where it lies.
    pub path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    /// File name to SHA-256, from the wheel's own RECORD.
    sums: HashMap<String, Vec<u8>>,
}

/// The wheel for a requirement such as `torch==2.11.0`, from the cache or else by pip.
///
/// pip writes to a folder of its own, and the finished file is moved to its place: a download
/// that was broken off leaves nothing that could be taken for a wheel.
pub fn fetch(requirement: &str, size: &str) -> Result<Wheel> {
    let cache = paths::cache()?.join("wheels");
    fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    if let Some(path) = find(&cache, requirement)? {
        match Wheel::open(&path) {
            Ok(wheel) => return Ok(wheel),
            Err(error) => {
                report(
                    "wheel",
                    format_args!("{} is damaged ({error:#}), fetching it anew", path.display()),
                );
                fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
    }
    report("wheel", format_args!("downloading {requirement} ({size}) to {}", cache.display()));
    let fresh = paths::scratch(&cache)?;
    let mut pip = Command::new(if cfg!(windows) { "python" } else { "python3" });
    // Any Python's wheel holds the same libraries, so take one, whatever Python is on this machine.
    pip.args([
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--python-version=3.11",
    ]);
    pip.arg("--no-cache-dir").arg("--dest").arg(fresh.path()).arg(requirement);
    // pip unpacks nothing here, but it keeps its download in TMPDIR, which may be small.
    pip.env("TMPDIR", fresh.path());
    process::run(&mut pip).with_context(|| {
        format!(
            "pip could not download {requirement}: it needs Python 3 with pip, the network, and twice {size} of space in {} \
             (ARC_CACHE names another folder)",
            cache.display()
        )
    })?;
    let path =
        find(fresh.path(), requirement)?.context("pip reported success but left no wheel")?;
    let target = cache.join(path.file_name().context("the wheel has no name")?);
    fs::rename(&path, &target)
        .with_context(|| format!("moving the wheel to {}", target.display()))?;
    Wheel::open(&target)
}

/// The wheel in a folder that fits a requirement `name==version`, or `name==prefix.*`.
fn find(folder: &Path, requirement: &str) -> Result<Option<PathBuf>> {
    let (name, version) =
        requirement.split_once("==").context("the requirement names no version")?;
    let name = name.replace('-', "_");
    let start = match version.strip_suffix('*') {
        Some(prefix) => format!("{name}-{prefix}"),
        None => format!("{name}-{version}-"),
    };
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if file.starts_with(&start) && file.ends_with(".whl") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

impl Wheel {
    /// Reads the directory and the RECORD of a wheel.
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let mut archive = ZipArchive::new(BufReader::new(file))?;
        let record = archive
            .file_names()
            .find(|name| name.ends_with(".dist-info/RECORD"))
            .map(str::to_owned);
        let record = record.context("it holds no RECORD")?;
        let mut text = String::new();
        archive.by_name(&record)?.read_to_string(&mut text)?;
        Ok(Self { path: path.to_owned(), archive, sums: parse_record(&text) })
    }

    /// Whether the wheel holds a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Unpacks the wanted files below `folder`, each checked against its SHA-256.
    ///
    /// # Errors
    ///
    /// If the disk is full, or a file is damaged; then the wheel is removed from the cache.
    pub fn unpack(mut self, folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let names: Vec<String> = self.archive.file_names().map(str::to_owned).collect();
        let names: Vec<_> =
            names.into_iter().filter(|name| !name.ends_with('/') && wanted(name)).collect();
        ensure!(!names.is_empty(), "{} holds none of the wanted files", self.path.display());
        let mut bytes = 0;
        for name in &names {
            bytes += self.archive.by_name(name)?.size();
        }
        let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}")?;
        let bar = ProgressBar::new(bytes).with_style(style);
        for name in &names {
            let mut entry = self.archive.by_name(name)?;
            let relative =
                entry.enclosed_name().with_context(|| format!("{name} leads out of the folder"))?;
            let target = folder.join(relative);
            let sum = copy(&mut entry, &target, &bar).with_context(|| {
                format!("writing {} ({} MB are needed)", target.display(), bytes >> 20)
            })?;
            if sum.is_none() || sum.as_ref() != self.sums.get(name) {
                fs::remove_file(&self.path)?;
                bail!(
                    "{} was damaged (in {name}), so it is removed: try again",
                    self.path.display()
                );
            }
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// Writes a file of the archive and returns its SHA-256, or `None` if it cannot be read whole
/// (the archive's own checksum is verified at its end).
fn copy(entry: &mut impl Read, target: &Path, bar: &ProgressBar) -> io::Result<Option<Vec<u8>>> {
    fs::create_dir_all(target.parent().unwrap_or(target))?;
    let mut output = File::create(target)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Ok(read) = entry.read(&mut buffer) else {
            return Ok(None);
        };
        if read == 0 {
            return Ok(Some(sum.finalize().to_vec()));
        }
        sum.update(&buffer[..read]);
        output.write_all(&buffer[..read])?;
        bar.inc(read as u64);
    }
}

/// RECORD is a CSV of `name,sha256=<base64 for URLs, unpadded>,size`.
fn parse_record(text: &str) -> HashMap<String, Vec<u8>> {
    let parse = |line: &str| {
        let mut fields = line.rsplitn(3, ',');
        let _size = fields.next()?;
        let sum = fields.next()?.strip_prefix("sha256=")?;
        let name = fields.next()?.trim_matches('"');
        Some((name.to_owned(), Base64UrlUnpadded::decode_vec(sum).ok()?))
    };
    text.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wheel `thing-1.2.0` with one file, whose sum in RECORD is that of `recorded`.
    fn wheel(folder: &Path, content: &[u8], recorded: &[u8]) -> PathBuf {
        let path = folder.join("thing-1.2.0-py3-none-any.whl");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("thing/lib/a.so", options).unwrap();
        zip.write_all(content).unwrap();
        zip.start_file("thing-1.2.0.dist-info/RECORD", options).unwrap();
        let sum = Base64UrlUnpadded::encode_string(&Sha256::digest(recorded));
        write!(
            zip,
            "thing/lib/a.so,sha256={sum},{}\nthing-1.2.0.dist-info/RECORD,,\n",
            content.len()
        )
        .unwrap();
        zip.finish().unwrap();
        path
    }

    #[test]
    fn unpacks_a_sound_wheel() {
        let folder = tempfile::tempdir().unwrap();
        let path = wheel(folder.path(), b"library", b"library");
        assert_eq!(find(folder.path(), "thing==1.2.*").unwrap(), Some(path.clone()));
        assert_eq!(find(folder.path(), "thing==1.2.0").unwrap(), Some(path.clone()));
        assert_eq!(find(folder.path(), "thing==1.2").unwrap(), None);
        Wheel::open(&path).unwrap().unpack(folder.path(), |_| true).unwrap_err(); // RECORD has no sum
        let path = wheel(folder.path(), b"library", b"library");
        Wheel::open(&path).unwrap().unpack(folder.path(), |name| name.ends_with(".so")).unwrap();
        assert_eq!(fs::read(folder.path().join("thing/lib/a.so")).unwrap(), b"library");
    }

    #[test]
    fn removes_a_damaged_wheel() {
        let folder = tempfile::tempdir().unwrap();
        let path = wheel(folder.path(), b"library", b"something else");
        let error = Wheel::open(&path).unwrap().unpack(folder.path(), |name| name.ends_with(".so"));
        assert!(error.unwrap_err().to_string().contains("damaged"));
        assert!(!path.exists());

        let path = wheel(folder.path(), b"library", b"library");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(Wheel::open(&path).is_err());
    }
}
