//! What a logit means.

use arc_runtime::Score;

use crate::comparator::{Comparator, model};
use crate::identify::ARC_NO_PAIR;

/// The probability that two images of this logit are of one class, Q0.15: 32767 is certain.
///
/// Stated for images that are as often of one class as not.
///
/// @return 0 to 32767, or -1 if the comparator is not initialized or at work
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_probability(comparator: *const Comparator, logit: i32) -> i16 {
    // SAFETY: C's contract; the borrow ends with the call.
    unsafe { model(comparator) }.map_or(-1, |model| model.probability(Score { logit }))
}

/// Whether a pair's logit is enough for one class: at least the threshold that the model was
/// exported with.
///
/// For the best of several supports give its `pair`; ARC_NO_PAIR, which an N-way model has for
/// want of a pair's score, is accepted.
///
/// @return also false if the comparator is not initialized or at work
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_accepts(comparator: *const Comparator, pair: i32) -> bool {
    // SAFETY: C's contract; the borrow ends with the call.
    unsafe { model(comparator) }.is_ok_and(|model| match pair {
        ARC_NO_PAIR => model.network().decision.ways().is_some(),
        logit => model.accepts(Score { logit }),
    })
}
