//! Compares two pictures and logs every glimpse.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use defmt::info;
use firmware_example::board;
use firmware_example::pair::{Verdict, compare};

#[entry]
fn main() -> ! {
    let Verdict { score, probability, accepted } = compare(|step| {
        info!("{=usize} {} {}", step.index, step.role, step.gaze);
    });
    info!("{}, probability {=i16}, accepted {=bool}", score, probability, accepted);
    board::exit(0)
}
