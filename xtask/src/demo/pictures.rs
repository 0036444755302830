//! Three pictures out of a data set: two of one character, and one of another.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zip::ZipArchive;

/// Copies of the three, as files.
pub struct Pictures {
    pub first: PathBuf,
    /// Another drawing of the same character.
    pub same: PathBuf,
    /// Another character of the same alphabet.
    pub other: PathBuf,
}

/// Takes them from a folder or zip and copies them to `folder`.
pub fn pick(data: &Path, folder: &Path) -> Result<Pictures> {
    let mut source = Source::open(data)?;
    let mut classes: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for name in source.pictures()? {
        classes.entry(name.parent().unwrap_or(Path::new("")).to_owned()).or_default().push(name);
    }
    let mut pairs = classes.iter().zip(classes.iter().skip(1));
    let neighbors = pairs
        .find(|((one, drawings), (two, _))| drawings.len() >= 2 && one.parent() == two.parent());
    let ((_, drawings), (_, others)) = neighbors.with_context(|| {
        format!("{} holds no two neighboring classes of PNG files", data.display())
    })?;

    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut copy = |name: &Path, to: &str| {
        let to = folder.join(to);
        fs::write(&to, source.read(name)?).with_context(|| format!("writing {}", to.display()))?;
        anyhow::Ok(to)
    };
    Ok(Pictures {
        first: copy(&drawings[0], "first.png")?,
        same: copy(&drawings[1], "same.png")?,
        other: copy(&others[0], "other.png")?,
    })
}

enum Source {
    Folder(PathBuf),
    Zip(Box<ZipArchive<File>>),
}

impl Source {
    fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let zip = ZipArchive::new(file)
            .with_context(|| format!("reading {} as a zip", path.display()))?;
        Ok(Self::Zip(Box::new(zip)))
    }

    /// The PNG files in the order of their names.
    fn pictures(&self) -> Result<Vec<PathBuf>> {
        let mut names = Vec::new();
        match self {
            Self::Folder(root) => walk(root, &mut names)?,
            Self::Zip(zip) => names.extend(zip.file_names().map(PathBuf::from)),
        }
        names.retain(|name| name.extension().is_some_and(|kind| kind == "png"));
        names.sort();
        Ok(names)
    }

    fn read(&mut self, name: &Path) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self {
            Self::Folder(_) => {
                bytes = fs::read(name).with_context(|| format!("reading {}", name.display()))?
            }
            Self::Zip(zip) => {
                zip.by_name(&name.to_string_lossy())?.read_to_end(&mut bytes)?;
            }
        }
        Ok(bytes)
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
