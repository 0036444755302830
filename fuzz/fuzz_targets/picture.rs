//! Arbitrary bytes as a picture of any format; what it shows is scaled to a model's image.
#![no_main]

use arc_runtime::Ink;
use arc_trainer::data::{Drawing, Picture};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(picture) = Picture::decode(data) else { return };
    assert_eq!(picture.gray.len(), usize::from(picture.width) * usize::from(picture.height));
    let drawings =
        [Drawing::of(picture, Ink::Dark), Drawing::decode(data, Ink::Bright).expect("read before")];
    for drawing in drawings {
        assert_eq!(drawing.ink.len(), usize::from(drawing.width) * usize::from(drawing.height));
        for side in [8, 32, 105] {
            let pixels = drawing.at_side(side);
            assert_eq!(pixels.len(), side * side);
            assert!(pixels.iter().all(|&pixel| pixel >= 0));
        }
    }
});
