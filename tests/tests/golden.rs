//! The golden vectors, reproduced bit for bit.
//!
//! `ARC_BLESS=1` writes them anew with the scalar kernels, which define every bit.

use anyhow::Result;
use arc_golden::{
    GALLERIES, GOLDEN, Golden, Identification, Identified, Pair, Picture, Reproduced, Step,
    identify, pairs, records, reproduce,
};
use arc_runtime::format::{BATCH, Header};
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::network::Gaze;
use arc_runtime::{Comparator, Image, Model};
use arc_tests::{Trace, project, random_network};
use arc_trainer::config::Config;
use arc_trainer::data::Drawing;
use arc_trainer::data::synth::Synth;
use arc_trainer::eval::{self, Answer};
use arc_trainer::export::{IntegerModel, Ranges};
use arc_trainer::float::Provenance;

/// Pairs of each model.
const PAIRS: usize = 8;

#[test]
fn the_scalar_kernels_reproduce_them() -> Result<()> {
    if std::env::var_os("ARC_BLESS").is_some() {
        GOLDEN.iter().try_for_each(bless)?;
        return GALLERIES.iter().try_for_each(bless_gallery);
    }
    assert_reproduced(Scalar);
    Ok(())
}

fn assert_reproduced(kernels: impl Kernels + Clone) {
    for golden in &GOLDEN {
        let model = Model::load(golden.model).expect("a sound model");
        let steps = 2 * PAIRS * model.dimensions().glimpses_per_image;
        let expected = Ok(Reproduced { pairs: PAIRS, steps });
        assert_eq!(reproduce(golden, kernels.clone()), expected, "{}", golden.name);
    }
    for golden in &GALLERIES {
        let supports = supports(golden).iter().sum();
        let expected = Ok(Identified { probes: PROBES.len(), supports });
        assert_eq!(identify(golden, kernels.clone()), expected, "{}", golden.name);
    }
}

/// Supports of each probe of a model that takes any number.
const PROBES: [usize; 3] = [5, 3, 8];

/// Supports of each probe: an N-way model takes N.
fn supports(golden: &Golden) -> [usize; 3] {
    let model = Model::load(golden.model).expect("a sound model");
    PROBES.map(|count| model.network().decision.ways().map_or(count, |head| head.ways()))
}

