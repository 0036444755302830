//! WebAssembly: `run.mjs` calls `check`.

// SAFETY: this file has the functions that the module shares with `run.mjs`.
#![allow(unsafe_code)]

use core::fmt::{Result, Write};
use core::panic::PanicInfo;

use arc_runtime::kernels::Simd128;

use crate::check::RANDOM_PAIRS;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Prints a byte.
    safe fn print(byte: u8);
}

/// Whether all is well.
#[unsafe(no_mangle)]
extern "C" fn check() -> bool {
    crate::check::check(&Simd128, RANDOM_PAIRS, &mut Console)
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
