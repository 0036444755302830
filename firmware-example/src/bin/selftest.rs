//! Holds what this core computes against the host's numbers; the exit code tells.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use defmt::{error, info};
use firmware_example::board;
use firmware_example::selftest::all;

#[entry]
fn main() -> ! {
    match all(|part| info!("{=str}: {=usize} {=str}", part.name, part.count, part.what)) {
        Ok(()) => board::exit(0),
        Err(part) => {
            error!("{=str}: {=str} differs", part.name, part.what);
            board::exit(1)
        }
    }
}
