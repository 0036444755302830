//! Python wheels as a source of libraries: fetched once by pip, and taken only if their SHA-256 is
//! one that stands here in the source.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use zip::ZipArchive;

use super::digest;
use super::report::report;
use crate::{paths, process};

/// A wheel by its content.
pub struct Pin {
    /// What pip calls it, such as `torch`.
    pub name: &'static str,
    /// Its version, exactly.
    pub version: &'static str,
    /// The SHA-256 of the wheel for each platform, in hexadecimal.
    pub sha256: &'static [&'static str],
    /// What to tell whoever waits for it.
    pub size: &'static str,
}

/// A wheel in the cache whose content is as pinned.
pub struct Wheel {
    /// Where it lies.
    pub path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl Pin {
    /// The wheel, from the cache or else by pip.
    ///
    /// pip writes to a folder of its own, and the finished file is moved to its place: a download
    /// that was broken off leaves nothing that could be taken for a wheel.
    ///
    /// # Errors
    ///
    /// If pip cannot download it, or it is not the wheel that is pinned.
    pub fn fetch(&self) -> Result<Wheel> {
        let cache = paths::cache()?.join("wheels");
        fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
        if let Some(path) = self.find(&cache)? {
            match self.open(&path) {
                Ok(wheel) => return Ok(wheel),
                Err(error) => {
                    report("wheel", format_args!("{error:#}; fetching it anew"));
                    fs::remove_file(&path)
                        .with_context(|| format!("removing {}", path.display()))?;
                }
            }
        }
        let Self { name, version, size, .. } = self;
        report(
            "wheel",
            format_args!("downloading {name} {version} ({size}) to {}", cache.display()),
        );
        let fresh = paths::scratch(&cache)?;
        let requirements = fresh.path().join("requirements.txt");
        fs::write(&requirements, self.requirement())
            .with_context(|| format!("writing {}", requirements.display()))?;
        let mut pip = Command::new(if cfg!(windows) { "python" } else { "python3" });
        // Any Python's wheel holds the same libraries, so take one, whatever Python is on this machine.
        pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:"]);
        pip.args(["--python-version=3.11", "--no-cache-dir", "--require-hashes", "--dest"]);
        pip.arg(fresh.path()).arg("--requirement").arg(&requirements);
        // pip unpacks nothing here, but it keeps its download in TMPDIR, which may be small.
        pip.env("TMPDIR", fresh.path());
        process::run(&mut pip).with_context(|| {
            format!(
                "pip could not download {name} {version}: it needs Python 3 with pip, the network, and twice {size} of \
                 space in {} (ARC_CACHE names another folder)",
                cache.display()
            )
        })?;
        let path = self.find(fresh.path())?.context("pip reported success but left no wheel")?;
        let target = cache.join(path.file_name().context("the wheel has no name")?);
        fs::rename(&path, &target)
            .with_context(|| format!("moving the wheel to {}", target.display()))?;
        self.open(&target)
    }

    /// The line of a requirements file that pip downloads no other content for.
    fn requirement(&self) -> String {
        let hashes: String =
            self.sha256.iter().map(|sum| format!(" --hash=sha256:{sum}")).collect();
        format!("{}=={}{hashes}\n", self.name, self.version)
    }

    /// The wheel of this name and version in a folder.
    fn find(&self, folder: &Path) -> Result<Option<PathBuf>> {
        let start = format!("{}-{}-", self.name.replace('-', "_"), self.version);
        for entry in
            fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?
        {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            if file.starts_with(&start) && file.ends_with(".whl") {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Opens a wheel whose content is pinned.
    fn open(&self, path: &Path) -> Result<Wheel> {
        let shown = path.display();
        let mut file = File::open(path).with_context(|| format!("opening {shown}"))?;
        let sum = digest::sha256(&mut file).with_context(|| format!("reading {shown}"))?;
        ensure!(
            self.sha256.contains(&&*sum),
            "{shown} is not the wheel that this project pins: its SHA-256 is {sum}"
        );
        file.rewind().with_context(|| format!("reading {shown}"))?;
        Ok(Wheel { path: path.to_owned(), archive: ZipArchive::new(BufReader::new(file))? })
    }
}

impl Wheel {
    /// Whether the wheel holds a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Unpacks the wanted files below `folder`.
    ///
    /// # Errors
    ///
    /// If the disk is full, or the wheel holds none of them.
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
            let entry = self.archive.by_name(name)?;
            let relative =
                entry.enclosed_name().with_context(|| format!("{name} leads out of the folder"))?;
            let target = folder.join(relative);
            copy(&mut bar.wrap_read(entry), &target).with_context(|| {
                format!("writing {} ({} MB are needed)", target.display(), bytes >> 20)
            })?;
        }
        bar.finish_and_clear();
        Ok(())
    }
}

fn copy(entry: &mut impl Read, target: &Path) -> io::Result<u64> {
    fs::create_dir_all(target.parent().unwrap_or(target))?;
    io::copy(entry, &mut File::create(target)?)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A wheel `a_thing-1.2.0` with one library.
    fn wheel(folder: &Path, content: &[u8]) -> PathBuf {
        let path = folder.join("a_thing-1.2.0-py3-none-any.whl");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("thing/lib/a.so", options).unwrap();
        zip.write_all(content).unwrap();
        zip.start_file("thing/a.py", options).unwrap();
        zip.finish().unwrap();
        path
    }

    fn pin(sha256: &'static [&'static str]) -> Pin {
        Pin { name: "a-thing", version: "1.2.0", sha256, size: "a kilobyte" }
    }

    #[test]
    fn unpacks_the_wheel_that_is_pinned() {
        let folder = tempfile::tempdir().unwrap();
        let path = wheel(folder.path(), b"library");
        let sum = digest::sha256(&mut File::open(&path).unwrap()).unwrap();
        let pin = pin(Vec::leak(vec!["another platform's", String::leak(sum)]));
        assert_eq!(pin.find(folder.path()).unwrap(), Some(path.clone()));
        let wheel = pin.open(&path).unwrap();
        assert!(wheel.has("thing/a.py"));
        wheel.unpack(folder.path(), |name| name.ends_with(".so")).unwrap();
        assert_eq!(fs::read(folder.path().join("thing/lib/a.so")).unwrap(), b"library");
        assert!(!folder.path().join("thing/a.py").exists());
        assert!(pin.open(&path).unwrap().unpack(folder.path(), |_| false).is_err());
    }

    #[test]
    fn refuses_every_other_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = wheel(folder.path(), b"library");
        let sum = digest::sha256(&mut File::open(&path).unwrap()).unwrap();
        let pin = pin(Vec::leak(vec![&*String::leak(sum)]));
        let sound = fs::read(&path).unwrap();
        let mut altered = sound.clone();
        altered[40] ^= 1;
        for content in [&altered[..], &sound[..sound.len() / 2], &[]] {
            fs::write(&path, content).unwrap();
            let error = pin.open(&path).err().unwrap().to_string();
            assert!(error.contains("is not the wheel that this project pins"), "{error}");
        }
    }

    #[test]
    fn another_version_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        wheel(folder.path(), b"library");
        for version in ["1.2", "1.2.0.1", "2.0.0"] {
            let pin = Pin { version, ..pin(&[]) };
            assert_eq!(pin.find(folder.path()).unwrap(), None);
        }
    }

    #[test]
    fn pip_is_told_every_hash() {
        let line = pin(&["ab", "cd"]).requirement();
        assert_eq!(line, "a-thing==1.2.0 --hash=sha256:ab --hash=sha256:cd\n");
    }
}
