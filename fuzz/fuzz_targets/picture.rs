//! Arbitrary bytes as a PNG file; what it shows is scaled to a model's image.
#![no_main]

use arc_runtime::Ink;
use arc_trainer::data::Drawing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for ink in [Ink::Dark, Ink::Bright] {
        let Ok(drawing) = Drawing::from_png(data, ink) else { return };
        assert_eq!(drawing.ink.len(), usize::from(drawing.width) * usize::from(drawing.height));
        for side in [8, 32, 105] {
            let pixels = drawing.at_side(side);
            assert_eq!(pixels.len(), side * side);
            assert!(pixels.iter().all(|&pixel| pixel >= 0));
        }
    }
});
