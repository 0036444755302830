//! Holds every number of the golden vectors against what this core computes; the exit code tells.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use defmt::{error, info};
use firmware_example::{Native, board};

#[entry]
fn main() -> ! {
    for golden in &arc_golden::GOLDEN {
        match arc_golden::reproduce(golden, Native) {
            Ok(same) => info!(
                "{=str}: {=usize} pairs, {=usize} steps, every number as recorded",
                golden.name, same.pairs, same.steps
            ),
            Err(difference) => {
                error!("{=str}: {=str} differs", golden.name, difference.what);
                board::exit(1)
            }
        }
    }
    for golden in &arc_golden::GALLERIES {
        match arc_golden::identify(golden, Native) {
            Ok(same) => info!(
                "{=str}: {=usize} probes among {=usize} supports, every rating as recorded",
                golden.name, same.probes, same.supports
            ),
            Err(difference) => {
                error!("{=str}: {=str} differs", golden.name, difference.what);
                board::exit(1)
            }
        }
    }
    board::exit(0)
}
