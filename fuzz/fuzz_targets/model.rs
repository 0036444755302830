//! Arbitrary bytes as a model file and as the body of one; what is sound is run.
//!
//! A body needs no checksum, so that the fuzzer reaches the checks behind it. Its numbers are as
//! extreme as the checks let them be, and every set of kernels has to give the bits of the definition.
#![no_main]

use arc_fuzz::compare::every_set;
use arc_runtime::Model;
use arc_runtime::format::body::Body;
use arc_runtime::format::{Header, VERSION};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(model) = Model::load(data) {
        run(&model, data);
    }
    for version in [1, VERSION] {
        let Ok(body) = Body::decode(version, data) else { continue };
        let Ok(model) = Model::from_body(&body) else { continue };
        run(&model, data);
        if version == VERSION {
            let header = Header::integer(data, &model.dimensions());
            let file = [&header.to_bytes(), data].concat();
            Model::load(&file).expect("what can be written can be loaded");
        }
    }
});

/// Runs a model on pictures of the file's own bytes.
fn run(model: &Model<'_>, data: &[u8]) {
    let mut bytes = data.iter().cycle();
    every_set(model, |side| {
        bytes.next(); // another picture each time
        bytes.by_ref().take(side * side).map(|byte| (byte & 127) as i8).collect()
    });
}
