//! x86-64 with Linux: the kernels that the program was compiled for, without a choice at run time.

use std::env;
use std::fmt::{Result, Write};
use std::process::ExitCode;

use arc_runtime::Line;
use arc_runtime::kernels::{Kernels, Native};

use crate::check::{RANDOM_PAIRS, check};

/// Memory for the packed weights of any of the models.
const LINES: usize = 4096;

/// Runs all checks. An argument is the number of random pairs, where an emulator is slow.
pub fn main() -> ExitCode {
    let pairs = env::args().nth(1).map_or(Ok(RANDOM_PAIRS), |pairs| pairs.parse());
    let Ok(pairs) = pairs else {
        println!("the argument is a number of random pairs");
        return ExitCode::FAILURE;
    };
    let mut lines = vec![Line::ZERO; LINES];
    let lines = Native.requires_packed().then_some(&mut lines[..]);
    let same = check(&Native, lines, pairs, &mut Console);
    ExitCode::from(u8::from(!same))
}

/// Standard output.
struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> Result {
        print!("{text}");
        Ok(())
    }
}
