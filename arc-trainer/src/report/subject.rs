//! What a report is about: a run or a model file, and the drawings to try it on.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use arc_runtime::format::Header;
use arc_runtime::format::body::Body;
use arc_runtime::preparation::{MAX_SIDE, Preparation};

use super::picture::LARGEST_SIDE;
use crate::config::Config;
use crate::data::synth::Synth;
use crate::data::{Dataset, Drawing, OnBad};
use crate::export;
use crate::float::{self, FloatModel, Provenance};
use crate::inspection::Weights;
use crate::model_file::{AnyModel, ModelFile};
use crate::run::RunFolder;
use crate::run::metrics::{self, Line};

/// What a report is about.
pub struct Subject {
    /// The integer model: the file, or the run's best weights quantized in memory.
    pub file: ModelFile,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The training configuration, if the model names a readable one.
    pub config: Option<Config>,
    /// What only a run knows.
    pub run: Option<RunPart>,
}

/// What only a run knows.
pub struct RunPart {
    /// The float model that the integer one was made from.
    pub float: FloatModel,
    /// What the run has reported so far.
    pub lines: Vec<Line>,
}

/// The drawings to try a model on, and what they are to it.
pub struct Drawings {
    /// The drawings, at the side of the model's images.
    pub data: Dataset,
    /// The same ones at the side that they are shown at.
    pictures: Dataset,
    /// One phrase for the page: whether the model has seen them.
    pub note: &'static str,
}

impl Drawings {
    /// One of the drawings as it is shown.
    ///
    /// # Panics
    /// If it is not one of these.
    pub fn picture(&self, drawing: &Drawing) -> &Drawing {
        let mut pairs = self.data.drawings().zip(self.pictures.drawings());
        let pair = pairs.find(|(own, _)| std::ptr::eq(*own, drawing));
        pair.expect("one of the drawings").1
    }
}

impl Subject {
    /// Opens a run's folder or a model file. For a run whose training data are gone, `data`
    /// set the ranges.
    ///
    /// # Errors
    /// Names the file that is missing or damaged, and the remedy.
    pub fn open(source: &Path, data: Option<&Path>) -> Result<Self> {
        ensure!(source.exists(), "{}: no such run folder or model file", source.display());
        if source.is_dir() { Self::of_run(source, data) } else { Self::of_file(source) }
    }

    fn of_run(path: &Path, data: Option<&Path>) -> Result<Self> {
        let (folder, config) = RunFolder::open(path, &[])?;
        ensure!(
            folder.best().exists(),
            "{} has no best.safetensors yet: wait for the run's first validation, at step {}",
            path.display(),
            config.training.validate_every.min(config.training.steps)
        );
        let run = float::Run::load(path)?;
        let own_data = config.data.path.as_deref().filter(|own| own.exists());
        let calibrate = if own_data.is_some() { None } else { data };
        let bytes = export::integer(&run, calibrate, export::FALSE_ACCEPT)
            .with_context(|| format!("can't quantize {}", run.checkpoint.display()))?;
        let name = format!("{}.arc", config.name);
        let file = ModelFile { name, bytes };
        let provenance = file.open()?.provenance();
        let lines =
            if folder.metrics().exists() { metrics::read(&folder.metrics())? } else { vec![] };
        let run = RunPart { float: run.model, lines };
        Ok(Self { file, provenance, config: Some(config), run: Some(run) })
    }

    fn of_file(path: &Path) -> Result<Self> {
        let file = ModelFile::read(path)?;
        let provenance = match file.open()? {
            model @ AnyModel::Integer(_) => model.provenance(),
            AnyModel::Float(_) => bail!(
                "{} is a float reference, and a report shows the integer runtime: \
                 export the run with --quantize i8, or report on the run's folder",
                path.display()
            ),
        };
        let config = Config::parse(&provenance.config, &[]).ok();
        Ok(Self { file, provenance, config, run: None })
    }

    /// Weights of the integer model, biases and scales not counted.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn weights(&self) -> Result<usize> {
        let (header, body) = Header::parse(&self.file.bytes)?;
        Ok(Weights::alone(&Body::decode(header.version, body)?).total)
    }

    /// The drawings of `data`, else of the run's own data, else procedural glyphs, prepared as the
    /// model wants them at `side`, that of its images. Of the data that the model was trained on, only the
    /// alphabets held out of the training are taken.
    ///
    /// # Errors
    /// Names the data that can't be read, and the remedy.
    pub fn drawings(
        &self,
        data: Option<&Path>,
        preparation: &Preparation,
        side: usize,
    ) -> Result<Drawings> {
        // Pictures to be shown are cut out as the network's images are, and finer.
        let large = match preparation {
            Preparation::None => LARGEST_SIDE.into(),
            _ => MAX_SIDE.min(LARGEST_SIDE.into()),
        };
        let own = self.config.as_ref().and_then(|config| config.data.path.as_deref());
        let path = match (data, &self.run) {
            (Some(path), _) => path,
            (None, Some(_)) => {
                own.context("the run names no data: give drawings by --data PATH")?
            }
            (None, None) => return procedural(preparation, [side, large]),
        };
        let load = |side: usize, on_bad| {
            let draw = |_, picture| Drawing::prepared(picture, preparation, side);
            Dataset::load_with(path, on_bad, &[], draw)
                .context("drawings to report on; others: --data PATH")
        };
        let data = load(side, OnBad::Skip)?;
        let pictures = load(large, OnBad::SkipAgain)?;
        let trained_on_it = data.is_named(&self.provenance.trained_on);
        let note = match &self.config {
            Some(config) if trained_on_it && config.data.validation_alphabets > 0 => {
                let (count, seed) = (config.data.validation_alphabets, config.data.split_seed);
                let held_out = |data: Dataset| -> Result<Dataset> {
                    let split = data.split(count, seed);
                    Ok(split
                        .map_err(|error| {
                            anyhow!("{error}, as the training did; others: --data PATH")
                        })?
                        .1)
                };
                let note = "alphabets held out of the training";
                return Ok(Drawings { data: held_out(data)?, pictures: held_out(pictures)?, note });
            }
            _ if trained_on_it => "the training’s own alphabets",
            _ => "all alphabets",
        };
        Ok(Drawings { data, pictures, note })
    }
}

/// Glyphs drawn in memory, so that a model file alone makes a report with pictures.
fn procedural(preparation: &Preparation, sides: [usize; 2]) -> Result<Drawings> {
    // A seed that nobody trains on by accident, and few drawers: pairs need two.
    let synth = Synth { alphabets: 8, drawers: 6, seed: 0x0A5C_EEDE, ..Synth::default() };
    let data = Dataset { name: "procedural glyphs".into(), ..synth.dataset() };
    let [data, pictures] = match preparation {
        Preparation::None => [data.clone(), data],
        _ => {
            let [own, large] = sides.map(|side| prepared(data.clone(), preparation, side));
            [own?, large?]
        }
    };
    Ok(Drawings { pictures, data, note: "characters invented for this report" })
}

/// The drawings as a model wants them.
fn prepared(mut data: Dataset, preparation: &Preparation, side: usize) -> Result<Dataset> {
    for drawing in data
        .groups
        .iter_mut()
        .flat_map(|group| &mut group.classes)
        .flat_map(|class| &mut class.drawings)
    {
        *drawing = Drawing::prepared(drawing.picture(), preparation, side)?;
    }
    Ok(data)
}
