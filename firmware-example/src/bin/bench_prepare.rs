//! What `cargo xtask mcu-bench` measures of the preparation: a frame of a camera, between two marks at which
//! instructions are counted.
//!
//! It is built without a log, and without a model, so that its size is that of the preparation. It writes two 32-bit
//! numbers to standard output, little endian: the sum of the image's pixels, and the stack.

#![no_std]
#![no_main]

use core::hint::black_box;

use arc_golden::frames::{FIRST, HEIGHT, WIDTH};
use arc_golden::prepared::INK;
use arc_golden::shipped::SIDE;
use arc_runtime::Frame;
use cortex_m_rt::entry;
use firmware_example::marks::counted;
use firmware_example::{board, stack};
use semihosting::io::{self, Write};

#[entry]
fn main() -> ! {
    board::exit(match measure() {
        Some(()) => 0,
        None => 1,
    })
}

fn measure() -> Option<()> {
    let frame = Frame::new(WIDTH, HEIGHT, &FIRST).ok()?;
    let mut pixels = [0; SIDE * SIDE];
    let (image, stack) = stack::high_water(|| {
        counted(|| black_box(INK.prepare(black_box(&frame), SIDE, &mut pixels)))
    });
    let sum = image.ok()?.pixels().iter().map(|&pixel| pixel as u32).sum::<u32>();
    let mut output = io::stdout().ok()?;
    [sum, stack].iter().try_for_each(|number| output.write_all(&number.to_le_bytes())).ok()
}
