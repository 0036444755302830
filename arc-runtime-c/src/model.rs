//! What is known of a model before memory is given to it.

use arc_runtime::Model;
use arc_runtime::kernels::Kernels;

use crate::comparator::Native;
use crate::memory::{Borrows, Plain};
use crate::status::{Status, status};

/// The sizes of a model.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Rows and columns of its images.
    pub image_side: usize,
    /// Bytes of the features of an image: what an enrolled image takes.
    pub feature_bytes: usize,
    /// Bytes of a workspace to compare pairs and to extract features.
    pub workspace_bytes: usize,
    /// Bytes of a workspace to identify, as many pairs at a time as this library can.
    pub batch_bytes: usize,
    /// Bytes of a workspace on top of that for each support of a probe; 0 without full context.
    pub context_bytes: usize,
    /// Glimpses taken of each image.
    pub glimpses_per_image: usize,
    /// Supports that it chooses among; 0 if it compares pairs, whatever their number.
    pub ways: usize,
}

// SAFETY: numbers.
unsafe impl Plain for Sizes {}

/// Checks a model file as `arc_comparator_init` does, and tells its sizes.
///
/// @param file the model file, at any alignment; bytes behind the model's own end do not matter
/// @param file_bytes its length
/// @param sizes output: its sizes
///
/// @return ARC_STATUS_OK, or an error of the memory or the model
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_model_sizes(
    file: *const u8,
    file_bytes: usize,
    sizes: *mut Sizes,
) -> Status {
    let tell = || {
        let mut borrows = Borrows::default();
        let output = borrows.output(sizes, 1)?;
        // SAFETY: C's contract; the borrow ends with the call.
        let dimensions = Model::load(unsafe { borrows.input(file, file_bytes)? })?.dimensions();
        let sizes = Sizes {
            image_side: dimensions.image_side,
            feature_bytes: dimensions.feature_bytes(),
            workspace_bytes: 4 * dimensions.workspace_words(),
            batch_bytes: 4 * dimensions.batch_words(Native::MAX_BATCH),
            context_bytes: dimensions.context_bytes(),
            glimpses_per_image: dimensions.glimpses_per_image,
            ways: dimensions.ways,
        };
        // SAFETY: C's contract.
        unsafe { output.write(sizes) };
        Ok(())
    };
    status(tell())
}

/// Bytes of a workspace to identify a probe among up to `supports` supports, a multiple of 4; 0 if
/// `sizes` is null or misaligned, and SIZE_MAX if there are too many for any memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_identify_bytes(sizes: *const Sizes, supports: usize) -> usize {
    // SAFETY: C's contract.
    let Ok(sizes) = (unsafe { Borrows::default().object(sizes) }) else { return 0 };
    let context = supports.checked_mul(sizes.context_bytes);
    let bytes = context.and_then(|context| sizes.batch_bytes.checked_add(context));
    bytes.and_then(|bytes| bytes.checked_next_multiple_of(4)).unwrap_or(usize::MAX)
}
