//! What C's users read is what there is.

use std::path::Path;
use std::{env, fs};

/// `ARC_BLESS=1 cargo test` writes it anew.
#[test]
fn the_header_is_made_of_the_declarations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::generate_with_config(folder, config).unwrap();
    let mut expected = Vec::new();
    bindings.write(&mut expected);
    let path = folder.join("include/arc_runtime.h");
    if env::var_os("ARC_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let header = fs::read(&path).unwrap_or_default();
    assert!(
        header == expected,
        "{} is not what src/ declares: ARC_BLESS=1 cargo test writes it anew",
        path.display()
    );
}

#[test]
fn the_readme_shows_the_example() {
    let example = concat!("```c\n", include_str!("../examples/recognize.c"), "```\n");
    assert!(
        include_str!("../README.md").contains(example),
        "README.md shows another examples/recognize.c: copy it there"
    );
}

#[test]
fn every_status_of_the_header_has_a_text_of_its_own() {
    let header = include_str!("../include/arc_runtime.h");
    let mut texts = Vec::new();
    for line in header.lines().filter(|line| line.trim().starts_with("ARC_STATUS_")) {
        let number = line.split("= ").nth(1).and_then(|rest| rest.strip_suffix(',')).unwrap();
        let text = arc_runtime_c::arc_error_text(number.parse().unwrap());
        // SAFETY: the function's contract.
        texts.push(unsafe { std::ffi::CStr::from_ptr(text) }.to_str().unwrap());
    }
    // SAFETY: a text of the library ends with a zero and is there for ever.
    let unknown = unsafe { std::ffi::CStr::from_ptr(arc_runtime_c::arc_error_text(-1)) };
    texts.push(unknown.to_str().unwrap());
    assert!(texts.len() > 20);
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), count, "two have the same text: {texts:#?}");
}
