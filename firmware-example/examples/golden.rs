//! The self-test of `src/bin/golden.rs` on the host; prints what the firmware logs.

use firmware_example::selftest::{Passed, golden};

fn main() {
    let print = |part: Passed| {
        println!("{}: {} {}", part.name, part.count, part.what);
    };
    golden(print).expect("as recorded");
}