#[test]
fn every_rating_is_held_against_the_record() -> Result<()> {
    type Change = fn(&mut Identification<'static>);
    let changes: [(&str, Change); 4] = [
        ("the features", |record| record.probe.features = changed(record.probe.features)),
        ("the features", |record| record.supports[2].bits = changed(record.supports[2].bits)),
        ("a rating", |record| record.ratings[4].0 ^= 1),
        ("a rating", |record| record.ratings.truncate(4)),
    ];
    for golden in &GALLERIES {
        for (what, change) in changes {
            let record = records::<Identification<'_>>(golden.vectors).next();
            let mut record = record.expect("a record")?;
            change(&mut record);
            let vectors = postcard::to_stdvec(&record)?.leak();
            let found = identify(&Golden { vectors, ..*golden }, Scalar).map_err(|d| d.what);
            assert_eq!(found, Err(what), "{}", golden.name);
        }
    }
    Ok(())
}

/// Writes a model of random weights and the vectors of its galleries.
fn bless_gallery(golden: &Golden) -> Result<()> {
    let file = |end| project(&format!("arc-golden/{}.{end}", golden.name));
    let config = Config::load(&file("toml"), &[])?;
    let network = random_network(&config.model, config.seed);
    let synth = Synth { alphabets: 2, characters: 8..=10, drawers: 6, side: 64, seed: 77 };
    let glyphs = synth.dataset();
    let ranges = Ranges::observe(
        &network,
        &match config.model.ways {
            None => eval::verify(&glyphs, 100, 1)?,
            Some(ways) => eval::across(&glyphs, ways, 20, 1)?,
        },
    )?;
    let provenance = Provenance {
        profile: config.name.clone(),
        trained_on: "nothing: random weights".into(),
        seed: config.seed,
        ..Provenance::default()
    };
    let bytes = IntegerModel::quantize(&network, &ranges)?.to_bytes(&provenance)?;
    let model = Model::load(&bytes)?;

    let mut vectors = Vec::new();
    let sizes = model.dimensions();
    for (number, count) in PROBES.into_iter().enumerate() {
        let count = config.model.ways.unwrap_or(count);
        let plan = eval::across(&glyphs, count, 1, number as u64)?;
        let (trial, images) = (&plan.trials[0], plan.images());
        let words = vec![0; sizes.identify_words(count, BATCH)];
        let mut comparator = Comparator::new(&model, words)?;
        let mut picture = |place: usize| -> Result<(Vec<u8>, Vec<i8>)> {
            let bits = packed(images[place], sizes.image_side);
            let mut pixels = vec![0; sizes.image_side * sizes.image_side];
            let image = Image::from_bits(sizes.image_side, &bits, &mut pixels)?;
            let mut features = vec![0; sizes.feature_bytes()];
            comparator.extract(&image, &mut features)?;
            Ok((bits, features))
        };
        let probe = picture(trial.probe)?;
        let supports = trial.supports.iter().map(|&s| picture(s)).collect::<Result<Vec<_>>>()?;
        let mut ratings = heapless::Vec::new();
        let features = supports.iter().map(|(_, features)| features.as_slice());
        comparator.identify_features(&probe.1, features, |rating| {
            let rating = (rating.score.logit, rating.pair.map(|pair| pair.logit));
            ratings.push(rating).expect("at most 8 supports");
        })?;
        let unsigned = |(bits, features): &(Vec<u8>, Vec<i8>)| {
            (bits.clone(), features.iter().map(|&value| value as u8).collect::<Vec<_>>())
        };
        let (probe, supports) =
            (unsigned(&probe), supports.iter().map(unsigned).collect::<Vec<_>>());
        vectors.extend(postcard::to_stdvec(&Identification {
            probe: Picture { bits: &probe.0, features: &probe.1 },
            supports: supports.iter().map(|(bits, features)| Picture { bits, features }).collect(),
            ratings,
        })?);
    }
    std::fs::write(file("arc"), &bytes)?;
    Ok(std::fs::write(file("vectors"), vectors)?)
}

#[test]
fn every_number_is_held_against_the_record() -> Result<()> {
    type Change = fn(&mut Pair<'static>);
    let changes: [(&str, Change); 8] = [
        ("the features", |pair| pair.probe.features = changed(pair.probe.features)),
        ("the features", |pair| pair.support.bits = changed(pair.support.bits)),
        ("the gaze", |pair| pair.steps[3].gaze[2] ^= 1),
        ("the glimpse", |pair| pair.steps[0].glimpse = changed(pair.steps[0].glimpse)),
        ("the cell", |pair| pair.steps[7].cell = changed(pair.steps[7].cell)),
        ("the state", |pair| pair.steps[7].state = changed(pair.steps[7].state)),
        ("the number of steps", |pair| pair.steps.truncate(5)),
        ("the logit", |pair| pair.logit ^= 1),
    ];
    for golden in &GOLDEN {
        for (what, change) in changes {
            let mut pair = pairs(golden.vectors).next().expect("a pair")?;
            change(&mut pair);
            let vectors = postcard::to_stdvec(&pair)?.leak();
            let found = reproduce(&Golden { vectors, ..*golden }, Scalar).map_err(|d| d.what);
            assert_eq!(found, Err(what), "{}", golden.name);
        }
        let vectors = &golden.vectors[..golden.vectors.len() - 1];
        let cut = reproduce(&Golden { vectors, ..*golden }, Scalar);
        assert_eq!(cut.map_err(|d| (d.pair, d.what)), Err((PAIRS - 1, "the record")));
    }
    Ok(())
}

/// The bytes with one bit changed in the middle.
fn changed(bytes: &[u8]) -> &'static [u8] {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    bytes.leak()
}

#[test]
fn the_models_tell_the_pairs_apart() -> Result<()> {
    for golden in &GOLDEN {
        let logits = pairs(golden.vectors).map(|pair| Ok(f64::from(pair?.logit) / 65536.0));
        let logits = logits.collect::<Result<Vec<_>>>()?;
        // Every other pair, from the first, is of one character.
        let mean = |first| logits.iter().skip(first).step_by(2).sum::<f64>() / (PAIRS / 2) as f64;
        let (same, different) = (mean(0), mean(1));
        println!("{}: mean logit {same:.2} of same, {different:.2} of different", golden.name);
        assert!(same > different + 1.0, "{}", golden.name);
    }
    Ok(())
}

/// Writes the vectors of a model, pairs of glyphs that it was not trained on, and today's header on
/// the model.
fn bless(golden: &Golden) -> Result<()> {
    let synth = Synth { alphabets: 2, characters: 8..=10, drawers: 6, side: 64, seed: 77 };
    let glyphs = synth.dataset();
    let plan = eval::verify(&glyphs, PAIRS, 3)?;
    let model = Model::load(golden.model)?;
    let (_, body) = Header::parse(golden.model)?;
    let header = Header::integer(body, &model.dimensions()).to_bytes();
    std::fs::write(project(&format!("arc-golden/{}.arc", golden.name)), [&header, body].concat())?;
    let side = model.dimensions().image_side;
    let mut file = Vec::new();
    for (number, trial) in plan.trials.iter().enumerate() {
        assert_eq!(trial.answer, Answer::Same(number % 2 == 0));
        let bits = [trial.probe, trial.supports[0]].map(|i| packed(plan.images()[i], side));
        let mut pixels = [vec![0; side * side], vec![0; side * side]];
        for (pixels, bits) in pixels.iter_mut().zip(&bits) {
            Image::from_bits(side, bits, pixels)?;
        }
        let trace = Trace::record(&model, &pixels[0], &pixels[1])?;
        file.extend(record(&bits, &trace)?);
    }
    Ok(std::fs::write(project(&format!("arc-golden/{}.vectors", golden.name)), file)?)
}

/// A comparison as the vectors hold it.
fn record([probe, support]: &[Vec<u8>; 2], trace: &Trace) -> Result<Vec<u8>> {
    let bytes = |numbers: &[i8]| numbers.iter().map(|&number| number as u8).collect::<Vec<_>>();
    let features = [bytes(&trace.probe), bytes(&trace.support)];
    let steps: Vec<_> = trace.steps[1..]
        .iter()
        .map(|step| {
            let Gaze { y, x, d } = step.gaze;
            let cell: Vec<u8> = step.cell.iter().flat_map(|c| c.to_le_bytes()).collect();
            ([y, x, d], bytes(&step.glimpse), cell, bytes(&step.state))
        })
        .collect();
    let steps =
        steps.iter().map(|(gaze, glimpse, cell, state)| Step { gaze: *gaze, glimpse, cell, state });
    Ok(postcard::to_stdvec(&Pair {
        probe: Picture { bits: probe, features: &features[0] },
        support: Picture { bits: support, features: &features[1] },
        steps: steps.collect(),
        logit: trace.logit,
    })?)
}

/// A drawing in packed bits: ink where it covers a quarter of a pixel.
fn packed(drawing: &Drawing, side: usize) -> Vec<u8> {
    let pixels = drawing.at_side(side);
    let byte = |pixels: &[i8]| {
        let bit = |(k, &pixel): (usize, &i8)| u8::from(pixel >= 32) << (7 - k);
        pixels.iter().enumerate().map(bit).sum::<u8>()
    };
    pixels.chunks(side).flat_map(|row| row.chunks(8).map(byte)).collect()
}
