//! The comparison of `src/bin/pair.rs` on the host; prints what the firmware logs.

use firmware_example::Verdict;

fn main() {
    let Verdict { score, probability, accepted } = firmware_example::compare(|step| {
        println!("{} {:?} {:?}", step.index, step.role, step.place);
    });
    println!("{score:?}, probability {probability}, accepted {accepted}");
}
