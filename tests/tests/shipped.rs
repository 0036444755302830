//! The shipped models reproduce their vectors, and nothing else does.
//!
//! `ARC_BLESS=1` records them anew, with the scalar kernels, which define every bit: to be done when a
//! model has been exported anew.

use std::fs;

use anyhow::{Context, Result, ensure};
use arc_golden::shipped::{self, GLYPHS, Record, SIDE, SMALL, SUPPORTS, Shipped, TINY};
use arc_golden::{Golden, records};
use arc_runtime::kernels::Scalar;
use arc_runtime::{Comparator, Gallery, Image, Model, feature_bytes, identify_words};
use arc_tests::project;
use arc_trainer::data::synth::Synth;

/// Pairs of probe and support, as numbers of glyphs: every other of one character.
const PAIRS: [[u8; 2]; 8] =
    [[20, 0], [21, 6], [27, 7], [32, 2], [39, 19], [5, 15], [12, 12], [33, 34]];

/// Probes among the enrolled.
const PROBES: [u8; 2] = [20, 33];

const WORDS: usize = identify_words(SMALL.model, SUPPORTS);
const FEATURES: usize = feature_bytes(SMALL.model);

#[test]
fn the_shipped_models_reproduce_their_vectors() -> Result<()> {
    let (glyphs, vectors) = (glyphs()?, [recorded(&TINY, &[])?, recorded(&SMALL, &PROBES)?]);
    if std::env::var_os("ARC_BLESS").is_some() {
        write("glyphs.bits", glyphs.as_flattened())?;
        // The pictures that the vectors are of have to be compiled in first.
        ensure!(GLYPHS == glyphs, "glyphs.bits is new: run this once more");
        write("omniglot-tiny.vectors", &vectors[0])?;
        return write("omniglot-small.vectors", &vectors[1]);
    }
    let anew = "ARC_BLESS=1 cargo test -p arc-tests --test shipped";
    ensure!(GLYPHS == glyphs, "the glyphs are drawn otherwise; to take them over: {anew}");
    for (golden, vectors) in [TINY, SMALL].iter().zip(&vectors) {
        let crc = shipped::checksum(golden.model);
        let recorded = records(golden.vectors).next().context("an empty record")??;
        let name = golden.name;
        ensure!(
            Some(recorded) == crc.map(Record::Model),
            "{name}.vectors are of another models/{name}.arc; to record them: {anew}"
        );
        ensure!(golden.vectors == vectors, "{name}.vectors differ; if that is meant: {anew}");
    }
    let steps = 16 * PAIRS.len();
    assert_eq!(check(&TINY), Ok(Shipped { steps, ranked: 0 }));
    assert_eq!(check(&SMALL), Ok(Shipped { steps, ranked: SUPPORTS * PROBES.len() }));
    Ok(())
}

/// What differs from the vectors.
fn check(golden: &Golden) -> Result<Shipped, &'static str> {
    shipped::shipped::<WORDS, FEATURES, SUPPORTS>(golden, Scalar).map_err(|found| found.what)
}

#[test]
fn every_number_is_held_against_the_record() -> Result<()> {
    type Change = fn(&mut Record);
    let changes: [(&str, usize, Change); 6] = [
        ("the model file that was recorded", 0, |record| *record = Record::Model(1)),
        ("the gaze", 1, |record| pair(record).1[15][2] ^= 1),
        ("the number of steps", 2, |record| pair(record).1.truncate(15)),
        ("the logit", 3, |record| *pair(record).2 ^= 1),
        ("the number of a glyph", 4, |record| *pair(record).0 = 40),
        ("the ranking", 10, |record| {
            let Record::Probe { ranking, .. } = record else { panic!("the last is a probe") };
            ranking.swap(18, 19);
        }),
    ];
    for (what, changed, change) in changes {
        let mut all = records::<Record>(SMALL.vectors).collect::<Result<Vec<_>, _>>()?;
        change(&mut all[changed]);
        let vectors = all.iter().map(postcard::to_stdvec).collect::<Result<Vec<_>, _>>()?;
        let vectors = vectors.concat().leak();
        assert_eq!(check(&Golden { vectors, ..SMALL }), Err(what));
    }
    Ok(())
}

