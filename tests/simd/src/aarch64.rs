//! Armv8-A: starts on QEMU's `virt` machine; the exit code tells whether all is well.

// SAFETY: this file has the program's entry, which the linker and QEMU find by its name.
#![allow(unsafe_code)]

use core::arch::global_asm;
use core::fmt::{Result, Write};

use arc_runtime::kernels::{Kernels, Neon, Scalar};
use semihosting::{print, println, process};

use crate::check::{RANDOM_PAIRS, check};

// A stack at the end of 128 MiB of memory, and leave to use vector registers (CPACR_EL1.FPEN).
global_asm!(
    ".global _start",
    "_start:",
    "mov x0, #0x48000000",
    "mov sp, x0",
    "mov x0, #(3 << 20)",
    "msr cpacr_el1, x0",
    "isb",
    "b main",
);

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let same = match Neon::detect() {
        Some(neon) => check(&neon, None, RANDOM_PAIRS, &mut Console),
        None => {
            println!("SKIPPED {}: compiled for a processor without dot products", Neon::NAME);
            check(&Scalar, None, 0, &mut Console)
        }
    };
    process::exit(i32::from(!same))
}

/// QEMU's standard output.
struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> Result {
        print!("{text}");
        Ok(())
    }
}
