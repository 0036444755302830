//! Arbitrary text as a configuration, and behind a zero byte each an override of `--set`.
//!
//! What is taken is written as it will be read again.
#![no_main]

use arc_trainer::config::Config;
use arc_trainer::export::check_sizes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.split('\0');
    let toml = parts.next().unwrap_or_default();
    let overrides: Vec<_> = parts.map(str::to_owned).collect();
    let Ok(config) = Config::parse(toml, &overrides) else { return };
    let written = config.to_toml();
    let again = Config::parse(&written, &[]).expect("what was taken can be read again");
    assert_eq!(again.to_toml(), written);
    let _ = check_sizes(&config.model);
});
