//! x86-64 with Linux: the kernels that the program was compiled for, without a choice at run time.

use std::env;
use std::fmt::{Result, Write};
use std::process::ExitCode;

use arc_golden::{GALLERIES, GOLDEN, identify_packed, reproduce_packed};
use arc_runtime::kernels::{Kernels, Native};
use arc_runtime::model::Line;

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
    let same = packed() && check(&Native, pairs, &mut Console);
    ExitCode::from(u8::from(!same))
}

/// Whether the golden numbers come out with packed weights, too.
fn packed() -> bool {
    let mut lines = vec![Line::ZERO; LINES];
    let name = <Native as Kernels>::NAME;
    let pairs = GOLDEN.iter().all(|golden| {
        let same = reproduce_packed(golden, Native, &mut lines);
        println!("{name}: {} packed: {same:?}", golden.name);
        same.is_ok()
    });
    let galleries = GALLERIES.iter().all(|golden| {
        let same = identify_packed(golden, Native, &mut lines);
        println!("{name}: {} packed: {same:?}", golden.name);
        same.is_ok()
    });
    pairs && galleries
}

/// Standard output.
struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> Result {
        print!("{text}");
        Ok(())
    }
}
