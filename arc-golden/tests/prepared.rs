//! The model whose file has a preparation, which programs in C are tested with.

use std::path::Path;
use std::{env, fs};

use arc_golden::GOLDEN;
use arc_golden::prepared::INK;
use arc_runtime::Model;
use arc_runtime::format::Header;
use arc_runtime::format::body::Body;

/// `ARC_BLESS=1 cargo test` writes it anew.
#[test]
fn the_prepared_model_is_the_one_on_raw_pixels_with_ink() {
    let raw = GOLDEN.iter().find(|golden| golden.name == "arc").unwrap();
    let (header, body) = Header::parse(raw.model).unwrap();
    let body = Body { preparation: INK, ..Body::decode(header.version, body).unwrap() };
    let dimensions = Model::from_body(&body).unwrap().dimensions();
    let body = postcard::to_stdvec(&body).unwrap();
    let file = [&Header::integer(&body, &dimensions).to_bytes()[..], &body].concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("prepared.arc");
    if env::var_os("ARC_BLESS").is_some() {
        fs::write(&path, &file).unwrap();
    }
    assert!(fs::read(&path).unwrap_or_default() == file, "{} is another", path.display());
}
