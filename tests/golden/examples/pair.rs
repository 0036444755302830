//! A pair of drawings compared by the shipped models, once by each set of kernels that the
//! processor runs: what `cargo xtask simd` counts the instructions of.
//!
//! Prints a line for each: model, kernels, multiply-accumulates and logit.

// SAFETY: this file has two functions that the counter finds by their names.
#![allow(unsafe_code)]

use std::error::Error;
use std::hint::black_box;

use arc_golden::shipped::{SIDE, SMALL, TINY, glyph};
use arc_runtime::kernels::Host;
use arc_runtime::model::Line;
use arc_runtime::{Comparator, Model};

/// A drawing by another drawer than that of the one it is compared with.
const PROBE: u8 = 20;
/// The same character.
const SUPPORT: u8 = 0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut pixels = [[0; SIDE * SIDE]; 2];
    let [one, other] = &mut pixels;
    let (probe, support) = (glyph(PROBE, one)?, glyph(SUPPORT, other)?);
    for golden in [TINY, SMALL] {
        let model = Model::load(golden.model)?;
        let mut lines = vec![Line::ZERO; model.packed_lines()];
        let model = model.pack(&mut lines)?;
        let words = model.dimensions().workspace_bytes() / 4;
        for kernels in Host::available() {
            let mut comparator = Comparator::with_kernels(&model, vec![0; words], kernels)?;
            count_begin();
            let score = comparator.compare(black_box(&probe), black_box(&support))?;
            count_end();
            let macs = model.dimensions().pair_macs();
            println!("{} {} {macs} {}", golden.name, kernels.name(), score.logit);
        }
    }
    Ok(())
}

/// Instructions are counted from here ...
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn count_begin() {
    black_box("begin");
}

/// ... to here; equal functions would be made one.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn count_end() {
    black_box("end");
}
