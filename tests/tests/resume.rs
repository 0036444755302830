//! A run that was stopped and resumed equals the one that never stopped, bit for bit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use arc_trainer::config::{Config, Recipe};
use arc_trainer::data::synth::Synth;
use arc_trainer::run::{RunFolder, metrics};
use arc_trainer::train::{Outcome, Trainer};
use tch::{Device, Tensor};

const SIZES: [&str; 8] = [
    "hidden=16",
    "glimpses=2",
    "model.stem=[{channels=4,stride=2}]",
    "steps=12",
    "validate_every=5",
    "validation_episodes=2",
    "validation_alphabets=1",
    "training.recipe={episodes={episodes=2,way=4}}",
];

fn config(data: &Path, recipe: &str) -> Result<Config> {
    let sets: Vec<String> = SIZES.iter().chain([&recipe]).map(|s| (*s).to_owned()).collect();
    let mut config = Config::load(&arc_tests::project("configs/demo.toml"), &sets)?;
    config.data.path = Some(data.to_owned());
    Ok(config)
}

fn train(folder: &RunFolder, config: &Config, resume: bool) -> Result<Outcome> {
    Trainer::new(folder.clone(), config.clone(), Device::Cpu, resume)?.run(&AtomicBool::new(false))
}

#[test]
fn a_resumed_run_equals_the_unbroken_one() -> Result<()> {
    // Sums over threads have no fixed order.
    tch::set_num_threads(1);
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("glyphs");
    Synth { alphabets: 3, characters: 6..=8, drawers: 4, side: 40, seed: 1 }.write(&data, || ())?;
    for (name, recipe) in [
        ("episodes", "training.recipe={episodes={episodes=2,way=4}}"),
        ("pairs", "training.recipe={pairs={pairs=6}}"),
        ("average", "training.average=0.9"),
        ("elastic", "augmentation.elastic=0.03"),
        ("quantized", "training.quantized=true"),
    ] {
        let config = config(&data, recipe)?;
        let whole = RunFolder::new(&folder.path().join(name), false)?;
        assert_eq!(train(&whole, &config, false)?, Outcome::Finished);

        // Stopped as by Ctrl-C: a requested stop saves a checkpoint wherever it is. The schedule
        // knows all 12 steps; only the loop ends early.
        let broken = RunFolder::new(&folder.path().join(format!("{name}-broken")), false)?;
        let mut trainer = Trainer::new(broken.clone(), config.clone(), Device::Cpu, false)?;
        assert_eq!(trainer.run_until(7, &AtomicBool::new(false))?, Outcome::Interrupted);
        drop(trainer);
        assert_eq!(train(&broken, &config, true)?, Outcome::Finished);

        for file in [RunFolder::last, RunFolder::best] {
            let tensors = |run: &RunFolder| -> Result<BTreeMap<String, Tensor>> {
                Ok(Tensor::read_safetensors(file(run))?.into_iter().collect())
            };
            let (whole, broken) = (tensors(&whole)?, tensors(&broken)?);
            assert!(whole.keys().eq(broken.keys()));
            for (name, tensor) in &whole {
                assert!(tensor.equal(&broken[name]), "{name} differs");
            }
        }
        let steps = |run: &RunFolder| -> Result<Vec<u64>> {
            Ok(metrics::read(&run.metrics())?.iter().map(|l| l.step()).collect())
        };
        assert_eq!(steps(&whole)?, steps(&broken)?);
    }
    Ok(())
}

#[test]
fn a_run_from_another_ones_weights_changes_the_chosen_parts_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("glyphs");
    Synth { alphabets: 3, characters: 6..=8, drawers: 4, side: 40, seed: 1 }.write(&data, || ())?;
    let mut config = config(&data, "steps=3")?;
    let first = RunFolder::new(&folder.path().join("first"), false)?;
    train(&first, &config, false)?;

    config.model.context = Some(6);
    config.training.start = Some(first.path().to_owned());
    config.training.only = vec!["context".to_owned(), "head.logit".to_owned()];
    let second = RunFolder::new(&folder.path().join("second"), false)?;
    train(&second, &config, false)?;
    let before: BTreeMap<_, _> = Tensor::read_safetensors(first.best())?.into_iter().collect();
    let after: BTreeMap<_, _> = Tensor::read_safetensors(second.best())?.into_iter().collect();
    for (name, tensor) in &before {
        assert_eq!(tensor.equal(&after[name]), !name.starts_with("head.logit"), "{name}");
    }
    let new = after.keys().filter(|name| !before.contains_key(*name));
    assert_eq!(new.filter(|name| name.starts_with("context.")).count(), after.len() - before.len());

    config.training.only = vec!["contest".to_owned()];
    let third = RunFolder::new(&folder.path().join("third"), false)?;
    let error = format!("{:#}", train(&third, &config, false).unwrap_err());
    assert!(error.contains("contest"), "{error}");
    std::fs::write(first.best(), b"not a checkpoint")?;
    let error = format!("{:#}", train(&third, &config, false).unwrap_err());
    assert!(error.contains("best.safetensors"), "{error}");
    assert!(!third.path().exists());
    Ok(())
}

#[test]
fn a_checkpoint_of_another_network_is_refused_by_name() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("glyphs");
    Synth { alphabets: 2, characters: 4..=4, drawers: 3, side: 40, seed: 1 }.write(&data, || ())?;
    let mut config = config(&data, "steps=1")?;
    let run = RunFolder::new(&folder.path().join("run"), false)?;
    train(&run, &config, false)?;
    config.model.hidden = 20;
    let error = format!("{:#}", train(&run, &config, true).unwrap_err());
    assert!(error.contains("model.hidden was 16 and is now 20"), "{error}");
    // A checkpoint that says it is of this network, and is not.
    let bytes = std::fs::read(run.last())?;
    let end = 8 + u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header =
        std::str::from_utf8(&bytes[8..end])?.replace("\"shape\":[3,16]", "\"shape\":[4,12]");
    std::fs::write(run.last(), [&bytes[..8], header.as_bytes(), &bytes[end..]].concat())?;
    config.model.hidden = 16;
    let error = format!("{:#}", train(&run, &config, true).unwrap_err());
    assert!(error.contains("last.safetensors") && error.contains("attention.weight"), "{error}");
    std::fs::write(run.last(), b"not a checkpoint")?;
    let error = format!("{:#}", train(&run, &config, true).unwrap_err());
    assert!(error.contains("last.safetensors"), "{error}");
    Ok(())
}

#[test]
fn a_start_that_fails_leaves_the_earlier_run_as_it_was() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("glyphs");
    Synth { alphabets: 2, characters: 4..=4, drawers: 3, side: 40, seed: 1 }.write(&data, || ())?;
    let mut config = config(&data, "steps=1")?;
    let path = folder.path().join("run");
    let run = RunFolder::new(&path, false)?;
    train(&run, &config, false)?;
    let files = || [run.config_file(), run.last(), run.best(), run.metrics()].map(std::fs::read);
    let before = files().map(Result::unwrap);
    assert!(RunFolder::new(&path, false).is_err());

    config.training.recipe = Recipe::Episodes { episodes: 1, way: 5 };
    let again = RunFolder::new(&path, true)?;
    let error = format!("{:#}", train(&again, &config, false).unwrap_err());
    assert!(error.contains("lower training.recipe.episodes.way"), "{error}");
    config.data.path = Some(folder.path().join("nowhere"));
    let error = format!("{:#}", train(&again, &config, false).unwrap_err());
    assert!(error.contains("nowhere"), "{error}");
    assert_eq!(files().map(Result::unwrap), before);
    Ok(())
}
