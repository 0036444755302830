//! Bodies that the fuzzer found, each for a way through the checks that no other took.
//!
//! `fuzz/corpus/model` holds a part of what the fuzz target `model` found, and a sound body for each
//! way to decide among several supports.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

use crate::common::WORDS;
use arc_runtime::format::{Header, LoadError};
use arc_runtime::{Comparator, Image, Model};

/// Loads a body behind a header that is right and runs the model.
fn run(body: &[u8]) -> Result<(), LoadError> {
    let Ok(parsed) = postcard::from_bytes(body) else {
        return Err(LoadError::Body);
    };
    let dimensions = Model::from_body(&parsed)?.dimensions();
    let file = [&Header::integer(body, &dimensions).to_bytes(), body].concat();
    let model = Model::load(&file)?;
    let area = dimensions.image_side * dimensions.image_side;
    let pixels: Vec<i8> = (0..area).map(|k| (body[k % body.len()] & 127) as i8).collect();
    let image = Image::new(dimensions.image_side, &pixels).unwrap();
    let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
    let mut features = vec![0; dimensions.feature_bytes()];
    comparator.extract(&image, &mut features).unwrap();
    let count = if dimensions.ways == 0 { 3 } else { dimensions.ways };
    let supports = std::iter::repeat_n(&features[..], count);
    comparator.identify(&image, supports, |_| {}).unwrap();
    Ok(())
}

#[test]
fn what_the_fuzzer_found_is_refused_or_runs() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/model");
    let mut outcomes: HashMap<Option<Discriminant<LoadError>>, usize> = HashMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let body = std::fs::read(entry.unwrap().path()).unwrap();
        let outcome = run(&body).err();
        *outcomes.entry(outcome.as_ref().map(discriminant)).or_default() += 1;
    }
    assert!(outcomes[&None] >= 5, "some run");
    assert!(outcomes.len() >= 5, "and the others are refused for several reasons");
}
