//! What the functions answer, and what to do about it.

use core::ffi::{CStr, c_char};

use arc_runtime::preparation::PrepareError;
use arc_runtime::{
    ComparatorError, CompareError, ExtractError, FeatureError, IdentifyError, ImageError, LoadError,
};

/// Whether a function succeeded, and if not, why: an `arc_status`.
///
/// `arc_error_text` has it in words. Later versions may add errors.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is null.
    NullPointer = 1,
    /// A pointer is not aligned as its type asks for.
    Alignment = 2,
    /// A length is beyond what memory can hold.
    Length = 3,
    /// An output overlaps with something else that was given.
    Overlap = 4,
    /// The comparator is not initialized.
    NotReady = 5,
    /// The comparator is at work already: it was used within its own trace.
    Busy = 6,
    /// The workspace is smaller than the model needs for this call.
    Workspace = 7,
    /// The comparator was copied or moved after it was initialized.
    Moved = 8,

    /// The model file ends too early.
    ModelTruncated = 10,
    /// The bytes are no model file.
    NotAModel = 11,
    /// The model file is of a format version that this library does not read.
    ModelVersion = 12,
    /// The model file's checksum does not match.
    ModelDamaged = 13,
    /// The model file is not one of integers.
    ModelEncoding = 14,
    /// The model file's content is not what the kernels rely on.
    ModelContent = 15,

    /// The image is not of the side of the model's images.
    ImageSide = 20,
    /// The image's data have not the length that its size asks for.
    ImageLength = 21,
    /// The buffer is too small for the image's pixels.
    ImageBuffer = 22,
    /// The image, or the part to be cut out, has no pixels.
    ImageEmpty = 23,
    /// A side of the image is over 65535.
    ImageTooLarge = 24,
    /// The part to be cut out reaches beyond the frame.
    ImageCrop = 25,
    /// A pixel is not in 0 to 127.
    ImagePixel = 26,
    /// The ink is no `arc_ink`.
    ImageInk = 27,
    /// Nothing is drawn on the picture: it is blank, or all noise.
    ImageBlank = 28,

    /// The features are not as long as the model's.
    FeatureLength = 30,
    /// A feature is negative, as none is.
    FeatureNegative = 31,

    /// The model chooses among a fixed number of supports, and has no score for a pair.
    NoPairs = 40,
    /// The model chooses among another number of supports.
    Ways = 41,
    /// There is no support to identify the probe among.
    NoSupports = 42,

    /// An error of the runtime that this library has no number for.
    Unknown = 99,
}

/// Each status in words, with the remedy.
const TEXTS: [(Status, &CStr); 30] = [
    (Status::Ok, c"done"),
    (Status::NullPointer, c"a pointer is null"),
    (Status::Alignment, c"a pointer is not aligned as its type asks for, a workspace to 4 bytes"),
    (Status::Length, c"a length is beyond what memory can hold"),
    (Status::Overlap, c"an output overlaps with something else; give it memory of its own"),
    (Status::NotReady, c"the comparator is not initialized; see what arc_comparator_init returned"),
    (Status::Busy, c"the comparator is used within its own trace; take another one there"),
    (Status::Workspace, c"the workspace is too small; give it what arc_identify_bytes tells"),
    (Status::Moved, c"the comparator is a copy; call arc_comparator_init where it lies now"),
    (Status::ModelTruncated, c"the model is cut off; copy the file again, give its whole length"),
    (Status::NotAModel, c"not a model file: it does not begin with \"ARCM\""),
    (Status::ModelVersion, c"the model is of another format version; export it again"),
    (Status::ModelDamaged, c"the model is damaged: its checksum is another; copy it again"),
    (Status::ModelEncoding, c"the model is not one of integers; export it with --quantize i8"),
    (Status::ModelContent, c"the model is not sound; `arc-trainer inspect` says where"),
    (Status::ImageSide, c"the image is not of the model's side; see arc_image_from_frame"),
    (Status::ImageLength, c"the image's data have not the length that its size asks for"),
    (Status::ImageBuffer, c"the buffer is too small for the image; it takes the side squared"),
    (Status::ImageEmpty, c"the image, or the part to be cut out, has no pixels"),
    (Status::ImageTooLarge, c"a side of the image is over 65535"),
    (Status::ImageCrop, c"the part to be cut out reaches beyond the frame"),
    (Status::ImagePixel, c"a pixel is not in 0 to 127; see arc_image_from_gray"),
    (Status::ImageInk, c"the ink is neither ARC_INK_DARK nor ARC_INK_BRIGHT"),
    (
        Status::ImageBlank,
        c"nothing is drawn on the picture; take another one, closer or in more light",
    ),
    (Status::FeatureLength, c"the features are not feature_bytes of arc_model_sizes long"),
    (Status::FeatureNegative, c"a feature is negative; extract them from the image again"),
    (Status::NoPairs, c"the model has no score for a pair; take one trained on pairs"),
    (Status::Ways, c"the model chooses among `ways` of arc_model_sizes; enroll as many"),
    (Status::NoSupports, c"there is nothing to identify the probe among; enroll an image"),
    (Status::Unknown, c"an error of the runtime that this library has no name for"),
];

