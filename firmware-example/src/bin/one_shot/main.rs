//! Enrolls 20 characters, identifies drawings of them and one of another, and logs what it finds.

#![no_std]
#![no_main]

mod instructions;

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use defmt::info;
use firmware_example::board;
use firmware_example::one_shot::{Enrolled, Finding, OneShot, PROBES, Workspace};
use instructions::Counter;

#[entry]
fn main() -> ! {
    static mut WORKSPACE: Workspace = Workspace::new();
    static mut GALLERY: Enrolled = Enrolled::new();
    let mut counter = Counter::new(Peripherals::take().expect("nobody else takes them").SYST);

    let mut task = counter.time("enrolling", || OneShot::enroll(WORKSPACE, GALLERY));
    for character in PROBES {
        let Finding { character, best: [first, second, third], accepted } =
            counter.time("identifying", || task.identify(character));
        info!(
            "a drawing of {=usize} is most like {=u16} ({=i32} %), {=u16} ({=i32} %), {=u16} ({=i32} %)",
            character,
            first.label,
            first.percent,
            second.label,
            second.percent,
            third.label,
            third.percent
        );
        match accepted {
            Some(label) => info!("it is {=u16}", label),
            None => info!("it is none of these"),
        }
    }
    board::exit(0)
}
