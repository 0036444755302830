//! Marks in a program, between which `cargo xtask mcu-bench` counts instructions.
#![allow(unsafe_code)]

use cortex_m::asm;

/// Runs `work` between the two marks.
#[inline(always)]
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    bench_begin();
    let result = work();
    bench_end();
    result
}

/// The first mark.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    asm::nop();
}

/// The second mark; equal functions would be made one.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    asm::nop();
    asm::nop();
}
