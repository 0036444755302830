//! What all peers compute.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use arc_trainer::data::Dataset;
use arc_trainer::run::RunFolder;

/// A network and a comparison of some images.
pub struct Subject {
    /// The run with the weights, `run/`; the model file is `model.arc`, the graphs are `QUESTION.onnx`.
    pub folder: PathBuf,
    /// The name of the comparison.
    pub name: String,
    /// What is compared.
    pub question: Question,
    /// Rows and columns of the images.
    pub side: usize,
    /// Pixels of each image, 0 (paper) to 127 (ink).
    images: Vec<Vec<i8>>,
}

/// What is compared.
#[derive(Clone, Copy)]
pub enum Question {
    /// This many pairs, each of other images.
    Pairs(usize),
    /// One probe, given by its image, against this many supports, given by their features.
    Identify(usize),
}

impl Subject {
    /// Reads the images in `images.bin`.
    pub fn load(folder: &Path, name: &str) -> Result<Self> {
        let side = image_side(folder)?;
        let file = folder.join("images.bin");
        let bytes = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let images: Vec<Vec<i8>> = bytes
            .chunks_exact(side * side)
            .map(|image| image.iter().map(|&pixel| pixel as i8).collect())
            .collect();
        let (kind, count) = name.split_once('-').context("a question is KIND-N")?;
        let count: usize = count.parse()?;
        let question = match kind {
            "pairs" => Question::Pairs(count),
            "identify" => Question::Identify(count),
            _ => bail!("no question of the name {kind}"),
        };
        ensure!(images.len() > count.min(20), "{}: too few images", file.display());
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), question, side, images })
    }

    /// The probes; one alone to be identified.
    pub fn probes(&self) -> Vec<&[i8]> {
        match self.question {
            Question::Pairs(count) => (0..count).map(|k| self.image(k)).collect(),
            Question::Identify(_) => vec![self.image(0)],
        }
    }

    /// The supports.
    pub fn supports(&self) -> Vec<&[i8]> {
        let (Question::Pairs(count) | Question::Identify(count)) = self.question;
        (0..count).map(|k| self.image(7 * k + 1)).collect()
    }

    /// The images from the first on, over again after the last; `onnx_peer.py` counts alike.
    fn image(&self, k: usize) -> &[i8] {
        &self.images[k % self.images.len()]
    }
}

/// Images in `images.bin`, at most: a batch of more takes them over again.
const IMAGES: usize = 64;

/// Writes `images.bin`: a drawing of each of some characters in `data`.
pub fn write_images(folder: &Path, data: &Path) -> Result<()> {
    let side = image_side(folder)?;
    let data = Dataset::load(data, side)?;
    let classes = data.groups.iter().flat_map(|group| &group.classes);
    let drawings = classes.filter_map(|class| class.drawings.first()).take(IMAGES);
    let pixels: Vec<u8> =
        drawings.flat_map(|drawing| drawing.at_side(side)).map(|pixel| pixel as u8).collect();
    let file = folder.join("images.bin");
    std::fs::write(&file, pixels).with_context(|| format!("writing {}", file.display()))
}

fn image_side(folder: &Path) -> Result<usize> {
    Ok(RunFolder::open(&folder.join("run"), &[])?.1.model.image_side)
}

/// Images as the float networks take them, one after the other: ink in 0..=1.
pub fn ink(images: &[&[i8]]) -> Vec<f32> {
    images.iter().flat_map(|image| image.iter()).map(|&pixel| f32::from(pixel) / 127.0).collect()
}
