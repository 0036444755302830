//! Every committed model, measured with the same questions.

use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::memory::Memory;
use crate::trainer::{self, Evaluation, Inspection, Trainer};
use crate::{paths, process};

/// How many trials are drawn.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Trials of `within`, for any number of supports.
    pub within: usize,
    /// Trials of `across`.
    pub across: usize,
    /// Pairs of `verify`, and trials of `open`.
    pub verify: usize,
}

impl Scale {
    /// What is published.
    pub const FULL: Self = Self { within: 4000, across: 1000, verify: 4000 };
    /// Enough to see the page.
    pub const QUICK: Self = Self { within: 40, across: 10, verify: 40 };
}

/// Supports in the galleries that models are compared on: protocol and way.
///
/// An alphabet of 50 characters is rare, so 50 of them are drawn from all held-out alphabets.
pub const GALLERIES: [(&str, usize); 5] =
    [("within", 5), ("within", 20), ("across", 5), ("across", 20), ("across", 50)];

/// Glimpses of each image in the ablation; fewer than the model's own.
const GLIMPSES: [u64; 4] = [1, 2, 4, 6];

/// The model whose glimpses are counted.
const ABLATED: &str = "omniglot-small";

/// A system: one model, in integers and, where its run is committed too, in floats.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// The model file's name without its ending.
    pub name: String,
    /// The model file itself.
    pub integer: Measured,
    /// The float reference of its run.
    pub float: Option<Measured>,
    /// 20 supports, and half of the probes of none of them.
    pub open: Option<Evaluation>,
    /// 20-way, each trial a second time with its supports in another order; of models that see
    /// them in one.
    pub reordered: Option<Evaluation>,
    /// As in [`GALLERIES`].
    pub galleries: Vec<Option<Evaluation>>,
}

/// What is measured in both arithmetics, as far as the model can answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Sizes.
    pub inspection: Inspection,
    /// The 20 published runs.
    pub lake: Option<Evaluation>,
    /// 20-way, held-out alphabets.
    pub within: Option<Evaluation>,
    /// Same or different, held-out alphabets.
    pub verify: Option<Evaluation>,
}

/// A number of glimpses of each image, and the accuracy after them.
#[derive(Debug, Clone, PartialEq)]
pub struct Glimpses {
    /// Glimpses of each image.
    pub per_image: u64,
    /// Same or different.
    pub verify: Option<Evaluation>,
    /// 20-way.
    pub within: Option<Evaluation>,
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// One model each.
    pub systems: Vec<System>,
    /// Of the model named first, by rising number; the last is the model as it is.
    pub glimpses: Option<(String, Vec<Glimpses>)>,
    /// Other trainings of a recipe, by name.
    pub seeds: Vec<(String, Measured)>,
    /// Every command that was run, as it would be typed.
    pub commands: Vec<String>,
}

/// What a model can answer: an N-way model chooses among N supports and does nothing else.
#[derive(Clone, Copy)]
struct Questions {
    /// Whether two images are of one class.
    pairs: bool,
    /// The only number of supports, if there is one.
    ways: Option<usize>,
}

impl Questions {
    fn of(inspection: &Inspection) -> Self {
        let ways = inspection.dimensions.ways as usize;
        Self { pairs: ways == 0, ways: (ways > 0).then_some(ways) }
    }

    fn way(self, way: usize) -> bool {
        self.ways.is_none_or(|ways| ways == way)
    }
}

/// Measures the models and notes the commands.
pub struct Bench<'t> {
    trainer: &'t Trainer,
    memory: Memory,
    omniglot: PathBuf,
    scale: Scale,
    commands: Vec<String>,
}

impl<'t> Bench<'t> {
    /// With Omniglot's zips in this folder.
    ///
    /// # Errors
    ///
    /// If the target folder can't be written.
    pub fn new(trainer: &'t Trainer, omniglot: PathBuf, scale: Scale) -> Result<Self> {
        let memory = Memory::open(paths::target()?.join("results/answers"), trainer.program())?;
        Ok(Self { trainer, memory, omniglot, scale, commands: Vec::new() })
    }

    /// Measures every model in `models/` and `models/seeds/`.
    ///
    /// # Errors
    ///
    /// If a file is missing or a command fails.
    pub fn run(mut self) -> Result<Results> {
        let models = paths::root().join("models");
        let mut systems = Vec::new();
        for model in arc_files(&models)? {
            systems.push(self.system(&model)?);
        }
        systems.sort_by_key(|system| system.integer.inspection.file_bytes);
        let ablated = systems.iter().find(|system| system.name == ABLATED).cloned();
        let glimpses = ablated
            .map(|system| anyhow::Ok((system.name.clone(), self.glimpses(&system)?)))
            .transpose()?;
        let mut seeds = Vec::new();
        for model in arc_files(&models.join("seeds"))? {
            seeds.push((stem(&model), self.measure(&model)?));
        }
        Ok(Results { systems, glimpses, seeds, commands: self.commands })
    }

