//! From a run's folder to model files, and what the integer model has kept of the float one.

mod common;

use arc_runtime::{Comparator, Image, LoadError, Model};
use arc_trainer::config::Config;
use arc_trainer::data::Dataset;
use arc_trainer::eval::{self, Answer, Backend, IntegerBackend, Packing};
use arc_trainer::export::{self, FALSE_ACCEPT};
use arc_trainer::float::{FloatFile, FloatModel, Run};
use arc_trainer::model_file::{AnyModel, ModelFile};
use common::{CONFIG, random_run, strokes, with_context, with_ways, write_pngs};

/// A run on a folder of drawings; the folder lives as long as the first part.
fn run(config: &str) -> (tempfile::TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("strokes");
    write_pngs(&strokes(&[6, 8], 4), &data);
    let run = Run::load(&random_run(folder.path(), config, &data)).unwrap();
    (folder, run)
}

#[test]
fn the_integer_file_loads_and_names_its_origin() {
    let (_folder, run) = run(CONFIG);
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let model = Model::load(&bytes).unwrap();
    let d = model.dimensions();
    assert_eq!((d.image_side, d.feature_side, d.channels), (16, 8, 8));
    assert_eq!((d.glimpse_side, d.glimpses_per_image, d.hidden, d.head_hidden), (3, 3, 24, 12));
    let p = model.provenance();
    assert_eq!((p.profile, p.trained_on, p.seed, p.steps), ("tiny", "strokes", 5, 7));
    assert!(p.config.contains("path = \"strokes\""), "no folder of this machine: {}", p.config);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let (_folder, run) = run(CONFIG);
    assert_eq!(
        export::integer(&run, None, FALSE_ACCEPT).unwrap(),
        export::integer(&run, None, FALSE_ACCEPT).unwrap()
    );
}

#[test]
fn the_threshold_keeps_the_stated_share_of_the_held_out_pairs() {
    let (folder, run) = run(CONFIG);
    let drawings = Dataset::load(&folder.path().join("strokes"), 32).unwrap();
    let (_, held_out) = drawings.split(1, run.config.data.split_seed).unwrap();
    let plan = eval::verify(&held_out, 4000, run.config.seed).unwrap();
    for share in [0.01, 0.2] {
        let bytes = export::integer(&run, None, share).unwrap();
        let mut packing = Packing::default();
        let model = Model::load(&bytes).unwrap();
        let backend = IntegerBackend::new(&model, &mut packing).unwrap();
        let logits = eval::run(&backend, &plan);
        let accepted = |from: f64| {
            let pairs = plan.trials.iter().zip(&logits);
            let different = pairs.filter(|(trial, _)| trial.answer == Answer::Same(false));
            different.filter(|(_, logits)| logits[0] >= from).count() as f64 / 2000.0
        };
        let threshold = backend.threshold();
        assert!(accepted(threshold) <= share, "{}", accepted(threshold));
        assert!(accepted(threshold - 1.0 / 65536.0) > share, "a lower one would do too");
    }
}

#[test]
fn without_held_out_drawings_there_is_no_threshold() {
    let (folder, run) = run(CONFIG);
    let calibration = |bytes: &[u8]| Model::load(bytes).unwrap().calibration().copied();
    assert!(calibration(&export::integer(&run, None, FALSE_ACCEPT).unwrap()).is_some());
    let others = folder.path().join("others");
    write_pngs(&strokes(&[6, 8], 4), &others);
    let bytes = export::integer(&run, Some(&others), FALSE_ACCEPT).unwrap();
    assert_eq!(calibration(&bytes), None, "of other data than the run's, nothing was held out");
    let (_folder, run) =
        self::run(&CONFIG.replace("validation_alphabets = 1", "validation_alphabets = 0"));
    assert_eq!(calibration(&export::integer(&run, None, FALSE_ACCEPT).unwrap()), None);
}

#[test]
fn the_float_file_comes_back_whole() {
    for config in [CONFIG.to_owned(), with_context(), with_ways(5)] {
        let (_folder, run) = run(&config);
        let bytes = export::float(&run).unwrap();
        let file = FloatFile::from_bytes(&bytes).unwrap();
        assert_eq!(file.model, run.model);
        assert_eq!(file.provenance.steps, 7);
        assert_eq!(Model::load(&bytes).unwrap_err(), LoadError::FloatReference);
    }
}

