//! Whole comparisons: every way to the same score, and images that do not suit.

use crate::common::{CONVOLUTIONAL, FULL, ODD, RAW, RESIDUAL, Recipe, WORDS};
use arc_runtime::format::body::{Body, Calibration};
use arc_runtime::{
    Comparator, ComparatorError, EnrollError, ExtractError, FeatureError, Gallery, Image,
    ImageError, Model, Ranking, Role, Score, workspace_words,
};

fn score(recipe: &Recipe, probe: &[i8], support: &[i8]) -> Score {
    let file = recipe.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    comparator.compare(&recipe.image(probe), &recipe.image(support)).unwrap()
}

#[test]
fn a_score_depends_on_both_images_and_not_on_what_was_compared_before() {
    for recipe in [RAW, CONVOLUTIONAL, RESIDUAL, ODD, FULL] {
        let (a, b, c) = (recipe.pixels(1), recipe.pixels(2), recipe.pixels(3));
        let fresh = score(&recipe, &a, &b);
        assert_ne!(fresh, score(&recipe, &a, &c));
        assert_ne!(fresh, score(&recipe, &c, &b));

        let file = recipe.file();
        let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
        let (a, b, c) = (recipe.image(&a), recipe.image(&b), recipe.image(&c));
        comparator.compare(&c, &a).unwrap();
        assert_eq!(comparator.compare(&a, &b).unwrap(), fresh);
    }
}

#[test]
fn features_give_the_score_of_their_images() {
    for recipe in [RAW, CONVOLUTIONAL, RESIDUAL, ODD, FULL] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
        let (a, b) = (recipe.pixels(1), recipe.pixels(2));
        let (a, b) = (recipe.image(&a), recipe.image(&b));
        let length = model.dimensions().feature_bytes();
        let (mut of_a, mut of_b) = (vec![0; length], vec![0; length]);
        comparator.extract(&a, &mut of_a).unwrap();
        comparator.extract(&b, &mut of_b).unwrap();
        let expected = comparator.compare(&a, &b).unwrap();
        assert_eq!(comparator.compare_features(&of_a, &of_b), Ok(expected));
    }
}

#[test]
fn a_workspace_as_long_as_declared_is_enough_and_one_word_less_is_not() {
    const EXACT: usize = workspace_words(include_bytes!("../data/tiny.arc"));
    let file = include_bytes!("../data/tiny.arc");
    let model = Model::load(file).unwrap();
    let mut comparator = Comparator::new(&model, [0; EXACT]).unwrap();
    let (a, b) = (CONVOLUTIONAL.pixels(1), CONVOLUTIONAL.pixels(2));
    let (probe, support) = (CONVOLUTIONAL.image(&a), CONVOLUTIONAL.image(&b));
    let exact = comparator.compare(&probe, &support).unwrap();
    assert_eq!(exact, score(&CONVOLUTIONAL, &a, &b));

    let error = Comparator::new(&model, [0; EXACT - 1]).unwrap_err();
    let (needed, given) = (EXACT, EXACT - 1);
    assert_eq!(error, ComparatorError::Workspace { needed, given });
}

#[test]
fn a_trace_shows_both_images_in_turn_and_changes_nothing() {
    for recipe in [RAW, CONVOLUTIONAL] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
        let (a, b) = (recipe.pixels(1), recipe.pixels(2));
        let (a, b) = (recipe.image(&a), recipe.image(&b));
        let mut steps = Vec::new();
        let traced = comparator.compare_traced(&a, &b, |step| {
            assert_eq!(step.glimpse.len(), model.dimensions().glimpse_len());
            assert_eq!((step.cell.len(), step.state.len()), (recipe.hidden, recipe.hidden));
            steps.push((step.index, step.role, step.gaze));
        });
        assert_eq!(traced, comparator.compare(&a, &b));
        assert_eq!(steps.len(), 2 * recipe.per_image);
        for (index, (step, role, _)) in steps.iter().enumerate() {
            let expected = if index % 2 == 0 { Role::Probe } else { Role::Support };
            assert_eq!((*step, *role), (index, expected));
        }
        assert!(steps.iter().any(|(.., gaze)| *gaze != steps[0].2), "the gaze moves");
    }
}

