//! What `cargo xtask mcu-bench` measures: a pair, and a probe among 20, between two marks at which
//! instructions are counted.
//!
//! It is built without a log and without a way to panic, so that its size is that of the
//! runtime, and writes its results to standard output as 32-bit numbers, little endian: the
//! logit and the stack of the pair, then of the best of the 20.

#![no_std]
#![no_main]

use core::hint::black_box;

use arc_golden::shipped::{SIDE, glyph};
use arc_runtime::{Comparator, Model, workspace_words};
use cortex_m::{asm, singleton};
use cortex_m_rt::entry;
use firmware_example::{MODEL, Native, board, stack};
use semihosting::io::{self, Write};

/// The probe, a glyph by another drawer than the enrolled ones.
const PROBE: u8 = 20;
/// The same character among the enrolled.
const SUPPORT: u8 = 0;

#[entry]
fn main() -> ! {
    board::exit(match measure() {
        Some(()) => 0,
        None => 1,
    })
}

fn measure() -> Option<()> {
    let model = load()?;
    pair(&model)?;
    #[cfg(not(tiny_only))]
    identify(&model)?;
    Some(())
}

#[inline(never)]
fn pair(model: &Model<'_>) -> Option<()> {
    const WORDS: usize = workspace_words(MODEL);
    let words: &mut [u32] = singleton!(PAIR_WORKSPACE: [u32; WORDS] = [0; WORDS])?;
    let mut comparator = Comparator::with_kernels(model, words, Native).ok()?;
    let mut pixels = [[0; SIDE * SIDE]; 2];
    let [one, other] = &mut pixels;
    let (probe, support) = (glyph(PROBE, one).ok()?, glyph(SUPPORT, other).ok()?);
    let (score, stack) = stack::high_water(|| {
        bench_begin();
        let score = black_box(comparator.compare(black_box(&probe), black_box(&support)));
        bench_end();
        score
    });
    write([score.ok()?.logit as u32, stack])
}

/// Not to be inlined: the stack that it takes is given back before anything is compared.
#[inline(never)]
fn load() -> Option<Model<'static>> {
    Model::load(MODEL).ok()
}

#[cfg(not(tiny_only))]
#[inline(never)]
fn identify(model: &Model<'_>) -> Option<()> {
    use arc_golden::shipped::SUPPORTS;
    use arc_runtime::{Gallery, feature_bytes, identify_words};
    const WORDS: usize = identify_words(MODEL, SUPPORTS);
    type Enrolled = Gallery<u8, SUPPORTS, { feature_bytes(MODEL) }>;

    let words: &mut [u32] = singleton!(IDENTIFY_WORKSPACE: [u32; WORDS] = [0; WORDS])?;
    let mut comparator = Comparator::with_kernels(model, words, Native).ok()?;
    let gallery = singleton!(ENROLLED: Enrolled = Gallery::new())?;
    let mut pixels = [0; SIDE * SIDE];
    for label in 0..SUPPORTS as u8 {
        gallery.enroll(&mut comparator, label, &glyph(label, &mut pixels).ok()?).ok()?;
    }
    let probe = glyph(PROBE, &mut pixels).ok()?;
    let (ranking, stack) = stack::high_water(|| {
        bench_begin();
        let ranking = black_box(gallery.identify(&mut comparator, black_box(&probe)));
        bench_end();
        ranking
    });
    let best = ranking.ok()?.best()?;
    write([best.score.logit as u32, stack])
}

fn write(numbers: [u32; 2]) -> Option<()> {
    let mut output = io::stdout().ok()?;
    numbers.iter().try_for_each(|number| output.write_all(&number.to_le_bytes())).ok()
}

/// The first mark.
// SAFETY: nothing else has this name.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    asm::nop();
}

/// The second mark; equal functions would be made one.
// SAFETY: nothing else has this name.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    asm::nop();
    asm::nop();
}
