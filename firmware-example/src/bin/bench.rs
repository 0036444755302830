//! What `cargo xtask mcu-bench` measures: a pair, and a probe among 20, between two marks at which
//! instructions are counted.
//!
//! It is built without a log and without a way to panic, so that its size is that of the
//! runtime, and writes its results to standard output as 32-bit numbers, little endian: the
//! logit and the stack of the pair, then of the best of the 20.

#![no_std]
#![no_main]

use core::hint::black_box;

use arc_golden::shipped::glyph;
use arc_runtime::{Comparator, Model};
use cortex_m::singleton;
use cortex_m_rt::entry;
use firmware_example::marks::counted;
use firmware_example::{board, stack};
use semihosting::io::{self, Write};

// One model, which is in flash once, with the memory for each of the two questions.
arc_runtime::embed!(mod two = env!("MODEL"));
#[cfg(not(tiny_only))]
arc_runtime::embed!(mod twenty = env!("MODEL"), gallery = arc_golden::shipped::SUPPORTS);

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
fn pair(model: &Model<'static>) -> Option<()> {
    let workspace = singleton!(PAIR_WORKSPACE: two::Workspace = two::Workspace::new())?;
    // Slices, here and below: workspaces of two sizes would be two types, and a comparator's code be there twice.
    let mut comparator = Comparator::new(model, workspace.as_mut()).ok()?;
    let [one, other] = &mut [two::pixels(); 2];
    let (probe, support) = (glyph(PROBE, one).ok()?, glyph(SUPPORT, other).ok()?);
    let (score, stack) = stack::high_water(|| {
        counted(|| black_box(comparator.compare(black_box(&probe), black_box(&support))))
    });
    write([score.ok()?.logit as u32, stack])
}

/// Not to be inlined: the stack that it takes is given back before anything is compared.
#[inline(never)]
fn load() -> Option<Model<'static>> {
    two::model().ok()
}

#[cfg(not(tiny_only))]
#[inline(never)]
fn identify(model: &Model<'static>) -> Option<()> {
    use arc_golden::shipped::SUPPORTS;
    use twenty::{Gallery, Workspace};

    let workspace = singleton!(IDENTIFY_WORKSPACE: Workspace = Workspace::new())?;
    let mut comparator = Comparator::new(model, workspace.as_mut()).ok()?;
    let gallery = singleton!(ENROLLED: Gallery<u8> = Gallery::new())?;
    let mut pixels = twenty::pixels();
    for label in 0..SUPPORTS as u8 {
        gallery.enroll(&mut comparator, label, &glyph(label, &mut pixels).ok()?).ok()?;
    }
    let probe = glyph(PROBE, &mut pixels).ok()?;
    let (ranking, stack) = stack::high_water(|| {
        counted(|| black_box(gallery.identify(&mut comparator, black_box(&probe))))
    });
    let best = ranking.ok()?.best()?;
    write([best.score.logit as u32, stack])
}

fn write(numbers: [u32; 2]) -> Option<()> {
    let mut output = io::stdout().ok()?;
    numbers.iter().try_for_each(|number| output.write_all(&number.to_le_bytes())).ok()
}
