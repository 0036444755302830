//! Every set of kernels that this machine can run: the golden numbers, and the same scores as the
//! definition gives to thousands of random images.

use std::io::{Write, stderr};

use arc_golden::{GALLERIES, GOLDEN, identify_packed, reproduce_packed, suite};
use arc_runtime::kernels::{Host, Scalar};
use arc_runtime::layers::Line;
use arc_runtime::{Comparator, Model};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Memory for the packed weights of any of the models.
const LINES: usize = 4096;

/// Random pairs of each model, in all more than 10,000.
const PAIRS: usize = 3500;

#[test]
fn every_set_of_kernels_reproduces_the_golden_numbers() {
    let mut lines = vec![Line::ZERO; LINES];
    for kernels in Host::available() {
        for golden in &GOLDEN {
            let same = reproduce_packed(golden, kernels, &mut lines);
            assert!(same.is_ok_and(|same| same.pairs > 0), "{} {same:?}", kernels.name());
        }
        for golden in &GALLERIES {
            let same = identify_packed(golden, kernels, &mut lines);
            assert!(same.is_ok_and(|same| same.probes > 0), "{} {same:?}", kernels.name());
        }
        suite::run(kernels).unwrap();
    }
}

#[test]
fn sets_that_this_processor_lacks_are_named() {
    let tested: Vec<_> = Host::available().map(|kernels| kernels.name()).collect();
    let (found, lacking): (Vec<_>, Vec<_>) =
        Host::NAMES.iter().copied().partition(|name| tested.contains(name));
    assert_eq!(found, tested);
    // Past the harness, which swallows what a test prints unless it fails.
    let mut terminal = stderr();
    writeln!(terminal, "kernels tested: {}", found.join(", ")).unwrap();
    for name in lacking {
        writeln!(terminal, "SKIPPED kernels {name}: not on this processor").unwrap();
    }
}

#[test]
fn every_set_of_kernels_scores_random_images_as_the_definition_does() {
    let mut rng = SmallRng::seed_from_u64(1);
    for golden in &GOLDEN {
        let model = Model::load(golden.model).unwrap();
        let mut lines = vec![Line::ZERO; model.packed_lines()];
        let packed = model.pack(&mut lines).unwrap();
        let sizes = model.dimensions();
        let mut features = |ink: f64| -> Vec<i8> {
            let one = |_| if rng.random_bool(ink) { rng.random_range(0..=127) } else { 0 };
            (0..sizes.feature_bytes()).map(one).collect()
        };
        let images: Vec<_> =
            (0..2 * PAIRS).map(|k| features(k as f64 / PAIRS as f64 / 2.0)).collect();
        let pairs = || (0..PAIRS).map(|k| (&images[k][..], &images[2 * PAIRS - 1 - k][..]));
        let words = || vec![0; sizes.batch_words(7)];
        let mut expected = Vec::new();
        let mut scalar = Comparator::with_kernels(&model, words(), Scalar).unwrap();
        scalar.compare_batch(pairs(), |score| expected.push(score)).unwrap();
        for kernels in Host::available() {
            let mut found = Vec::new();
            let mut comparator = Comparator::with_kernels(&packed, words(), kernels).unwrap();
            comparator.compare_batch(pairs(), |score| found.push(score)).unwrap();
            assert_eq!(found, expected, "{} {}", golden.name, kernels.name());
        }
        assert!(expected.iter().any(|score| score.logit != expected[0].logit));
    }
}