#[test]
fn fewer_glimpses_are_the_first_of_them() {
    let file = RAW.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let (a, b) = (RAW.pixels(1), RAW.pixels(2));
    let (a, b) = (RAW.image(&a), RAW.image(&b));
    let mut gazes = |per_image| {
        let mut gazes = Vec::new();
        comparator.limit_glimpses(per_image);
        comparator.compare_traced(&a, &b, |step| gazes.push(step.gaze)).unwrap();
        gazes
    };
    let all = gazes(RAW.per_image);
    assert_eq!(gazes(2), all[..4]);
    assert_eq!(gazes(0), all[..2], "1 at least");
    assert_eq!(gazes(99), all, "the model's number at most");
}

/// A model's probability and decision for a logit.
fn verdict(calibration: Option<Calibration>, logit: i32) -> (i16, bool) {
    RAW.with_body(|body| {
        let model = Model::from_body(&Body { calibration, ..body.clone() }).unwrap();
        let score = Score { logit };
        (model.probability(score), model.accepts(score))
    })
}

#[test]
fn without_a_calibration_even_odds_decide() {
    assert_eq!(verdict(None, 0), (16_384, true));
    assert!(!verdict(None, -1).1);
    assert_eq!(verdict(None, 1 << 30), (32_756, true));
    assert_eq!(verdict(None, -(1 << 30)), (11, false));
    // sigmoid(1) = 0.731058...
    assert_eq!(verdict(None, 1 << 16).0, 23_955);
}

#[test]
fn a_calibration_scales_the_logit_and_sets_the_threshold() {
    let of = |gain, threshold| Some(Calibration { gain, threshold, false_accept_ppm: 10_000 });
    for logit in [-200_000, -65_536, -1, 0, 1, 4095, 65_536, 100_000] {
        // Twice the gain is twice the logit, to the bit, and a gain of one is none at all.
        let probability = |gain| verdict(of(gain, 0), logit).0;
        assert_eq!(probability(1 << 17), verdict(None, 2 * logit).0, "{logit}");
        assert_eq!(probability(1 << 16), verdict(None, logit).0, "{logit}");
        assert_eq!(probability(1 << 15), verdict(None, logit >> 1).0, "{logit}");
    }
    // The ends of what a file may say, at the ends of what a head gives.
    let end = 1 << 30;
    for (gain, logit, probability) in [
        (1 << 22, end, 32_756),
        (1 << 22, -end, 11),
        (1 << 10, end, 32_756),
        (1 << 10, -end, 11),
        (1 << 22, 0, 16_384),
    ] {
        assert_eq!(verdict(of(gain, 0), logit).0, probability, "{gain} {logit}");
    }
    for threshold in [-end, -70_000, 0, 70_000, end] {
        assert!(verdict(of(1 << 16, threshold), threshold).1);
        assert!(!verdict(of(1 << 16, threshold), threshold - 1).1);
    }
}

#[test]
fn images_and_features_that_do_not_suit_are_refused() {
    let file = CONVOLUTIONAL.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let (small, right) = ([0; 64], CONVOLUTIONAL.pixels(1));
    let (small, right) = (Image::new(8, &small).unwrap(), CONVOLUTIONAL.image(&right));
    let side = ImageError::Side { needed: 13, given: 8 };
    assert_eq!(comparator.compare(&small, &right), Err(side.into()));
    assert_eq!(comparator.compare(&right, &small), Err(side.into()));
    let mut features = [0; 10];
    let length = FeatureError::Length { needed: 7 * 7 * 4, given: 10 };
    assert_eq!(comparator.extract(&small, &mut features), Err(ExtractError::Image(side)));
    let refused = comparator.extract(&right, &mut features);
    assert_eq!(refused, Err(ExtractError::Features(length)));
    assert_eq!(comparator.compare_features(&features, &features), Err(length.into()));
}

