//! Compares two pictures, logs every glimpse, and ends with an exit code for QEMU.

#![no_std]
#![no_main]

use cortex_m as _; // the critical section that defmt asks for
use cortex_m_rt::entry;
use defmt::info;
use defmt_semihosting as _;
use semihosting::process;

#[entry]
fn main() -> ! {
    let score = firmware_example::compare(|step| {
        info!("{=usize} {} {}", step.index, step.role, step.place);
    });
    info!("{}, probability {=i16}", score, score.probability());
    process::exit(0)
}
