//! How much stack a piece of work takes: all below is painted before it, and searched for the paint after it.
#![allow(unsafe_code)]

use cortex_m::register::msp;

unsafe extern "C" {
    /// The lowest word of the stack; cortex-m-rt's linker script has it.
    static mut _stack_end: u32;
}

/// What no program leaves on its stack by chance.
const PAINT: u32 = 0xcccc_cccc;

/// Runs `work`; what it returns, and the most bytes of stack that it took.
#[inline(never)]
pub fn high_water<T>(work: impl FnOnce() -> T) -> (T, u32) {
    let (end, top) = (&raw mut _stack_end, msp::read());
    for word in (end as u32..top).step_by(4) {
        // SAFETY: the words from the stack's end to the stack pointer are RAM that nothing uses:
        // there is no other thread of execution, as no interrupt is enabled.
        unsafe { (word as *mut u32).write_volatile(PAINT) }
    }
    let result = outlined(work);
    // SAFETY: `word` is one of the words painted above, all of them RAM of the stack.
    let painted = |word: &u32| unsafe { (*word as *const u32).read_volatile() == PAINT };
    let untouched = (end as u32..top).step_by(4).take_while(painted).count() as u32;
    (result, top - end as u32 - 4 * untouched)
}

/// A stack frame of its own, below the paint's upper edge.
#[inline(never)]
fn outlined<T>(work: impl FnOnce() -> T) -> T {
    work()
}
