//! Arbitrary bytes as the weights in a run's folder; what is taken is run and quantized.
#![no_main]

use arc_fuzz::float::exercise;
use arc_fuzz::scratch;
use arc_trainer::float::Run;
use libfuzzer_sys::fuzz_target;

/// A small network with a part of every kind.
const CONFIG: &str = include_str!("checkpoint.toml");

fuzz_target!(|data: &[u8]| {
    let config = scratch::file("config.toml", CONFIG.as_bytes());
    scratch::file("best.safetensors", data);
    if let Ok(run) = Run::load(scratch::folder(&config)) {
        exercise(&run.model);
        let _ = arc_trainer::export::float(&run).expect("a run that loads can be written");
    }
});