/// A status in words, with the remedy: English, ending in a zero, never null, valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn arc_error_text(status: i32) -> *const c_char {
    let known = TEXTS.iter().find(|(known, _)| *known as i32 == status);
    known.map_or(c"no status of this library", |(_, text)| *text).as_ptr()
}

/// The status of what was to be done.
pub(crate) fn status(result: Result<(), Status>) -> Status {
    result.err().unwrap_or(Status::Ok)
}

impl From<LoadError> for Status {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Truncated { .. } => Self::ModelTruncated,
            LoadError::NotAModel { .. } => Self::NotAModel,
            LoadError::Version { .. } => Self::ModelVersion,
            LoadError::Damaged { .. } => Self::ModelDamaged,
            LoadError::Encoding { .. } | LoadError::FloatReference => Self::ModelEncoding,
            _ => Self::ModelContent,
        }
    }
}

impl From<ComparatorError> for Status {
    fn from(_: ComparatorError) -> Self {
        Self::Workspace
    }
}

impl From<ImageError> for Status {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Length { .. } => Self::ImageLength,
            ImageError::Buffer { .. } => Self::ImageBuffer,
            ImageError::Side { .. } => Self::ImageSide,
            ImageError::Empty => Self::ImageEmpty,
            ImageError::TooLarge { .. } => Self::ImageTooLarge,
            ImageError::Crop => Self::ImageCrop,
            ImageError::Pixel { .. } => Self::ImagePixel,
            _ => Self::Unknown,
        }
    }
}

impl From<PrepareError> for Status {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Blank => Self::ImageBlank,
            PrepareError::Image(error) => error.into(),
            _ => Self::Unknown,
        }
    }
}

impl From<FeatureError> for Status {
    fn from(error: FeatureError) -> Self {
        match error {
            FeatureError::Length { .. } => Self::FeatureLength,
            FeatureError::Negative => Self::FeatureNegative,
            _ => Self::Unknown,
        }
    }
}

impl From<ExtractError> for Status {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::Image(error) => error.into(),
            ExtractError::Features(error) => error.into(),
            _ => Self::Unknown,
        }
    }
}

impl From<CompareError> for Status {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Image(error) => error.into(),
            CompareError::Features(error) => error.into(),
            CompareError::NoPairs { .. } => Self::NoPairs,
            _ => Self::Unknown,
        }
    }
}

impl From<IdentifyError> for Status {
    fn from(error: IdentifyError) -> Self {
        match error {
            IdentifyError::Extract(error) => error.into(),
            IdentifyError::Memory { .. } => Self::Workspace,
            IdentifyError::Ways { .. } => Self::Ways,
            _ => Self::Unknown,
        }
    }
}
