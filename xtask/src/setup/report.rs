//! What a step of the setup says.

use std::fmt::Display;

/// One line per step, aligned.
pub fn report(step: &str, what: impl Display) {
    eprintln!("{step:>12}  {what}");
}