#[test]
fn damaged_float_files_are_refused() {
    let (_folder, run) = run(CONFIG);
    let good = export::float(&run).unwrap();
    for length in [0, 10, 24, good.len() / 2, good.len() - 1] {
        assert!(FloatFile::from_bytes(&good[..length]).is_err(), "cut to {length}");
    }
    for at in (0..good.len()).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        assert!(FloatFile::from_bytes(&bad).is_err(), "byte {at} changed");
    }
    let integer = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    assert!(FloatFile::from_bytes(&integer).is_err());
}

/// Float and integer logits of all pairs that `verify` draws.
fn both(config: &str) -> Vec<(f64, f64)> {
    let (_folder, run) = run(config);
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let model = Model::load(&bytes).unwrap();
    let drawings = strokes(&[6, 8], 4);
    let plan = eval::verify(&drawings, 300, 3).unwrap();
    let float = eval::run(&run.model, &plan);
    let integer = eval::run(&IntegerBackend::new(&model, &mut Packing::default()).unwrap(), &plan);
    float.iter().zip(integer).map(|(f, i)| (f[0], i[0])).collect()
}

/// Float and integer scores of all supports of 5-way trials.
fn both_one_shot(config: &str) -> Vec<(f64, f64)> {
    let (_folder, run) = run(config);
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let model = Model::load(&bytes).unwrap();
    let drawings = strokes(&[6, 8], 4);
    let plan = eval::within(&drawings, 5, 20, 3).unwrap();
    let float = eval::run(&run.model, &plan);
    let integer = eval::run(&IntegerBackend::new(&model, &mut Packing::default()).unwrap(), &plan);
    float.concat().into_iter().zip(integer.concat()).collect()
}

/// Correlation of the pairs, and the root mean square of their difference over the
/// standard deviation of the first.
fn agreement(pairs: &[(f64, f64)]) -> (f64, f64) {
    let n = pairs.len() as f64;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (a, b) = (mean(&|p| p.0), mean(&|p| p.1));
    let (va, vb) = (mean(&|p| (p.0 - a).powi(2)), mean(&|p| (p.1 - b).powi(2)));
    let covariance = mean(&|p| (p.0 - a) * (p.1 - b));
    let error = mean(&|p| (p.0 - p.1).powi(2)).sqrt();
    (covariance / (va * vb).sqrt(), error / va.sqrt())
}

#[test]
fn integer_scores_follow_float_scores() {
    for config in [CONFIG.to_owned(), without_stem(), residual()] {
        let (correlation, error) = agreement(&both(&config));
        // Random weights say little about a pair, so that rounding matters much.
        assert!(correlation > 0.97 && error < 0.25, "{correlation} {error}");
    }
}

#[test]
fn integer_scores_follow_float_scores_in_context_and_n_way() {
    for config in [with_context(), with_ways(5)] {
        let (correlation, error) = agreement(&both_one_shot(&config));
        println!("correlation {correlation:.4}, error {error:.4}");
        assert!(correlation > 0.97 && error < 0.25, "{correlation} {error}");
    }
}

#[test]
fn a_context_ranks_and_leaves_the_pairs_alone() {
    let (_folder, run) = run(&with_context());
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let model = Model::load(&bytes).unwrap();
    assert_eq!((model.dimensions().context_units, model.dimensions().ways), (10, 0));
    let mut packing = Packing::default();
    let backend = IntegerBackend::new(&model, &mut packing).unwrap();
    let drawings = strokes(&[6], 2);
    let worker = &mut backend.worker(11);
    let features: Vec<_> =
        drawings.drawings().map(|drawing| backend.features(worker, drawing)).collect();
    let supports: Vec<_> = features[1..].iter().collect();
    for rating in backend.rate(worker, &features[0], &supports) {
        assert_ne!(rating.pair, Some(rating.score));
    }
    let pairs = backend.rate(worker, &features[0], &supports).into_iter().map(|rating| rating.pair);
    let alone = supports.iter().map(|support| Some(backend.logit(worker, &features[0], support)));
    assert!(pairs.eq(alone));
    // Any number of supports can be ranked, also one that it was not trained on.
    for count in [1, 3, 11] {
        assert_eq!(backend.rate(worker, &features[0], &supports[..count]).len(), count);
    }
}

#[test]
fn an_n_way_model_names_what_it_can_not_answer() {
    let (_folder, run) = run(&with_ways(5));
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let model = Model::load(&bytes).unwrap();
    assert_eq!((model.dimensions().head_hidden, model.dimensions().ways), (0, 5));
    let drawings = strokes(&[6, 8], 4);
    let mut packing = Packing::default();
    let backend = IntegerBackend::new(&model, &mut packing).unwrap();
    backend.check(&eval::within(&drawings, 5, 1, 0).unwrap()).unwrap();
    let refused = |plan| format!("{:#}", backend.check(&plan).unwrap_err());
    assert!(refused(eval::within(&drawings, 4, 1, 0).unwrap()).contains("--way 5"));
    assert!(refused(eval::verify(&drawings, 4, 0).unwrap()).contains("trained on pairs"));
}

