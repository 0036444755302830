//! WebAssembly: `run.mjs` calls `check`, and times `compare`.

// SAFETY: this file has the functions that the module shares with `run.mjs`.
#![allow(unsafe_code)]

use core::fmt::{Result, Write};
use core::panic::PanicInfo;

use arc_runtime::kernels::{Scalar, Simd128};

use crate::check::RANDOM_PAIRS;
use crate::pair::{self, MODELS};

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Prints a byte.
    safe fn print(byte: u8);
}

/// Whether all is well.
#[unsafe(no_mangle)]
extern "C" fn check() -> bool {
    crate::check::check(&Simd128, None, RANDOM_PAIRS, &mut Console)
}

/// Compares a pair `times` over with a model of the given number, by the vector kernels or by the
/// scalar ones; returns its logit, Q15.16.
#[unsafe(no_mangle)]
extern "C" fn compare(model: usize, vector: bool, times: usize) -> i32 {
    let golden = &MODELS[model];
    let logit = match vector {
        true => pair::compare(golden, Simd128, times),
        false => pair::compare(golden, Scalar, times),
    };
    logit.expect("a shipped model")
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> Result {
        text.bytes().for_each(|byte| print(byte));
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console, "{info}");
    core::arch::wasm32::unreachable()
}