/// Probe, gazes and logit of a pair.
fn pair(record: &mut Record) -> (&mut u8, &mut heapless::Vec<[i16; 3], 16>, &mut i32) {
    let Record::Pair { probe, gazes, logit, .. } = record else { panic!("a pair") };
    (probe, gazes, logit)
}

/// The vectors that the scalar kernels give.
fn recorded(golden: &Golden, probes: &[u8]) -> Result<Vec<u8>> {
    let model = Model::load(golden.model)?;
    let sizes = model.dimensions();
    let mut comparator = Comparator::new(&model, [0; WORDS])?;
    let crc = shipped::checksum(golden.model).context("a model file")?;
    let mut all = vec![Record::Model(crc)];

    let mut pixels = [[0; SIDE * SIDE]; 2];
    let [one, other] = &mut pixels;
    for [probe, support] in PAIRS {
        let mut gazes = heapless::Vec::new();
        let (first, second) = (image(probe, one)?, image(support, other)?);
        let score = comparator.compare_traced(&first, &second, |step| {
            let gaze = [step.gaze.y, step.gaze.x, step.gaze.d];
            gazes.push(gaze).expect("as many steps as the record holds");
        })?;
        all.push(Record::Pair { probe, support, gazes, logit: score.logit });
    }
    if !probes.is_empty() {
        assert_eq!(sizes.feature_bytes(), FEATURES);
        let mut gallery = Box::new(Gallery::<u8, SUPPORTS, FEATURES>::new());
        for label in 0..SUPPORTS as u8 {
            gallery.enroll(&mut comparator, label, &image(label, one)?)?;
        }
        for &probe in probes {
            let ranking = gallery.identify(&mut comparator, &image(probe, one)?)?;
            let ranking = ranking.iter().map(|found| (found.label, found.score.logit)).collect();
            all.push(Record::Probe { probe, ranking });
        }
    }
    let bytes = all.iter().map(postcard::to_stdvec).collect::<Result<Vec<_>, _>>()?;
    Ok(bytes.concat())
}

fn image(number: u8, pixels: &mut [i8]) -> Result<Image<'_>> {
    shipped::glyph(number, pixels).map_err(anyhow::Error::msg)
}

/// One alphabet of 20 characters by two drawers, in packed bits.
fn glyphs() -> Result<Vec<[u8; SIDE * SIDE / 8]>> {
    let characters = SUPPORTS as u32;
    let synth =
        Synth { alphabets: 1, characters: characters..=characters, drawers: 2, side: 64, seed: 4 };
    let glyphs = synth.dataset();
    let classes = &glyphs.groups[0].classes;
    let drawings = (0..2).flat_map(|drawer| classes.iter().map(move |c| &c.drawings[drawer]));
    drawings.map(|drawing| packed(&drawing.at_side(SIDE))).collect()
}

/// Pixels in packed bits: ink where it covers a quarter of a pixel.
fn packed(pixels: &[i8]) -> Result<[u8; SIDE * SIDE / 8]> {
    let mut bits = [0; SIDE * SIDE / 8];
    for (byte, pixels) in bits.iter_mut().zip(pixels.chunks(8)) {
        *byte = pixels.iter().fold(0, |byte, &pixel| byte << 1 | u8::from(pixel >= 32));
    }
    let mut room = [0; SIDE * SIDE];
    let image = Image::from_bits(SIDE, &bits, &mut room)?;
    ensure!(image.pixels().contains(&127), "a picture without ink");
    Ok(bits)
}

fn write(file: &str, bytes: &[u8]) -> Result<()> {
    let path = project("arc-golden").join(file);
    fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
}
