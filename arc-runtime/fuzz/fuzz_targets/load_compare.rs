//! Loads arbitrary bytes as a model and, if it is sound, identifies an image with it.
//!
//! The bytes are taken as a whole file and as a body behind a header that is right, so
//! that the checksum does not keep the fuzzer from the checks behind it. To start from
//! a sound body:
//!
//! ```text
//! mkdir -p fuzz/corpus/load_compare
//! tail -c +29 tests/data/tiny.arc > fuzz/corpus/load_compare/tiny
//! cargo +nightly fuzz run load_compare -- -max_len=4096
//! ```
#![no_main]

use arc_runtime::model::{Header, LANES};
use arc_runtime::{Comparator, Image, Model};
use libfuzzer_sys::fuzz_target;

/// Working memory and multiply-accumulates of the models that are run.
const WORDS: usize = 1 << 16;
const MOST_MACS: u64 = 1 << 24;

fuzz_target!(|data: &[u8]| {
    let _ = Model::load(data);

    let Ok(body) = postcard::from_bytes(data) else {
        return;
    };
    let Ok(dimensions) = Model::from_body(&body).map(|model| model.dimensions()) else {
        return;
    };
    let header = Header::integer(data, &dimensions);
    let file = [&header.to_bytes(), data].concat();
    let Ok(model) = Model::load(&file) else {
        return; // bytes behind the body
    };
    let count = if dimensions.ways == 0 { 3 } else { dimensions.ways };
    let macs = dimensions.identify_macs(count) + dimensions.stem_macs;
    if dimensions.identify_bytes(count, LANES) > 4 * WORDS || macs > MOST_MACS {
        return;
    }
    let pixels = |salt: usize| {
        let area = dimensions.image_side * dimensions.image_side;
        let pixel = |k: usize| (data[(k + salt) % data.len()] & 127) as i8;
        (0..area).map(pixel).collect::<Vec<_>>()
    };
    let (probe, support) = (pixels(0), pixels(7));
    let image = |pixels| Image::new(dimensions.image_side, pixels).expect("pixels of 0 to 127");
    let mut comparator = Comparator::new(&model, [0; WORDS]).expect("memory enough");
    let mut features = vec![0; dimensions.feature_bytes()];
    let extracted = comparator.extract(&image(&support), &mut features);
    extracted.expect("an image of the model's side");
    let supports = core::iter::repeat_n(&features[..], count);
    let identified = comparator.identify(&image(&probe), supports, |_| {});
    identified.expect("supports of the model's number");
});
