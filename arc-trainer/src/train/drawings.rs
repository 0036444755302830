//! The drawings of a run, training and held-out ones apart.

use std::iter;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};

use crate::config::{Config, Negatives, Recipe, SetConfig};
use crate::data::versions::version;
use crate::data::{Dataset, Drawing, Group, OnBad};
use crate::printable::{printable, printable_path};
use crate::progress::note;
use crate::run::Origin;

/// Side at which drawings are kept, as a multiple of the image's, so that augmentation loses no detail.
pub fn canvas_side(config: &Config) -> usize {
    // The versions of a drawing take their memory, and what was prepared fills the canvas anyway.
    let scale = if config.augmentation.pictures.versions() > 1 { 2 } else { 3 };
    scale * config.model.image_side
}

/// What a run trains on and is validated on.
pub struct Drawings {
    /// Every version of each data set to train on: the alphabets of `data.path`, then `data.sets`. Groups that are too
    /// small for the recipe are left out.
    pub training: Vec<Vec<Dataset>>,
    /// Held-out alphabets, those without a choice left out.
    pub validation: Dataset,
    /// What tells them, and the configuration, from any other.
    pub origin: Origin,
}

impl Drawings {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// If the data can't be read, or leave nothing to train on, or what is held out nothing to choose
    /// among.
    pub fn load(config: &Config) -> Result<Self> {
        let path = config.data.path.as_deref().context("no training data: give --data PATH")?;
        let reading = Reading { config, side: canvas_side(config), version: 0, again: false };
        // Read twice, each time at the side at which one of the two parts is looked at.
        let data = reading.read(path)?;
        let extra = config.data.extra.as_deref().map(|extra| reading.read(extra)).transpose()?;
        let sets = config.data.sets.iter();
        let sets = sets.map(|set| reading.read_set(path, set)).collect::<Result<Vec<_>>>()?;
        let origin = Origin::new(config, &data, extra.as_ref(), &sets);
        let of_one_group = data.groups.len() == 1;
        let again = Reading { again: true, ..reading };
        let unchanged = Reading { side: config.model.image_side, ..again };
        let (_, validation) = split(unchanged.read(path)?, config)?;
        let validation = with_a_choice(validation, config, path, of_one_group)?;

        let mut training: Vec<_> = iter::once((data, extra))
            .chain(sets.into_iter().map(|set| (set, None)))
            .map(|set| vec![set])
            .collect();
        for version in 1..config.augmentation.pictures.versions() {
            note(format_args!("version {version} of the pictures"));
            let again = Reading { version, ..again };
            let extra = config.data.extra.as_deref().map(|extra| again.read(extra)).transpose()?;
            training[0].push((again.read(path)?, extra));
            for (versions, set) in training[1..].iter_mut().zip(&config.data.sets) {
                versions.push((again.read_set(path, set)?, None));
            }
        }
        let mut first = true;
        let training = training.into_iter().map(|versions| {
            let own = std::mem::replace(&mut first, false);
            let versions = versions.into_iter().enumerate().map(|(version, (data, extra))| {
                let mut data = if own { split(data, config)?.0 } else { data };
                data.groups.extend(extra.into_iter().flat_map(|extra| extra.groups));
                large_enough(data, config, version == 0)
            });
            versions.collect::<Result<Vec<_>>>()
        });
        Ok(Self { training: training.collect::<Result<_>>()?, validation, origin })
    }
}

/// How data are read.
#[derive(Clone, Copy)]
struct Reading<'c> {
    config: &'c Config,
    /// Side of the drawings.
    side: usize,
    /// Number of the version; 0 changes nothing.
    version: usize,
    /// What can't be read was named before.
    again: bool,
}

