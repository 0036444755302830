//! Same or different?

use core::ffi::c_void;

use crate::comparator::{Comparator, stop_if_replaced, with};
use crate::image::{Image, borrow};
use crate::status::{Status, status};

/// Which of the two images a glimpse is taken of.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The image in question, seen first.
    Probe = 0,
    /// The example it is compared with.
    Support = 1,
}

/// One step of a comparison, as a trace shows it; its pointers are valid within the trace alone.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The step's number, from 0.
    pub index: usize,
    /// Which image the glimpse is of.
    pub role: Role,
    /// Center from top (-1) to bottom (1), Q0.15.
    pub y: i16,
    /// Center from left (-1) to right (1), Q0.15.
    pub x: i16,
    /// Spread, Q0.15: 0 covers the whole map, 1 or -1 a single spot.
    pub d: i16,
    /// What was seen: N x N x C, laid out (row, column, channel).
    pub glimpse: *const i8,
    /// Numbers in the glimpse.
    pub glimpse_len: usize,
    /// The cell after the step, Q4.11.
    pub cell: *const i16,
    /// The state after the step, Q0.7.
    pub state: *const i8,
    /// Numbers in the cell and in the state.
    pub hidden: usize,
}

/// Is shown each step of a comparison, and what the caller gave for it.
///
/// It must return: neither `longjmp` nor an exception may leave it.
pub type Trace = Option<unsafe extern "C" fn(user: *mut c_void, step: *const Step)>;

/// How alike two images are. The order matters a little: the probe is seen first.
///
/// @param comparator an initialized comparator
/// @param probe the image in question
/// @param support the example it is compared with
/// @param logit output: how alike they are, Q15.16
///
/// @return ARC_STATUS_OK, an error of the memory, the comparator or an image, or
/// ARC_STATUS_NO_PAIRS
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_compare(
    comparator: *mut Comparator,
    probe: *const Image,
    support: *const Image,
    logit: *mut i32,
) -> Status {
    // SAFETY: C's contract.
    status(unsafe { compare(comparator, probe, support, logit, |_| {}) })
}

/// `arc_compare`, showing each step as it happens.
///
/// @param comparator an initialized comparator
/// @param probe the image in question
/// @param support the example it is compared with
/// @param trace is called after each step; it may not use the comparator, which answers with
/// ARC_STATUS_BUSY, nor initialize it anew, which ends the program
/// @param user is given to the trace
/// @param logit output: how alike they are, Q15.16
///
/// @return as `arc_compare`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_compare_traced(
    comparator: *mut Comparator,
    probe: *const Image,
    support: *const Image,
    trace: Trace,
    user: *mut c_void,
    logit: *mut i32,
) -> Status {
    let Some(trace) = trace else { return Status::NullPointer };
    let show = |step: &arc_runtime::Step<'_>| {
        let step = Step {
            index: step.index,
            role: match step.role {
                arc_runtime::Role::Probe => Role::Probe,
                arc_runtime::Role::Support => Role::Support,
            },
            y: step.gaze.y,
            x: step.gaze.x,
            d: step.gaze.d,
            glimpse: step.glimpse.as_ptr(),
            glimpse_len: step.glimpse.len(),
            cell: step.cell.as_ptr(),
            state: step.state.as_ptr(),
            hidden: step.state.len(),
        };
        // SAFETY: a function of C's, which asks for nothing but a step and what came with it. It is
        // called by a comparator at work.
        unsafe {
            trace(user, &raw const step);
            stop_if_replaced(comparator);
        }
    };
    // SAFETY: C's contract.
    status(unsafe { compare(comparator, probe, support, logit, show) })
}

/// # Safety
/// The contract of C.
unsafe fn compare(
    comparator: *mut Comparator,
    probe: *const Image,
    support: *const Image,
    logit: *mut i32,
    trace: impl FnMut(&arc_runtime::Step<'_>),
) -> Result<(), Status> {
    // SAFETY: the caller's contract.
    unsafe {
        with(comparator, |inner, borrows| {
            let logit = borrows.output(logit, 1)?;
            let side = inner.side();
            let (probe, support) = (borrow(borrows, probe, side)?, borrow(borrows, support, side)?);
            let score = inner.comparator.compare_traced(&probe, &support, trace)?;
            logit.write(score.logit);
            Ok(())
        })
    }
}

/// The features of an image: to enroll it is to keep them.
///
/// @param comparator an initialized comparator
/// @param image the image
/// @param features output: its features
/// @param feature_bytes their length, that of the model
///
/// @return ARC_STATUS_OK, an error of the memory, the comparator or the image, or
/// ARC_STATUS_FEATURE_LENGTH
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_extract(
    comparator: *mut Comparator,
    image: *const Image,
    features: *mut i8,
    feature_bytes: usize,
) -> Status {
    // SAFETY: C's contract.
    let done = unsafe {
        with(comparator, |inner, borrows| {
            let features = borrows.output(features, feature_bytes)?;
            let image = borrow(borrows, image, inner.side())?;
            // First of all, so that the features stay as they are after an error.
            if feature_bytes != inner.comparator.model().dimensions().feature_bytes() {
                return Err(Status::FeatureLength);
            }
            Ok(inner.comparator.extract(&image, features.fill())?)
        })
    };
    status(done)
}

/// `arc_compare` from the features of both images, as `arc_extract` made them with the same model.
///
/// @param comparator an initialized comparator
/// @param probe the features of the image in question
/// @param support the features of the example
/// @param feature_bytes the length of each, that of the model
/// @param logit output: how alike they are, Q15.16
///
/// @return ARC_STATUS_OK, an error of the memory, the comparator or the features, or
/// ARC_STATUS_NO_PAIRS
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_compare_features(
    comparator: *mut Comparator,
    probe: *const i8,
    support: *const i8,
    feature_bytes: usize,
    logit: *mut i32,
) -> Status {
    // SAFETY: C's contract.
    let done = unsafe {
        with(comparator, |inner, borrows| {
            let logit = borrows.output(logit, 1)?;
            let probe = borrows.input(probe, feature_bytes)?;
            let support = borrows.input(support, feature_bytes)?;
            logit.write(inner.comparator.compare_features(probe, support)?.logit);
            Ok(())
        })
    };
    status(done)
}
