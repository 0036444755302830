//! The one-shot task of `src/bin/one_shot.rs` on the host; prints what the firmware logs.

use firmware_example::one_shot::{Enrolled, Finding, OneShot, PROBES, Workspace};

fn main() {
    let (mut memory, mut gallery) = (Workspace::new(), Enrolled::new());
    let mut task = OneShot::enroll(&mut memory, &mut gallery);
    for character in PROBES {
        let Finding { character, best: [first, second, third], accepted } =
            task.identify(character);
        println!(
            "a drawing of {character} is most like {} ({} %), {} ({} %), {} ({} %)",
            first.label, first.percent, second.label, second.percent, third.label, third.percent
        );
        match accepted {
            Some(label) => println!("it is {label}"),
            None => println!("it is none of these"),
        }
    }
}
