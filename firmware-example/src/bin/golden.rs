//! Holds the golden vectors against what this core computes: the part of `selftest` that some
//! boards have no flash for beside the rest.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use defmt::{error, info};
use firmware_example::board;
use firmware_example::selftest::golden;

#[entry]
fn main() -> ! {
    match golden(|part| info!("{=str}: {=usize} {=str}", part.name, part.count, part.what)) {
        Ok(()) => board::exit(0),
        Err(part) => {
            error!("{=str}: {=str} differs", part.name, part.what);
            board::exit(1)
        }
    }
}