const FEATURES: usize = arc_runtime::feature_bytes(include_bytes!("../data/tiny.arc"));

#[test]
fn a_gallery_ranks_by_the_scores_of_the_pairs() {
    let file = CONVOLUTIONAL.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let supports: Vec<_> = (10..18).map(|seed| CONVOLUTIONAL.pixels(seed)).collect();
    let probe = CONVOLUTIONAL.pixels(1);
    let probe = CONVOLUTIONAL.image(&probe);
    let mut gallery = Gallery::<_, 8, FEATURES>::new();
    let mut expected = Vec::new();
    for (label, support) in supports.iter().enumerate() {
        let support = CONVOLUTIONAL.image(support);
        gallery.enroll(&mut comparator, label, &support).unwrap();
        expected.push((comparator.compare(&probe, &support).unwrap(), label));
    }
    expected.sort_by_key(|(score, _)| core::cmp::Reverse(*score));
    let ranking = gallery.identify(&mut comparator, &probe).unwrap();
    let found: Vec<_> = ranking.iter().map(|found| (found.score, found.label)).collect();
    assert_eq!(found, expected);
    assert_eq!(ranking.best().unwrap().label, expected[0].1);

    // A model that accepts the best score, one that asks for more, and an empty gallery.
    let accepted = |ranking: &Ranking<usize, 8>, threshold| {
        let calibration = Some(Calibration { gain: 1 << 16, threshold, false_accept_ppm: 1 });
        CONVOLUTIONAL.with_body(|body| {
            let model = Model::from_body(&Body { calibration, ..body.clone() }).unwrap();
            ranking.accepted(&model)
        })
    };
    let best = expected[0].0.logit;
    assert_eq!(accepted(&ranking, best), ranking.best());
    assert_eq!(accepted(&ranking, best + 1), None);
    gallery.clear();
    assert_eq!(accepted(&gallery.identify(&mut comparator, &probe).unwrap(), best), None);
}

#[test]
fn equal_scores_keep_the_order_of_enrollment() {
    let file = CONVOLUTIONAL.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let pixels = CONVOLUTIONAL.pixels(5);
    let image = CONVOLUTIONAL.image(&pixels);
    let mut gallery = Gallery::<_, 4, FEATURES>::new();
    for label in ["d", "a", "c", "b"] {
        gallery.enroll(&mut comparator, label, &image).unwrap();
    }
    let ranking = gallery.identify(&mut comparator, &image).unwrap();
    let labels: Vec<_> = ranking.iter().map(|found| found.label).collect();
    assert_eq!(labels, ["d", "a", "c", "b"]);
}

#[test]
fn a_gallery_holds_its_capacity_and_forgets_on_demand() {
    let file = CONVOLUTIONAL.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let pixels = CONVOLUTIONAL.pixels(5);
    let image = CONVOLUTIONAL.image(&pixels);
    let mut gallery = Gallery::<_, 2, FEATURES>::new();
    assert!(gallery.is_empty());
    assert_eq!(gallery.identify(&mut comparator, &image).unwrap().best(), None);
    gallery.enroll(&mut comparator, 'a', &image).unwrap();
    gallery.enroll(&mut comparator, 'b', &image).unwrap();
    let full = gallery.enroll(&mut comparator, 'c', &image);
    assert_eq!(full, Err(EnrollError::Full { capacity: 2 }));
    assert_eq!((gallery.remove('x'), gallery.remove('a'), gallery.len()), (0, 1, 1));
    gallery.enroll(&mut comparator, 'c', &image).unwrap();
    gallery.clear();
    assert_eq!(gallery.len(), 0);

    let mut other = Gallery::<_, 2, 5>::new();
    let length = FeatureError::Length { needed: FEATURES, given: 5 };
    let refused = other.enroll(&mut comparator, 'a', &image);
    assert_eq!(refused, Err(EnrollError::Extract(length.into())));
}