    fn system(&mut self, model: &Path) -> Result<System> {
        let integer = self.measure(model)?;
        let float = self.float(model)?.map(|float| self.measure(&float)).transpose()?;
        let (scale, questions) = (self.scale, Questions::of(&integer.inspection));
        let open = [("--episodes", scale.verify)];
        let open = questions.pairs.then(|| self.eval(model, "open", &open)).transpose()?;
        let galleries = GALLERIES.iter().map(|&(protocol, way)| {
            let episodes = match (protocol, way) {
                ("within", 20) => return Ok(integer.within),
                ("within", _) => scale.within.div_ceil(way),
                _ => scale.across,
            };
            let options = [("--way", way), ("--episodes", episodes)];
            questions.way(way).then(|| self.eval(model, protocol, &options)).transpose()
        });
        let galleries = galleries.collect::<Result<_>>()?;
        let ordered = questions.ways.is_some() || integer.inspection.dimensions.context_units > 0;
        let reorder = [("--episodes", scale.within.div_ceil(20)), ("--reorder", 1)];
        let reordered = ordered && questions.way(20);
        let reordered = reordered.then(|| self.eval(model, "within", &reorder)).transpose()?;
        Ok(System { name: stem(model), integer, float, open, reordered, galleries })
    }

    /// The float reference of the run that a model comes from, if it lies beside it.
    fn float(&mut self, model: &Path) -> Result<Option<PathBuf>> {
        let run = model.with_extension("");
        if !run.is_dir() {
            return Ok(None);
        }
        let folder = paths::target()?.join("results");
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let float = folder.join(format!("{}-float.arc", stem(model)));
        let mut export = self.trainer.verb("export");
        export.arg(relative(&run)).args(["--quantize", "none", "--out"]).arg(&float);
        self.note(&export)?;
        process::run(&mut export)?;
        Ok(Some(float))
    }

    fn measure(&mut self, model: &Path) -> Result<Measured> {
        let mut inspect = self.trainer.verb("inspect");
        inspect.arg(relative(model));
        self.note(&inspect)?;
        let inspection: Inspection = trainer::json(&mut inspect)?;
        let questions = Questions::of(&inspection);
        let Scale { within, verify, .. } = self.scale;
        let mut eval = |can: bool, protocol, options: &[_]| {
            can.then(|| self.eval(model, protocol, options)).transpose()
        };
        Ok(Measured {
            lake: eval(questions.way(20), "lake", &[])?,
            within: eval(questions.way(20), "within", &[("--episodes", within.div_ceil(20))])?,
            verify: eval(questions.pairs, "verify", &[("--episodes", verify)])?,
            inspection,
        })
    }

    fn glimpses(&mut self, system: &System) -> Result<Vec<Glimpses>> {
        let model = paths::root().join("models").join(format!("{}.arc", system.name));
        let Measured { inspection, within, verify, .. } = &system.integer;
        let all = inspection.dimensions.glimpses_per_image;
        let Scale { within: trials, verify: pairs, .. } = self.scale;
        let mut counted = Vec::new();
        for per_image in GLIMPSES.into_iter().filter(|count| *count < all) {
            let mut eval = |protocol, episodes| {
                let limit = ("--glimpses", per_image as usize);
                self.eval(&model, protocol, &[("--episodes", episodes), limit]).map(Some)
            };
            counted.push(Glimpses {
                per_image,
                verify: eval("verify", pairs)?,
                within: eval("within", trials.div_ceil(20))?,
            });
        }
        counted.push(Glimpses { per_image: all, verify: *verify, within: *within });
        Ok(counted)
    }

    fn eval(
        &mut self,
        model: &Path,
        protocol: &str,
        options: &[(&str, usize)],
    ) -> Result<Evaluation> {
        let (data, split) = match protocol {
            "lake" => ("all_runs.zip", "all"),
            _ => ("images_background.zip", "validation"),
        };
        let mut eval = self.trainer.verb("eval");
        eval.arg(relative(model)).arg("--data").arg(self.omniglot.join(data));
        eval.args(["--protocol", protocol, "--split", split]);
        for (option, value) in options {
            eval.arg(option).arg(value.to_string());
        }
        self.note(&eval)?;
        let files = [&paths::root().join(model), &self.omniglot.join(data)];
        self.memory.json(&mut eval, &files.map(PathBuf::as_path))
    }

    /// Keeps a command line as a reader types it: in the project's root, with the zips there.
    fn note(&mut self, command: &Command) -> Result<()> {
        let mut line = process::show(command);
        eprintln!("{:3}  {line}", self.commands.len() + 1);
        for (folder, shown) in [(&self.omniglot, ""), (&paths::target()?, "target/")] {
            line = line.replace(&format!("{}{}", folder.display(), MAIN_SEPARATOR), shown);
        }
        self.commands.push(line);
        Ok(())
    }
}

/// The model files of a folder, in the order of their names; none where there is no such folder.
fn arc_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut files = read().with_context(|| format!("reading {}", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "arc"));
    files.sort();
    Ok(files)
}

/// The file's name without its ending.
fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The path from the project's root, where commands run; another path as it is.
fn relative(path: &Path) -> &Path {
    path.strip_prefix(paths::root()).unwrap_or(path)
}
