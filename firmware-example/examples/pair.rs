//! The comparison of `src/bin/pair.rs` on the host; prints what the firmware logs.

fn main() {
    let score = firmware_example::compare(|step| {
        println!("{} {:?} {:?}", step.index, step.role, step.place);
    });
    println!("{score:?}, probability {}", score.probability());
}
