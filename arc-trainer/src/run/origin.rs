//! What a run was begun with. A resumed run that changed it would be another run: letters that it
//! was trained on would count as held out, or its best accuracy as measured on other letters.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::data::Dataset;

/// What a resumed run may change in its configuration; all else stays as the run was begun.
///
/// Paths may change, too: they differ between machines, and digests identify the data that lie
/// there. Device and threads are no part of the configuration, though other ones may
/// round sums otherwise.
const MAY_CHANGE: [&str; 7] = [
    // A name is no part of the training.
    "name",
    // The digest tells of any picture that was left out.
    "data.strict",
    // To train longer, or not as long.
    "training.steps",
    // The pace from here on; after a divergence it has to be lowered.
    "training.learning_rate",
    "training.warmup",
    "training.final_rate",
    // How often there is a checkpoint.
    "training.validate_every",
];

/// The data and the configuration that a run was begun with; kept in its checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The resolved configuration as TOML, without its paths.
    config: String,
    /// [`Dataset::digest`] of the drawings at `data.path`.
    data: String,
    /// The same for `data.extra`.
    extra: Option<String>,
    /// The same for each of `data.sets`.
    #[serde(default)]
    sets: Vec<String>,
}

impl Origin {
    /// Of a run that is begun or resumed with these.
    pub fn new(config: &Config, data: &Dataset, extra: Option<&Dataset>, sets: &[Dataset]) -> Self {
        let mut config = config.clone();
        (config.data.path, config.data.extra, config.training.start) = (None, None, None);
        // Of a set's path, its name has a meaning.
        for set in &mut config.data.sets {
            set.path = set.path.file_name().map(Into::into).unwrap_or_default();
        }
        Self {
            config: config.to_toml(),
            data: data.digest(),
            extra: extra.map(Dataset::digest),
            sets: sets.iter().map(Dataset::digest).collect(),
        }
    }

    /// That a run begun with `begun` may go on with this.
    ///
    /// # Errors
    /// Names everything that differs and may not, as it was and as it is.
    pub fn continues(&self, begun: &Self) -> Result<()> {
        let was = begun.values().context("what the run was begun with can't be read")?;
        let is = self.values()?;
        let mut keys: Vec<_> = was.keys().chain(is.keys()).collect();
        keys.sort();
        keys.dedup();
        let value = |values: &BTreeMap<String, String>, key| {
            values.get(key).cloned().unwrap_or_else(|| "none".to_owned())
        };
        let differences: Vec<_> = keys
            .into_iter()
            .filter(|key| !MAY_CHANGE.contains(&key.as_str()))
            .map(|key| (key, value(&was, key), value(&is, key)))
            .filter(|(_, was, is)| was != is)
            .map(|(key, was, is)| format!("{key} was {was} and is now {is}"))
            .collect();
        ensure!(differences.is_empty(), "{}", differences.join("; "));
        Ok(())
    }

    /// Every value by its dotted key. The text is read as a configuration first: a key that it is
    /// too old to have gets its default.
    fn values(&self) -> Result<BTreeMap<String, String>> {
        let config = Config::parse(&self.config, &[])?;
        let mut values = BTreeMap::new();
        flatten("", toml::Value::try_from(&config)?, &mut values);
        let data = "the digest of the drawings at data.path";
        values.insert(data.to_owned(), self.data.clone());
        if let Some(extra) = &self.extra {
            let data = "the digest of the drawings at data.extra";
            values.insert(data.to_owned(), extra.clone());
        }
        for (k, set) in self.sets.iter().enumerate() {
            values.insert(
                format!("the digest of the drawings of data.sets number {}", k + 1),
                set.clone(),
            );
        }
        Ok(values)
    }
}

fn flatten(key: &str, value: toml::Value, into: &mut BTreeMap<String, String>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(&key, value, into);
            }
        }
        value => {
            into.insert(key.to_owned(), value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synth::Synth;

    const SMALL: &str = include_str!("../../../configs/omniglot-small.toml");

    fn glyphs(seed: u64) -> Dataset {
        Synth { alphabets: 1, characters: 2..=2, drawers: 2, side: 8, seed }.dataset()
    }

    fn origin(set: &str, seed: u64, extra: Option<u64>) -> Origin {
        let sets: Vec<String> = set.split_whitespace().map(str::to_owned).collect();
        let config = Config::parse(SMALL, &sets).unwrap();
        Origin::new(&config, &glyphs(seed), extra.map(glyphs).as_ref(), &[])
    }

    fn refusal(was: &Origin, is: &Origin) -> Option<String> {
        is.continues(was).err().map(|error| error.to_string())
    }

    #[test]
    fn what_may_not_change_is_refused_by_name_with_both_values() {
        let begun = origin("", 1, None);
        for (set, said) in [
            ("seed=2", "seed was 1 and is now 2"),
            ("validation_alphabets=5", "data.validation_alphabets was 4 and is now 5"),
            ("split_seed=3", "data.split_seed was 0 and is now 3"),
            ("image_side=30", "model.image_side was 32 and is now 30"),
            ("glimpses=4", "model.glimpses was 8 and is now 4"),
            ("model.context=6", "model.context was none and is now 6"),
            ("validation_episodes=9", "training.validation_episodes was 40 and is now 9"),
            ("training.average=0.5", "training.average was 0.0 and is now 0.5"),
            ("elastic=0.1", "augmentation.elastic was 0.0 and is now 0.1"),
            ("training.recipe.episodes.way=7", "training.recipe.episodes.way was 8 and is now 7"),
        ] {
            assert_eq!(refusal(&begun, &origin(set, 1, None)).as_deref(), Some(said));
        }
        let two = refusal(&begun, &origin("seed=2 glimpses=4", 1, None)).unwrap();
        assert_eq!(two, "model.glimpses was 8 and is now 4; seed was 1 and is now 2");
    }

    #[test]
    fn other_drawings_are_refused() {
        let begun = origin("", 1, None);
        let (was, is) = (glyphs(1).digest(), glyphs(2).digest());
        assert_eq!(
            refusal(&begun, &origin("", 2, None)).unwrap(),
            format!("the digest of the drawings at data.path was {was} and is now {is}")
        );
        assert_eq!(
            refusal(&begun, &origin("", 1, Some(2))).unwrap(),
            format!("the digest of the drawings at data.extra was none and is now {is}")
        );
    }

    #[test]
    fn length_pace_names_and_places_may_change() {
        let begun = origin("data.path=here.zip data.extra=more training.start=first", 1, None);
        let set = "steps=9 learning_rate=1e-5 warmup=1 final_rate=0.5 validate_every=7 name=mine \
                   data.path=elsewhere.zip";
        assert_eq!(refusal(&begun, &origin(set, 1, None)), None);
        assert!(!begun.config.contains("here.zip"), "a checkpoint shows no paths");
    }

    #[test]
    fn a_key_that_an_older_run_does_not_have_is_at_its_default() {
        let mut begun = origin("", 1, None);
        assert!(begun.config.contains("average = 0.0"));
        begun.config = begun.config.replace("average = 0.0\n", "");
        assert_eq!(refusal(&begun, &origin("", 1, None)), None);
        assert!(refusal(&begun, &origin("training.average=0.5", 1, None)).is_some());
    }
}
