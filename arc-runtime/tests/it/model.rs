//! Model files, sound and otherwise: a typed error for each, and never a panic.

use crate::common::{
    CONTEXT, CONVOLUTIONAL, FULL, ODD, RAW, RESIDUAL, Random, Recipe, Step, WAYS, WIDE_CONTEXT,
    WORDS, encode, repair,
};
use arc_runtime::format::body::{Body, Calibration};
use arc_runtime::format::header::HEADER_BYTES;
use arc_runtime::format::sizes::image_side;
use arc_runtime::format::{BATCH, Header, LoadError, VERSION};
use arc_runtime::preparation::{Contrast, InkPreparation, PhotoPreparation, Polarity, Preparation};
use arc_runtime::{Comparator, Frame, Model, feature_bytes, identify_words, workspace_words};

#[test]
fn sizes_follow_from_the_body_and_stand_in_the_header() {
    for recipe in [RAW, CONVOLUTIONAL, RESIDUAL, ODD, FULL, CONTEXT, WIDE_CONTEXT, WAYS] {
        let file = recipe.file();
        let dimensions = Model::load(&file).unwrap().dimensions();
        for enrolled in [0, 1, 20] {
            let words = dimensions.identify_words(enrolled, BATCH);
            assert_eq!(identify_words(&file, enrolled), words);
        }
        assert_eq!(workspace_words(&file), dimensions.workspace_words());
        assert_eq!(image_side(&file), dimensions.image_side);
        assert_eq!(feature_bytes(&file), dimensions.feature_bytes());
    }
}

#[test]
fn the_sizes_of_a_full_model_are_as_computed_by_hand() {
    let file = FULL.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    assert_eq!(dimensions.feature_bytes(), 16 * 16 * 32);
    assert_eq!(dimensions.glimpse_len(), 4 * 4 * 32);
    let (first, second) = (32 * 32 * 16, 16 * 16 * 32);
    assert_eq!(dimensions.stem_map_bytes, first + second);
    assert_eq!(4 * dimensions.workspace_words(), second + first + second);
    let stem = first * 9 + second * 9 * 16 + 2 * second * 9 * 32;
    assert_eq!(dimensions.stem_macs, stem as u64);
    let glimpse = 4 * 16 * 16 * 32 + 4 * 4 * 16 * 32;
    let step = glimpse + 3 * 128 + 512 * (512 + 128);
    let comparison = 16 * step + 64 * 128 + 64;
    assert_eq!(dimensions.comparison_macs(), comparison as u64);
    assert_eq!(dimensions.pair_macs(), (2 * stem + comparison) as u64);
}

#[test]
fn the_sizes_of_residual_blocks_are_as_computed_by_hand() {
    let file = RESIDUAL.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    // Channels, of 13x13 places: the first block holds two maps of 3, the others their input and
    // the map inside of them, also where that is their output's shape; the fifth two maps of 4.
    let (three, four, last) = (13 * 13 * 3, 13 * 13 * 4, 7 * 7 * 5);
    assert_eq!(dimensions.stem_map_bytes, 2 * four);
    assert_eq!(dimensions.feature_bytes(), last);
    let blocks = three * (9 + 1 + 27) + 2 * three * 27 + four * 27 + 4 * four * 36;
    let stem = blocks + last * (36 + 4 + 45);
    assert_eq!(dimensions.stem_macs, stem as u64);
}

#[test]
fn a_block_that_halves_its_map_holds_three_maps() {
    let recipe = Recipe { stem: &[Step::Conv(3, 1), Step::Block(5, 2)], ..RESIDUAL };
    let dimensions = Model::load(&recipe.file()).unwrap().dimensions();
    assert_eq!(dimensions.stem_map_bytes, 13 * 13 * 3 + 7 * 7 * 5 + 7 * 7 * 5);
}

