//! Which of these?

use core::cmp::Reverse;

use arc_runtime::Rating;

use crate::comparator::{Comparator, Inner, with};
use crate::image::{Image, borrow};
use crate::memory::Plain;
use crate::status::{Status, status};

/// The `pair` of an N-way model, which has no score for a pair.
pub const ARC_NO_PAIR: i32 = i32::MIN;

/// A support and how alike it is to the probe.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Which of the supports it is, from 0.
    pub index: usize,
    /// What the supports are ranked by, Q15.16.
    pub score: i32,
    /// The logit of the pair alone, Q15.16, whatever the other supports are; or ARC_NO_PAIR.
    pub pair: i32,
}

// SAFETY: numbers.
unsafe impl Plain for Match {}

/// Ranks enrolled images by how alike they are to a probe. The model decides how: each alone, all
/// of them in context, or as its N ways.
///
/// The best is `ranking[0]`, and it is accepted if `arc_accepts(comparator, ranking[0].pair)`;
/// otherwise the probe is none of these. With more supports there are more chances of a false
/// accept.
///
/// @param comparator an initialized comparator
/// @param probe the image in question
/// @param supports for each enrolled image a pointer to its features, as `arc_extract` made them
/// with the same model, `feature_bytes` of `arc_model_sizes` each
/// @param count their number, at least 1
/// @param ranking output: as many matches, the best first; of equal scores, the first support first
///
/// @return ARC_STATUS_OK, an error of the memory, the comparator, the image or the features,
/// ARC_STATUS_NO_SUPPORTS, ARC_STATUS_WAYS, or ARC_STATUS_WORKSPACE if `arc_identify_bytes` asks
/// for more
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_identify(
    comparator: *mut Comparator,
    probe: *const Image,
    supports: *const *const i8,
    count: usize,
    ranking: *mut Match,
) -> Status {
    // SAFETY: C's contract.
    let done = unsafe { rank(comparator, Probe::Image(probe), (supports, count), ranking) };
    status(done)
}

/// `arc_identify` for a probe that is given by its features, too.
///
/// @param comparator an initialized comparator
/// @param probe the features of the image in question, `feature_bytes` long
/// @param supports as for `arc_identify`
/// @param count their number, at least 1
/// @param ranking output: as for `arc_identify`
///
/// @return as `arc_identify`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_identify_features(
    comparator: *mut Comparator,
    probe: *const i8,
    supports: *const *const i8,
    count: usize,
    ranking: *mut Match,
) -> Status {
    // SAFETY: C's contract.
    let done = unsafe { rank(comparator, Probe::Features(probe), (supports, count), ranking) };
    status(done)
}

/// A probe as C gives it.
enum Probe {
    Image(*const Image),
    Features(*const i8),
}

/// # Safety
/// The contract of C.
unsafe fn rank(
    comparator: *mut Comparator,
    probe: Probe,
    (supports, count): (*const *const i8, usize),
    ranking: *mut Match,
) -> Result<(), Status> {
    if count == 0 {
        return Err(Status::NoSupports);
    }
    // SAFETY: the caller's contract, here and below.
    unsafe {
        with(comparator, |Inner { comparator, .. }, borrows| {
            let mut ranking = borrows.output(ranking, count)?;
            let dimensions = comparator.model().dimensions();
            let bytes = dimensions.feature_bytes();
            let supports = borrows.input(supports, count)?;
            supports.iter().try_for_each(|&one| borrows.input(one, bytes).map(drop))?;
            // What has just been borrowed can be borrowed again.
            let supports =
                supports.iter().map(|&one| borrows.input(one, bytes).unwrap_or_default());
            let mut rated = 0;
            let each = |Rating { score, pair }| {
                let pair = pair.map_or(ARC_NO_PAIR, |pair| pair.logit);
                ranking.set(rated, Match { index: rated, score: score.logit, pair });
                rated += 1;
            };
            match probe {
                Probe::Image(probe) => {
                    let probe = borrow(borrows, probe, dimensions.image_side)?;
                    comparator.identify(&probe, supports, each)?;
                }
                Probe::Features(probe) => {
                    let probe = borrows.input(probe, bytes)?;
                    comparator.identify_features(probe, supports, each)?;
                }
            }
            if rated != count {
                return Err(Status::Unknown);
            }
            ranking.values().sort_unstable_by_key(|one| (Reverse(one.score), one.index));
            Ok(())
        })
    }
}