impl Reading<'_> {
    /// The drawings at a path, all of them of strokes.
    fn read(&self, path: &Path) -> Result<Dataset> {
        self.read_some(path, true, &[])
    }

    /// The drawings at a path without the files of some names.
    fn read_some(&self, path: &Path, strokes: bool, leave_out: &[String]) -> Result<Dataset> {
        let on_bad = match (self.config.data.strict, self.again) {
            (true, _) => OnBad::Stop,
            (false, true) => OnBad::SkipAgain,
            (false, false) => OnBad::Skip,
        };
        let preparation = self.config.model.preparation.runtime();
        let data = Dataset::load_with(path, on_bad, leave_out, |place, picture| {
            // A picture without a drawing has no versions: all versions of a data set have the same drawings.
            let prepare = |picture| Drawing::prepared(picture, &preparation, self.side);
            let unchanged = prepare(picture.clone())?;
            if self.version == 0 {
                return Ok(unchanged);
            }
            let mut changes = self.config.augmentation.pictures.clone();
            if !strokes {
                changes.pen.chance = 0.0;
            }
            let key = (self.version as u64) << 32 | place as u64;
            let changed = version(&picture, &changes, self.config.seed, key);
            // A change that leaves nothing to be seen is none.
            Ok(prepare(changed).unwrap_or(unchanged))
        })?;
        data.require_drawings(2)?;
        Ok(data)
    }

    /// A set beside the first data, at `first`.
    fn read_set(&self, first: &Path, set: &SetConfig) -> Result<Dataset> {
        let folder = first.parent().unwrap_or(Path::new(""));
        let mut data = self.read_some(&folder.join(&set.path), set.strokes, &set.leave_out)?;
        for group in &mut data.groups {
            let classes = group.classes.len();
            group.classes.truncate(classes - (classes as f64 * set.held_out).ceil() as usize);
        }
        if set.negatives == Negatives::Across {
            let name = data.name.clone();
            let classes = data.groups.into_iter().flat_map(|group| group.classes).collect();
            data.groups = vec![Group { name, classes }];
        }
        Ok(data)
    }
}

/// The groups with as many classes as a batch takes.
fn large_enough(mut data: Dataset, config: &Config, tell: bool) -> Result<Dataset> {
    let (least, remedy) = match config.training.recipe {
        Recipe::Episodes { way, .. } => (way, ": lower training.recipe.episodes.way"),
        Recipe::Pairs { .. } => (2, ""),
    };
    for small in data.groups.extract_if(.., |group| group.classes.len() < least) {
        if tell {
            note(format_args!(
                "left out, fewer than {least} characters: {}",
                printable(&small.name)
            ));
        }
    }
    ensure!(
        !data.groups.is_empty(),
        "{}: no alphabet to train on has the {least} characters that a batch takes{remedy}",
        printable(&data.name)
    );
    Ok(data)
}

/// What is held out, if there is a choice in it: between one character and none, anybody is right.
fn with_a_choice(
    mut held_out: Dataset,
    config: &Config,
    path: &Path,
    of_one_group: bool,
) -> Result<Dataset> {
    let count = config.data.validation_alphabets;
    let least = config.model.ways.unwrap_or(2);
    let has_choice = held_out.groups.iter().any(|group| group.classes.len() >= least);
    ensure!(
        count == 0 || has_choice || !of_one_group,
        "{}: {count} of its classes held out are too few to choose among: set data.validation_alphabets to {least} or more, or to 0 to train without validation",
        printable_path(path)
    );
    ensure!(
        count == 0 || has_choice,
        "{}: none of {count} held-out alphabets has {least} characters to choose among: raise data.validation_alphabets, or set it to 0 to train without validation",
        printable_path(path)
    );
    for small in held_out.groups.extract_if(.., |group| group.classes.len() < 2) {
        note(format_args!("not validated on, one character alone: {}", printable(&small.name)));
    }
    Ok(held_out)
}

