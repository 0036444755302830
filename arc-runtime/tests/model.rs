//! Model files, sound and otherwise: a typed error for each, and never a panic.

mod common;

use arc_runtime::model::body::{
    Body, Calibration, ContextHead, Conv, Decision, Layer, Linear, Lstm, PairHead, Residual,
    WayHead,
};
use arc_runtime::model::header::HEADER_BYTES;
use arc_runtime::model::{Header, LANES, LoadError, Part, VERSION};
use arc_runtime::{Comparator, Model, feature_bytes, identify_words, workspace_words};
use common::{
    CONTEXT, CONVOLUTIONAL, Choice, FULL, ODD, RAW, RESIDUAL, Random, Recipe, WAYS, WIDE_CONTEXT,
    WORDS, encode, repair,
};

#[test]
fn sizes_follow_from_the_body_and_stand_in_the_header() {
    for recipe in [RAW, CONVOLUTIONAL, RESIDUAL, ODD, FULL, CONTEXT, WIDE_CONTEXT, WAYS] {
        let file = recipe.file();
        let dimensions = Model::load(&file).unwrap().dimensions();
        for enrolled in [0, 1, 20] {
            let bytes = dimensions.identify_bytes(enrolled, LANES);
            assert_eq!(identify_words(&file, enrolled) * 4, bytes);
        }
        assert_eq!(workspace_words(&file) * 4, dimensions.workspace_bytes());
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
    assert_eq!(dimensions.workspace_bytes(), second + first + second);
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

/// The fixture was exported when version 1 was the newest; the model of today's version has the
/// same weights.
#[test]
fn a_file_of_version_1_is_read_as_it_was() {
    let old = include_bytes!("data/version1.arc");
    let model = Model::load(old).unwrap();
    assert_eq!(Header::parse(old).unwrap().0.version, 1);
    assert_eq!(model.calibration(), None);
    assert!(workspace_words(old) * 4 >= model.dimensions().identify_bytes(20, 1));
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
    for (gain, threshold, ppm) in [(1 << 10, -(1 << 30), 1), (1 << 22, 1 << 30, 500_000)] {
        let expected = calibration(gain, threshold, ppm);
        let file = RAW.with_body(|body| {
            let body = Body { calibration: expected, ..body.clone() };
            common::seal(&encode(&body))
        });
        assert_eq!(Model::load(&file).unwrap().calibration(), expected.as_ref());
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

#[test]
fn a_body_longer_than_its_content_is_an_error() {
    let mut file = [RAW.file(), vec![0]].concat();
    let length = (file.len() - HEADER_BYTES) as u32;
    file[8..12].copy_from_slice(&length.to_le_bytes());
    repair(&mut file);
    assert_eq!(Model::load(&file).unwrap_err(), LoadError::Body);
}

#[test]
fn sizes_in_the_header_that_do_not_follow_are_an_error() {
    for at in [16, 20, 24, 28] {
        let mut file = RAW.file();
        file[at] ^= 4;
        repair(&mut file);
        let error = Model::load(&file).unwrap_err();
        assert!(matches!(error, LoadError::Mismatch { part: Part::Header, .. }), "{error}");
    }
}

/// The error that a change to a sound body leads to.
fn refused(recipe: Recipe, change: impl FnOnce(&mut Body<'_>)) -> LoadError {
    recipe.with_body(|body| {
        let mut body = body.clone();
        change(&mut body);
        // By way of the file, as an attacker would.
        let bytes = encode(&body);
        let header = Header::integer(&bytes, &Model::load(&recipe.file()).unwrap().dimensions());
        let file = [&header.to_bytes(), bytes.as_slice()].concat();
        Model::load(&file).unwrap_err()
    })
}

fn conv<'a, 'b>(body: &'a mut Body<'b>, index: usize) -> &'a mut Conv<'b> {
    match &mut body.stem[index] {
        Layer::Conv(conv) => conv,
        Layer::Residual(_) => panic!("layer {index} is a block"),
    }
}

fn block<'a, 'b>(body: &'a mut Body<'b>, index: usize) -> &'a mut Residual<'b> {
    match &mut body.stem[index] {
        Layer::Residual(block) => block,
        Layer::Conv(_) => panic!("layer {index} is a convolution"),
    }
}

fn head<'a, 'b>(body: &'a mut Body<'b>) -> &'a mut PairHead<'b> {
    let Decision::Pair(head) = &mut body.decision else { panic!("a pair head") };
    head
}

fn calibration(gain: u32, threshold: i32, false_accept_ppm: u32) -> Option<Calibration> {
    Some(Calibration { gain, threshold, false_accept_ppm })
}

type Change = fn(&mut Body<'_>);

#[test]
fn each_size_is_held_against_the_others() {
    let cases: &[(Part, Change)] = &[
        (Part::Image, |body| body.image_side = 7),
        (Part::Image, |body| body.image_side = 129),
        (Part::Convolution(0), |body| conv(body, 0).inputs = 2),
        (Part::Convolution(0), |body| conv(body, 0).outputs = 0),
        (Part::Convolution(0), |body| conv(body, 0).outputs = u16::MAX),
        (Part::Convolution(0), |body| conv(body, 0).stride = 0),
        (Part::Convolution(1), |body| conv(body, 1).stride = 3),
        (Part::Convolution(1), |body| conv(body, 1).weights = &[]),
        (Part::Convolution(2), |body| conv(body, 2).scales = &[0; 31]),
        (Part::Convolution(2), |body| conv(body, 2).inputs += 1),
        (Part::Glimpse, |body| body.glimpse.side = 0),
        (Part::Glimpse, |body| body.glimpse.side = 8),
        (Part::Glimpse, |body| body.glimpse.per_image = 0),
        (Part::Glimpse, |body| body.glimpse.gain = 0),
        (Part::Glimpse, |body| body.glimpse.gain = 1 << 23),
        (Part::Controller, |body| body.glimpse.side = 3),
        (Part::Controller, |body| body.controller.hidden = 0),
        (Part::Controller, |body| body.controller.hidden += 1),
        (Part::Controller, |body| body.controller.gates.outputs -= 1),
        (Part::Attention, |body| body.attention.inputs += 1),
        (Part::Attention, |body| body.attention.outputs = 2),
        (Part::HeadHidden, |body| head(body).hidden.inputs -= 1),
        (Part::HeadLogit, |body| head(body).logit.outputs = 2),
        (Part::Calibration, |body| body.calibration = calibration((1 << 10) - 1, 0, 1)),
        (Part::Calibration, |body| body.calibration = calibration((1 << 22) + 1, 0, 1)),
        (Part::Calibration, |body| body.calibration = calibration(1 << 16, (1 << 30) + 1, 1)),
        (Part::Calibration, |body| body.calibration = calibration(1 << 16, i32::MIN, 1)),
        (Part::Calibration, |body| body.calibration = calibration(1 << 16, 0, 0)),
        (Part::Calibration, |body| body.calibration = calibration(1 << 16, 0, 500_001)),
    ];
    assert_refused(CONVOLUTIONAL, cases);
}

#[test]
fn the_parts_of_a_block_are_held_against_each_other() {
    let cases: &[(Part, Change)] = &[
        (Part::BlockFirst(1), |body| block(body, 1).first.inputs = 4),
        (Part::BlockFirst(5), |body| block(body, 5).first.stride = 3),
        (Part::BlockFirst(5), |body| block(body, 5).first.weights = &[]),
        (Part::BlockSecond(1), |body| block(body, 1).second.stride = 2),
        (Part::BlockSecond(1), |body| block(body, 1).second.inputs = 2),
        (Part::BlockSecond(4), |body| block(body, 4).gains = &[0; 6]),
        (Part::BlockSecond(4), |body| block(body, 4).gains = &[0; 9]),
        (Part::BlockShortcut(0), |body| block(body, 0).shortcut = None),
        (Part::BlockShortcut(5), |body| block(body, 5).shortcut = None),
        (Part::BlockShortcut(1), |body| block(body, 1).first.stride = 2),
        (Part::BlockShortcut(5), |body| block(body, 5).shortcut.as_mut().unwrap().stride = 1),
        (Part::BlockShortcut(5), |body| {
            let shortcut = block(body, 5).shortcut.as_mut().unwrap();
            (shortcut.outputs, shortcut.weights, shortcut.scales) = (1, &[1; 4], ONE_SCALE);
        }),
        (Part::Stem, |body| {
            // Nine blocks of three convolutions each.
            body.stem = std::iter::repeat_n(body.stem[0].clone(), 9).collect();
            for index in 1..9 {
                let block = block(body, index);
                block.first = block.second.clone();
                let shortcut = block.shortcut.as_mut().unwrap();
                (shortcut.inputs, shortcut.weights) = (3, &[1; 9]);
            }
        }),
    ];
    assert_refused(RESIDUAL, cases);
}

/// A row scale of 2^14 / 2^30.
const ONE_SCALE: &[u8] = &[0, 0, 0, 0, 0, 0x40, 30, 0];

fn assert_refused(recipe: Recipe, cases: &[(Part, Change)]) {
    for (index, (expected, change)) in cases.iter().enumerate() {
        let error = refused(recipe, change);
        let (LoadError::OutOfRange { part, .. } | LoadError::Mismatch { part, .. }) = error else {
            panic!("case {index}: {error}");
        };
        assert_eq!(part, *expected, "case {index}: {error}");
    }
}

#[test]
fn each_size_of_a_context_and_of_n_ways_is_held_against_the_others() {
    type Change = fn(&mut Body<'_>);
    let cases: &[(Part, Recipe, Change)] = &[
        (Part::HeadHidden, CONTEXT, |body| context(body).pair.hidden.inputs -= 1),
        (Part::ContextForward, CONTEXT, |body| context(body).forward.hidden = 0),
        (Part::ContextForward, CONTEXT, |body| context(body).forward.hidden += 1),
        (Part::ContextForward, CONTEXT, |body| context(body).forward.gates.weights = &[]),
        (Part::ContextBackward, CONTEXT, |body| context(body).backward.gates.inputs -= 1),
        (Part::ContextBackward, CONTEXT, |body| context(body).backward.gates.outputs += 1),
        (Part::ContextScore, CONTEXT, |body| context(body).score.inputs -= 1),
        (Part::ContextScore, CONTEXT, |body| context(body).score.outputs = 2),
        (Part::Ways, WAYS, |body| ways(body).scores.inputs += 1),
        (Part::Ways, WAYS, |body| ways(body).scores.outputs = 0),
        (Part::Ways, WAYS, |body| ways(body).scores.scales = &[0; 31]),
    ];
    for (index, (expected, recipe, change)) in cases.iter().enumerate() {
        let error = refused(*recipe, change);
        let (LoadError::OutOfRange { part, .. } | LoadError::Mismatch { part, .. }) = error else {
            panic!("case {index}: {error}");
        };
        assert_eq!(part, *expected, "case {index}: {error}");
    }
}

#[test]
fn directions_of_different_sizes_are_refused() {
    let other = Recipe { choice: Choice::Context(12), ..CONTEXT };
    let error = other.with_body(|other| {
        let mut other = other.clone();
        let backward = context(&mut other).backward.clone();
        refused(CONTEXT, |body| {
            let gates = &backward.gates;
            context(body).backward = Lstm {
                hidden: backward.hidden,
                gates: Linear {
                    weights: gates.weights.to_vec().leak(),
                    scales: gates.scales.to_vec().leak(),
                    ..*gates
                },
            };
        })
    });
    let expected = LoadError::Mismatch {
        part: Part::ContextBackward,
        quantity: "the number of units",
        found: 12,
        expected: 13,
    };
    assert_eq!(error, expected);
}

fn context<'a, 'b>(body: &'a mut Body<'b>) -> &'a mut ContextHead<'b> {
    let Decision::Context(head) = &mut body.decision else { panic!("a context") };
    head
}

fn ways<'a, 'b>(body: &'a mut Body<'b>) -> &'a mut WayHead<'b> {
    let Decision::Ways(head) = &mut body.decision else { panic!("an N-way model") };
    head
}

#[test]
fn scales_and_biases_are_held_within_the_accumulator() {
    let sound = RAW.with_body(|body| body.attention.scales.to_vec());
    let with = |at: usize, byte: u8| {
        let mut scales = sound.clone();
        scales[at] = byte;
        refused(RAW, |body| body.attention.scales = scales.leak())
    };
    let (part, row) = (Part::Attention, 1);
    assert_eq!(with(8 + 6, 10), LoadError::Scale { part, row });
    assert_eq!(with(8 + 7, 1), LoadError::Scale { part, row });
    let error = with(8 + 3, 0x7f);
    assert!(matches!(error, LoadError::Bias { row: 1, .. }), "{error}");
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
