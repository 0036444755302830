//! The two checks that most numbers of a file need.

use super::{LoadError, Part};

/// Checks that a number lies in a range.
pub(crate) fn within(
    part: Part,
    quantity: &'static str,
    found: u32,
    least: u32,
    most: u32,
) -> Result<usize, LoadError> {
    if (least..=most).contains(&found) {
        return Ok(found as usize);
    }
    Err(LoadError::OutOfRange { part, quantity, found, allowed: (least, most) })
}

/// Checks that a size is what the others ask for.
pub(crate) fn equal(
    part: Part,
    quantity: &'static str,
    found: usize,
    expected: u32,
) -> Result<(), LoadError> {
    if u32::try_from(found) == Ok(expected) {
        return Ok(());
    }
    Err(LoadError::Mismatch {
        part,
        quantity,
        found: u32::try_from(found).unwrap_or(u32::MAX),
        expected,
    })
}
