//! The self-test of `src/bin/selftest.rs` on the host; prints what the firmware logs.

use firmware_example::selftest::{Passed, all};

fn main() {
    let print = |part: Passed| {
        println!("{}: {} {}", part.name, part.count, part.what);
    };
    all(print).expect("as recorded");
}
