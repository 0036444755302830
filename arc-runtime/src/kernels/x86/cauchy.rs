//! The Cauchy kernel's two tables in one, for gathers.

use crate::arithmetic::cauchy::{FAR, NEAR};

/// The near table, the far one behind it, and two entries more: a gather reads 32 bits at a time.
pub(super) static KERNEL: [u16; NEAR.len() + FAR.len() + 2] = {
    let mut all = [0; NEAR.len() + FAR.len() + 2];
    let mut k = 0;
    while k < NEAR.len() + FAR.len() {
        all[k] = if k < NEAR.len() { NEAR[k] } else { FAR[k - NEAR.len()] };
        k += 1;
    }
    all
};

/// Where the far table begins.
pub(super) const fn index_of_far() -> i32 {
    NEAR.len() as i32
}
