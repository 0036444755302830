//! Arbitrary bytes as a float model file and as the body of one; what is taken is run and quantized.
#![no_main]

use arc_fuzz::float::exercise;
use arc_runtime::format::Header;
use arc_trainer::float::FloatFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = FloatFile::from_bytes(data);
    let whole = [&Header::float(data).to_bytes(), data].concat();
    let Ok(file) = FloatFile::from_bytes(&whole) else { return };
    let written = file.to_bytes().expect("what was read can be written");
    assert!(FloatFile::from_bytes(&written).is_ok(), "and read again");
    exercise(&file.model);
});
