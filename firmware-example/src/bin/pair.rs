//! Compares two pictures, logs every glimpse, and ends with an exit code for QEMU.

#![no_std]
#![no_main]

use cortex_m as _; // the critical section that defmt asks for
use cortex_m_rt::entry;
use defmt::info;
use defmt_semihosting as _;
use firmware_example::Verdict;
use semihosting::process;

#[entry]
fn main() -> ! {
    let Verdict { score, probability, accepted } = firmware_example::compare(|step| {
        info!("{=usize} {} {}", step.index, step.role, step.place);
    });
    info!("{}, probability {=i16}, accepted {=bool}", score, probability, accepted);
    process::exit(0)
}