/// Maps of 13 x 13 x 3, 7 x 7 x 5 and 7 x 7 x 4, a glimpse of 2 x 2 x 4, 10 units.
#[test]
fn the_sizes_of_a_context_and_of_n_ways_are_as_computed_by_hand() {
    let file = CONTEXT.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    let (lane, scratch, kept) = (2 * (40 + 10) + 16 + 10, 2 * 7 * (1 + 4), 3 * 10);
    let (sums, features) = (4 * 13, 7 * 7 * 4);
    assert_eq!(dimensions.preactivation_len(), 4 * 10);
    assert_eq!(dimensions.pair_bytes(), lane);
    assert_eq!(dimensions.glimpse_scratch_bytes(), scratch);
    assert_eq!(dimensions.saved_bytes(), kept);
    assert_eq!(dimensions.feature_map_bytes(), features);
    assert_eq!(dimensions.context_preactivation_len(), sums);
    assert_eq!(dimensions.context_scratch_bytes(), 2 * (sums + 13) + 10 + 13);
    assert_eq!(dimensions.context_bytes(), 10 + 4);
    let stem = 13 * 13 * 3 + 7 * 7 * 5;
    assert_eq!(4 * dimensions.workspace_words(), features + stem);
    assert_eq!(4 * dimensions.batch_words(4), features + stem);
    let eight = features + kept + 8 * lane + scratch;
    assert_eq!(4 * dimensions.batch_words(8), eight);
    assert_eq!(4 * dimensions.identify_words(20, 8), eight + 20 * (10 + 4));
    assert_eq!(4 * dimensions.identify_words(1, 8), (eight + 14).next_multiple_of(4));

    let stem = 13 * 13 * 3 * 9 + 7 * 7 * 5 * 9 * 3 + features * 9 * 5;
    let step = 2 * features + 16 * 7 + 40 * (16 + 10) + 3 * 10;
    let comparison = 8 * step + 6 * 10 + 6;
    let context = 2 * (52 * (10 + 13) + 13);
    assert_eq!(dimensions.identify_macs(5), (stem + 5 * (comparison + context)) as u64);

    let file = WAYS.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    let identify = stem + 5 * 4 * step + 4 * 10;
    assert_eq!(dimensions.identify_macs(4), identify as u64);
    assert_eq!(dimensions.context_scratch_bytes(), 0);
}

#[test]
fn the_sizes_without_a_stem_are_as_computed_by_hand() {
    let file = WIDE_CONTEXT.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    // The image is the features, and stays where it is.
    assert_eq!((dimensions.feature_bytes(), dimensions.feature_map_bytes()), (12 * 12, 0));
    let (lane, scratch) = (2 * (36 + 9) + 9 + 9, 3 * 12 * 2);
    assert_eq!(4 * dimensions.workspace_words(), lane + scratch);
    let context = 2 * (404 + 101) + 9 + 101;
    assert_eq!(4 * dimensions.batch_words(4), context);
    let twelve = (27 + 12 * lane + scratch).next_multiple_of(4);
    assert_eq!(4 * dimensions.batch_words(12), twelve);
}

#[test]
fn buffers_of_odd_lengths_are_rounded_up() {
    let file = ODD.file();
    let dimensions = Model::load(&file).unwrap().dimensions();
    // The head's hidden units are more than the gates' sums.
    let (lane, scratch) = (2 * (31 + 5) + 1 + 5, 9 * 2);
    assert_eq!(dimensions.pair_bytes(), lane);
    assert_eq!(4 * dimensions.workspace_words(), (2 * 81 + lane + scratch).next_multiple_of(4));
    let two = 82 + 3 * 5 + 2 * lane + scratch;
    assert_eq!(4 * dimensions.batch_words(2), two.next_multiple_of(4));
}

/// `data/tiny.arc` is what the recipe makes; with `ARC_BLESS` set, it is written anew.
#[test]
fn the_tiny_model_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tiny.arc");
    if std::env::var_os("ARC_BLESS").is_some() {
        std::fs::write(path, CONVOLUTIONAL.file()).unwrap();
    }
    assert_eq!(std::fs::read(path).unwrap(), CONVOLUTIONAL.file());
}

