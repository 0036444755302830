//! The comparison of `src/bin/pair.rs` on the host; prints what the firmware logs.

use firmware_example::pair::{Verdict, compare};

fn main() {
    let Verdict { score, probability, accepted } = compare(|step| {
        println!("{} {:?} {:?}", step.index, step.role, step.gaze);
    });
    println!("{score:?}, probability {probability}, accepted {accepted}");
}
