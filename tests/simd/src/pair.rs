//! A pair of drawings, compared by the shipped models: what is timed.

use core::hint::black_box;

use arc_golden::Golden;
use arc_golden::shipped::{SIDE, SMALL, TINY, glyph};
use arc_runtime::kernels::Kernels;
use arc_runtime::{Comparator, Model, workspace_words};

/// The models.
pub const MODELS: [Golden; 2] = [TINY, SMALL];

/// The memory that the greatest of them asks for.
const WORDS: usize = workspace_words(SMALL.model);

/// A drawing by another drawer than that of the one it is compared with.
const PROBE: u8 = 20;
/// The same character.
const SUPPORT: u8 = 0;

/// Compares them `times` over; returns the logit, Q15.16.
///
/// # Errors
/// If the model cannot be used.
pub fn compare(golden: &Golden, kernels: impl Kernels, times: usize) -> Result<i32, &'static str> {
    let model = Model::load(golden.model).map_err(|_| "the model")?;
    let mut comparator =
        Comparator::with_kernels(&model, [0; WORDS], kernels).map_err(|_| "the memory")?;
    let mut pixels = [[0; SIDE * SIDE]; 2];
    let [one, other] = &mut pixels;
    let (probe, support) = (glyph(PROBE, one)?, glyph(SUPPORT, other)?);
    let mut logit = 0;
    for _ in 0..times {
        let score = comparator.compare(black_box(&probe), black_box(&support));
        logit = score.map_err(|_| "the images")?.logit;
    }
    Ok(logit)
}