#[test]
fn weights_are_borrowed_at_any_alignment() {
    let file = CONVOLUTIONAL.file();
    let (probe, support) = (CONVOLUTIONAL.pixels(1), CONVOLUTIONAL.pixels(2));
    let scores = (0..4).map(|offset| {
        let shifted = [vec![0; offset], file.clone()].concat();
        let model = Model::load(&shifted[offset..]).unwrap();
        let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
        let (probe, support) = (CONVOLUTIONAL.image(&probe), CONVOLUTIONAL.image(&support));
        comparator.compare(&probe, &support).unwrap()
    });
    let scores: Vec<_> = scores.collect();
    assert!(scores.iter().all(|score| *score == scores[0]));
}

#[test]
fn bytes_behind_the_model_are_ignored() {
    let file = [RAW.file(), vec![0xff; 100]].concat();
    assert!(Model::load(&file).is_ok());
}

#[test]
fn every_truncation_is_an_error() {
    let file = CONVOLUTIONAL.file();
    for given in 0..file.len() {
        let error = Model::load(&file[..given]).unwrap_err();
        // The length stands in the 24 bytes that all versions begin with.
        let needed = if given < 24 { 24 } else { file.len() };
        assert_eq!(error, LoadError::Truncated { needed, given });
    }
}

#[test]
fn every_changed_byte_is_an_error() {
    let mut file = CONVOLUTIONAL.file();
    for at in 0..file.len() {
        for change in [0x01, 0x80, 0xff] {
            file[at] ^= change;
            assert!(Model::load(&file).is_err(), "byte {at} by {change:#x}");
            file[at] ^= change;
        }
    }
    assert!(Model::load(&file).is_ok());
}

#[test]
fn another_version_is_named_with_ours() {
    let mut file = RAW.file();
    file[4..6].copy_from_slice(&7u16.to_le_bytes());
    repair(&mut file);
    let error = Model::load(&file).unwrap_err();
    assert_eq!(error, LoadError::Version { found: 7 });
    let text = error.to_string();
    assert!(text.contains("version 7"), "{text}");
    assert!(text.contains(&format!("versions 1 to {VERSION}")), "{text}");
}

/// Until version 3 a body ends without a preparation.
#[test]
fn a_file_of_version_3_has_no_preparation() {
    let old = include_bytes!("../data/version3.arc");
    assert_eq!(Header::parse(old).unwrap().0.version, 3);
    let (model, file) = (Model::load(old).unwrap(), CONVOLUTIONAL.file());
    let today = Model::load(&file).unwrap();
    assert_eq!(*model.preparation(), Preparation::None);
    assert_eq!(model.dimensions(), today.dimensions());
    assert_eq!(model.provenance().profile, today.provenance().profile);
}

#[test]
fn a_preparation_is_a_part_of_the_file() {
    let ink = InkPreparation { polarity: Polarity::Bright, margin: 64, least: 255 };
    let photo = PhotoPreparation { contrast: Contrast::Local };
    for preparation in [Preparation::None, Preparation::Ink(ink), Preparation::Photo(photo)] {
        let file = CONVOLUTIONAL.with_body(|body| {
            let body = Body { preparation, ..body.clone() };
            let dimensions = Model::from_body(&body).unwrap().dimensions();
            let body = encode(&body);
            [&Header::integer(&body, &dimensions).to_bytes()[..], &body].concat()
        });
        let model = Model::load(&file).unwrap();
        assert_eq!(*model.preparation(), preparation);
        // A frame is prepared at the model's own side.
        let frame: Vec<u8> = (0..60 * 50).map(|k| if k % 60 / 7 == 3 { 250 } else { 10 }).collect();
        let frame = Frame::new(60, 50, &frame).unwrap();
        let side = model.dimensions().image_side;
        let (mut own, mut expected) = (vec![0; side * side], vec![0; side * side]);
        let image = model.prepare(&frame, &mut own).unwrap();
        assert_eq!(Ok(image), preparation.prepare(&frame, side, &mut expected));
    }
}

