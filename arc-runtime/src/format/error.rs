//! Why a file cannot be used as a model.

use core::fmt;

use crate::format::header::VERSION;

/// The part of a model that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Part {
    /// The sizes in the header.
    Header,
    /// The input image.
    Image,
    /// The stem as a whole.
    Stem,
    /// The convolution that is the stem's layer of this index, from 0.
    Convolution(u8),
    /// The first convolution of the residual block that is the stem's layer of this index.
    BlockFirst(u8),
    /// The shortcut of that block.
    BlockShortcut(u8),
    /// The second convolution of that block.
    BlockSecond(u8),
    /// The glimpse's geometry and gain.
    Glimpse,
    /// The LSTM.
    Controller,
    /// The layer that turns the state into the next gaze.
    Gaze,
    /// The head's hidden layer.
    HeadHidden,
    /// The head's output row.
    HeadLogit,
    /// The context's LSTM over the pairs from the first to the last.
    ContextForward,
    /// The context's LSTM over the pairs from the last to the first.
    ContextBackward,
    /// The context's output row.
    ContextScore,
    /// The layer that scores the supports of an N-way model.
    Ways,
    /// What the pair's logit means.
    Calibration,
    /// What happens to a picture before the network gets it.
    Preparation,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("header"),
            Self::Image => f.write_str("image"),
            Self::Stem => f.write_str("stem"),
            Self::Convolution(index) => write!(f, "convolution {index}"),
            Self::BlockFirst(index) => write!(f, "first convolution of block {index}"),
            Self::BlockShortcut(index) => write!(f, "shortcut of block {index}"),
            Self::BlockSecond(index) => write!(f, "second convolution of block {index}"),
            Self::Glimpse => f.write_str("glimpse"),
            Self::Controller => f.write_str("controller"),
            Self::Gaze => f.write_str("gaze layer"),
            Self::HeadHidden => f.write_str("head's hidden layer"),
            Self::HeadLogit => f.write_str("head's output"),
            Self::ContextForward => f.write_str("context's forward LSTM"),
            Self::ContextBackward => f.write_str("context's backward LSTM"),
            Self::ContextScore => f.write_str("context's output"),
            Self::Ways => f.write_str("layer of the N ways"),
            Self::Calibration => f.write_str("calibration"),
            Self::Preparation => f.write_str("preparation"),
        }
    }
}

/// Why a file cannot be used as a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LoadError {
    /// The file ends before the header or the length declared in it.
    Truncated {
        /// Bytes that the file should have at least.
        needed: usize,
        /// Bytes that it has.
        given: usize,
    },
    /// The model needs what this crate was built without.
    NotBuilt {
        /// The part of the model.
        part: Part,
        /// The feature of this crate that runs it.
        feature: &'static str,
    },
    /// The file does not begin with `ARCM`.
    NotAModel {
        /// Its first four bytes.
        found: [u8; 4],
    },
    /// The file is of a format version that this crate does not read.
    Version {
        /// The file's version; this crate reads 1 to [`VERSION`].
        found: u16,
    },
    /// The checksum does not match: bytes were changed after the export.
    Damaged {
        /// The checksum in the file.
        stored: u32,
        /// The checksum of its bytes.
        computed: u32,
    },
    /// The header names an encoding that does not exist.
    Encoding {
        /// The encoding's number, with the reserved byte above it.
        found: u16,
    },
    /// The file is a float reference, which only the host tool runs.
    FloatReference,
    /// The body does not decode, or decodes to less than its length.
    Body,
    /// A number is outside the range that the kernels rely on.
    OutOfRange {
        /// Where.
        part: Part,
        /// The quantity.
        quantity: &'static str,
        /// What the file says.
        found: u32,
        /// The least and the greatest value allowed.
        allowed: (u32, u32),
    },
    /// A size does not follow from the others.
    Mismatch {
        /// Where.
        part: Part,
        /// The quantity.
        quantity: &'static str,
        /// What the file says.
        found: u32,
        /// What the other sizes ask for.
        expected: u32,
    },
    /// A row's multiplier, shift or reserved byte is outside its range.
    Scale {
        /// The layer.
        part: Part,
        /// Its row.
        row: u16,
    },
    /// A row's bias is so large that its accumulator could overflow.
    Bias {
        /// The layer.
        part: Part,
        /// Its row.
        row: u16,
        /// The bias.
        found: i32,
        /// The greatest magnitude allowed.
        limit: u32,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed, given } => write!(
                f,
                "the model is cut off: {given} bytes of at least {needed}; copy the file again"
            ),
            Self::NotAModel { found } => write!(
                f,
                "not a model file: it begins with \"{}\", not with \"ARCM\"",
                found.escape_ascii()
            ),
            Self::Version { found } => write!(
                f,
                "the model has format version {found}, this build reads versions 1 to \
                 {VERSION}; export it again with a matching arc-trainer"
            ),
            Self::Damaged { stored, computed } => write!(
                f,
                "the model is damaged: its checksum is {computed:08x}, the file says \
                 {stored:08x}; copy or export it again"
            ),
            Self::Encoding { found } => {
                write!(f, "the model has the unknown encoding {found}; export it again")
            }
            Self::NotBuilt { part, feature } => write!(
                f,
                "{part}: this program runs none; build arc-runtime with its feature `{feature}`"
            ),
            Self::FloatReference => f.write_str(
                "the model is a float reference, which only arc-trainer runs; export it with \
                 --quantize i8",
            ),
            Self::Body => f.write_str("the model's body does not decode; export it again"),
            Self::OutOfRange { part, quantity, found, allowed: (least, most) } => write!(
                f,
                "{part}: {quantity} is {found}, allowed is {least} to {most}; change the \
                 training configuration"
            ),
            Self::Mismatch { part, quantity, found, expected } => write!(
                f,
                "{part}: {quantity} is {found}, the model's other sizes ask for {expected}; \
                 export it again"
            ),
            Self::Scale { part, row } => write!(
                f,
                "{part}, row {row}: the multiplier or shift is out of range; export it again"
            ),
            Self::Bias { part, row, found, limit } => write!(
                f,
                "{part}, row {row}: the bias {found} is beyond {limit}, so that a sum could \
                 overflow; export it again"
            ),
        }
    }
}

impl core::error::Error for LoadError {}