/// The network with residual blocks: with a projection, and without.
fn residual() -> String {
    CONFIG.replace(
        "{ channels = 8, stride = 2 }",
        "{ residual = 8, stride = 2 }, { residual = 8, stride = 1 }",
    )
}

/// The network on raw pixels.
fn without_stem() -> String {
    CONFIG.lines().filter(|line| !line.starts_with("stem")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_backend_is_the_runtime_s_comparator() {
    let (_folder, run) = run(CONFIG);
    let bytes = export::integer(&run, None, FALSE_ACCEPT).unwrap();
    let file = ModelFile { name: "tiny.arc".to_owned(), bytes };
    let AnyModel::Integer(model) = file.open().unwrap() else {
        panic!("an integer model");
    };
    let drawings = strokes(&[4], 2);
    let images: Vec<_> = drawings.drawings().take(2).map(|d| d.at_side(16)).collect();
    let mut packing = Packing::default();
    let backend = IntegerBackend::new(&model, &mut packing).unwrap();
    let worker = &mut backend.worker(1);
    let features = [0, 1].map(|k| backend.extract(worker, &images[k]));
    let logit = backend.logit(worker, &features[0], &features[1]);
    let image = |k: usize| Image::new(16, &images[k]).unwrap();
    let mut comparator = Comparator::new(&model, [0; 4096]).unwrap();
    let score = comparator.compare(&image(0), &image(1)).unwrap();
    assert_eq!(logit * 65536.0, f64::from(score.logit));
    assert_eq!(backend.probability(logit) * 32768.0, f64::from(model.probability(score)));
}

#[test]
fn what_does_not_fit_is_named() {
    let (folder, _) = run(CONFIG);
    let path = folder.path().join("run");
    let text = std::fs::read_to_string(path.join("config.toml")).unwrap();
    let message = |path: &std::path::Path| format!("{:#}", Run::load(path).unwrap_err());

    let other = text.replace("hidden = 24", "hidden = 25");
    std::fs::write(path.join("config.toml"), other).unwrap();
    let found = message(&path);
    assert!(found.contains("best.safetensors") && found.contains("lstm.weight_x"), "{found}");

    std::fs::write(path.join("config.toml"), text).unwrap();
    std::fs::write(path.join("best.safetensors"), b"not a checkpoint").unwrap();
    assert!(message(&path).contains("best.safetensors"));
    std::fs::remove_file(path.join("best.safetensors")).unwrap();
    assert!(message(&path).contains("best.safetensors"));
    assert!(message(folder.path()).contains("not the folder of a training run"));
}

#[test]
fn sizes_beyond_the_runtime_s_are_known_before_training() {
    let config = |set: &str| {
        let sets = [set.to_owned()];
        Config::parse(include_str!("../../configs/omniglot-small.toml"), &sets).unwrap().model
    };
    export::check_sizes(&config("seed=1")).unwrap();
    for (set, named) in [
        ("image_side=200", "side"),
        ("glimpses=100", "glimpses"),
        ("hidden=2000", "controller"),
        ("head=600", "head"),
        ("model.stem=[{residual=240,stride=2}]", "second convolution of block 0"),
    ] {
        let error = format!("{:#}", export::check_sizes(&config(set)).unwrap_err());
        assert!(error.contains(named), "{set}: {error}");
    }
}

#[test]
fn every_configuration_of_the_project_fits_the_runtime() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../configs");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    for file in &files {
        let config = Config::load(file, &[]).unwrap();
        assert_eq!(file.file_stem().unwrap().to_str(), Some(config.name.as_str()));
        export::check_sizes(&config.model).unwrap();
    }
    assert!(files.len() >= 6, "only {files:?}");
}

#[test]
fn the_paper_s_wide_network_has_the_sizes_that_it_states() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../configs/paper-convarc.toml");
    let sizes = Config::load(std::path::Path::new(file), &[]).unwrap().model;
    let network = FloatModel::zeros(&sizes);
    // Depth 4d + 7 with d = 4, the projections counted; features of 64 x 16 x 16.
    assert_eq!(network.convolutions().count(), 4 * 4 + 7);
    assert_eq!(network.feature_shape(), (16, 64));
}