/// The fixture was exported when version 1 was the newest; the model of today's version has the
/// same weights.
#[test]
fn a_file_of_version_1_is_read_as_it_was() {
    let old = include_bytes!("../data/version1.arc");
    let model = Model::load(old).unwrap();
    assert_eq!(Header::parse(old).unwrap().0.version, 1);
    assert_eq!(model.calibration(), None);
    assert!(workspace_words(old) >= model.dimensions().identify_words(20, 1));
    assert_eq!(image_side(old), model.dimensions().image_side);
    assert_eq!(feature_bytes(old), model.dimensions().feature_bytes());
    assert_eq!(identify_words(old, 20), workspace_words(old));

    let file = CONVOLUTIONAL.file();
    let today = Model::load(&file).unwrap();
    assert_eq!(model.dimensions(), today.dimensions());
    let (probe, support) = (CONVOLUTIONAL.pixels(1), CONVOLUTIONAL.pixels(2));
    let score = |model| {
        let mut comparator = Comparator::new(model, [0; WORDS]).unwrap();
        let (probe, support) = (CONVOLUTIONAL.image(&probe), CONVOLUTIONAL.image(&support));
        comparator.compare(&probe, &support).unwrap()
    };
    assert_eq!(score(&model), score(&today));

    for at in 0..old.len() {
        let mut changed = old.to_vec();
        changed[at] ^= 0x40;
        assert!(Model::load(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_calibration_within_its_bounds_is_kept() {
    for (gain, threshold, false_accept_ppm) in
        [(1 << 10, -(1 << 30), 1), (1 << 22, 1 << 30, 500_000)]
    {
        let calibration = Some(Calibration { gain, threshold, false_accept_ppm });
        let file = RAW.with_body(|body| {
            let body = Body { calibration, ..body.clone() };
            crate::common::seal(&encode(&body))
        });
        assert_eq!(Model::load(&file).unwrap().calibration(), calibration.as_ref());
    }
}

#[test]
fn other_files_are_told_apart() {
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 40]].concat();
    let found = *b"\x89PNG";
    assert_eq!(Model::load(&png).unwrap_err(), LoadError::NotAModel { found });

    let float = [Header::float(b"weights").to_bytes().as_slice(), b"weights"].concat();
    assert_eq!(Model::load(&float).unwrap_err(), LoadError::FloatReference);
    let (header, body) = Header::parse(&float).unwrap();
    assert_eq!((header, body), (Header::float(b"weights"), b"weights".as_slice()));

    for (at, found) in [(6, 9), (7, 9 << 8)] {
        let mut unknown = RAW.file();
        unknown[at] = 9;
        repair(&mut unknown);
        assert_eq!(Model::load(&unknown).unwrap_err(), LoadError::Encoding { found });
    }
}

/// Changes bytes of a sound body at random, behind a checksum that is right again: the
/// answer is an error or a model that runs.
#[test]
fn hostile_bodies_are_refused_or_run() {
    let mut random = Random(99);
    let mut sound = 0;
    for recipe in [RAW, CONVOLUTIONAL, RESIDUAL, ODD, CONTEXT, WAYS] {
        let file = recipe.file();
        // The body's numbers lie at its front and between the arrays: mutate there most.
        for round in 0..50_000 {
            let mut file = file.clone();
            for _ in 0..1 + random.below(3) {
                let most = if round % 2 == 0 { 64 } else { file.len() - HEADER_BYTES };
                file[HEADER_BYTES + random.below(most)] = random.next() as u8;
            }
            repair(&mut file);
            let Ok(model) = Model::load(&file) else {
                continue;
            };
            sound += 1;
            if sound % 50 == 0 {
                let probe = recipe.pixels(random.next());
                let dimensions = model.dimensions();
                let support: Vec<i8> =
                    (0..dimensions.feature_bytes()).map(|_| random.within(0, 127) as i8).collect();
                let supports = [&support[..]; 4];
                let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
                let probe = recipe.image(&probe);
                let identified = comparator.identify(&probe, supports, |_| {});
                assert_eq!(identified.is_ok(), [0, 4].contains(&dimensions.ways));
            }
        }
    }
    assert!(sound > 10_000, "only {sound} of 300000 loaded: the mutations are too coarse");
}