fn split(data: Dataset, config: &Config) -> Result<(Dataset, Dataset)> {
    let split = data.split(config.data.validation_alphabets, config.data.split_seed);
    split.map_err(|error| anyhow!("{error}: lower data.validation_alphabets"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Class;
    use crate::data::synth::Synth;

    const PAIRS: &str = include_str!("../../../configs/omniglot-small.toml");
    const N_WAY: &str = include_str!("../../../configs/omniglot-nway.toml");

    /// What becomes of data with groups of so many classes, so many of which are held out.
    fn load(config: &str, classes: &[usize], held_out: usize, sets: &[&str]) -> Result<Drawings> {
        let folder = tempfile::tempdir().unwrap();
        let synth = Synth { alphabets: 1, characters: 8..=8, drawers: 2, side: 24, seed: 0 };
        let [all] = synth.dataset().groups.try_into().unwrap();
        for (k, &classes) in classes.iter().enumerate() {
            let mut group = Group { name: format!("group{k}"), ..all.clone() };
            group.classes.truncate(classes);
            group.save(folder.path()).unwrap();
        }
        let data = format!("data.path={:?}", folder.path().display().to_string());
        let held_out = format!("validation_alphabets={held_out}");
        let sets = [&[data.as_str(), &held_out], sets].concat();
        let sets: Vec<_> = sets.into_iter().map(str::to_owned).collect();
        Drawings::load(&Config::parse(config, &sets).unwrap())
    }

    fn pairs(classes: &[usize], held_out: usize) -> Result<Drawings> {
        load(PAIRS, classes, held_out, &["recipe={pairs={pairs=2}}"])
    }

    /// Classes of the groups that are trained on, and of those that are held out.
    fn counts(drawings: Result<Drawings>) -> [Vec<usize>; 2] {
        let Drawings { mut training, validation, .. } = drawings.unwrap();
        [training.remove(0).remove(0), validation]
            .map(|data| data.groups.iter().map(|group| group.classes.len()).collect())
    }

    fn error(drawings: Result<Drawings>) -> String {
        drawings.map(drop).unwrap_err().to_string()
    }

    #[test]
    fn classes_of_one_group_are_held_out_with_a_choice_among_them() {
        assert_eq!(counts(pairs(&[6], 2)), [vec![4], vec![2]]);
        let error = self::error(pairs(&[6], 1));
        assert!(error.contains("1 of its classes held out are too few"), "{error}");
        assert!(error.contains("set data.validation_alphabets to 2 or more, or to 0"), "{error}");
    }

    #[test]
    fn nothing_may_be_held_out() {
        assert_eq!(counts(pairs(&[6], 0)), [vec![6], vec![]]);
        assert_eq!(counts(pairs(&[6, 3], 0)), [vec![6, 3], vec![]]);
    }

    #[test]
    fn an_alphabet_of_one_character_is_not_validated_on() {
        let error = self::error(pairs(&[1, 1], 1));
        assert!(error.contains("none of 1 held-out alphabets has 2 characters"), "{error}");
        let config = Config::parse(PAIRS, &["validation_alphabets=2".to_owned()]).unwrap();
        let class = Class { name: "class".to_owned(), drawings: Vec::new() };
        let group = |n| Group { name: "group".to_owned(), classes: vec![class.clone(); n] };
        let held_out = Dataset { name: "data".to_owned(), groups: vec![group(1), group(3)] };
        let kept = with_a_choice(held_out, &config, Path::new("data"), false).unwrap();
        assert_eq!(kept.groups, [group(3)]);
    }

    #[test]
    fn a_network_of_n_ways_chooses_among_as_many() {
        let four = ["recipe={episodes={episodes=1,way=4}}", "ways=4"];
        let n_way = |classes: &[usize], held_out| load(N_WAY, classes, held_out, &four);
        assert_eq!(counts(n_way(&[8], 4)), [vec![4], vec![4]]);
        assert!(error(n_way(&[8], 3)).contains("set data.validation_alphabets to 4 or more"));
        assert!(error(n_way(&[3, 3, 3], 1)).contains("has 4 characters to choose among"));
    }
}
