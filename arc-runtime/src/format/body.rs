//! The postcard body of a model file, borrowed from the file's bytes.
//!
//! Weight arrays are byte slices: they are used where they lie, at any alignment.
//! Multi-byte numbers inside them are little endian.

use serde::{Deserialize, Serialize};

use crate::format::{LoadError, Part, version1};

/// Most layers that a stem may have.
pub const MAX_LAYERS: usize = 16;

/// Most rows and columns of a glimpse.
pub const MAX_GLIMPSE_SIDE: usize = 16;

/// Most that the shortcut of a residual block adds to an accumulator: an i8 value within -127..=127
/// times an i16 gain.
pub const MAX_RESIDUAL: u32 = 127 * 32768;

/// Everything behind the header of an integer model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Body<'a> {
    /// Where the model comes from.
    #[serde(borrow)]
    pub provenance: Provenance<'a>,
    /// Side of the square input image in pixels.
    pub image_side: u16,
    /// What is applied to each image before glimpses are taken of it; empty for raw pixels.
    pub stem: heapless::Vec<Layer<'a>, MAX_LAYERS>,
    /// How the image is sampled.
    pub glimpse: Glimpse,
    /// The LSTM.
    pub controller: Lstm<'a>,
    /// State to (y, x, d): 3 rows over the state, output Q3.12 before tanh.
    pub gaze: Linear<'a>,
    /// What the final state is turned into.
    pub decision: Decision<'a>,
    /// What the pair's logit means, if it has been measured.
    pub calibration: Option<Calibration>,
}

impl<'a> Body<'a> {
    /// Reads the body of a file of any version that this crate reads.
    ///
    /// # Errors
    /// If it does not decode, or decodes to less than its length; if it is of an earlier version
    /// and this crate built without them.
    pub fn decode(version: u16, bytes: &'a [u8]) -> Result<Self, LoadError> {
        match version {
            1 if !cfg!(feature = "earlier") => {
                Err(LoadError::NotBuilt { part: Part::Header, feature: "earlier" })
            }
            1 => whole::<version1::Body<'a>>(bytes).map(Self::from),
            _ => whole(bytes),
        }
    }
}

/// Decodes all of the bytes; not to be inlined, so that its stack is given back.
#[inline(never)]
fn whole<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, LoadError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(LoadError::Body),
    }
}

/// Where a model comes from, shown by `arc-trainer inspect`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Provenance<'a> {
    /// The profile's name, such as `omniglot-small`.
    pub profile: &'a str,
    /// What it was trained on.
    pub trained_on: &'a str,
    /// The training configuration, resolved, as TOML.
    pub config: &'a str,
    /// The seed of the training run.
    pub seed: u64,
    /// Optimizer steps taken.
    pub steps: u64,
}

/// A layer of the stem.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Layer<'a> {
    /// A 3x3 convolution, then ReLU.
    #[serde(borrow)]
    Conv(Conv<'a>),
    /// A residual block.
    Residual(Residual<'a>),
}

impl<'a> Layer<'a> {
    /// Its convolutions in the order in which they run: one, or of a block the first, perhaps the
    /// shortcut, and the second.
    pub fn convolutions(&self) -> impl Iterator<Item = &Conv<'a>> {
        let [first, shortcut, second] = match self {
            Self::Conv(conv) => [Some(conv), None, None],
            Self::Residual(Residual { first, shortcut, second, .. }) => {
                [Some(first), shortcut.as_ref(), Some(second)]
            }
        };
        first.into_iter().chain(shortcut).chain(second)
    }
}

/// `relu(second(relu(first(x))) + shortcut(x))`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Residual<'a> {
    /// 3x3, of the block's stride.
    #[serde(borrow)]
    pub first: Conv<'a>,
    /// 1x1, of the block's stride, to as many channels as `second`; `None`, where the block keeps
    /// the shape of a map before it, is the input itself.
    pub shortcut: Option<Conv<'a>>,
    /// 3x3, of stride 1.
    pub second: Conv<'a>,
    /// An i16, little endian, for each output of `second`: units of its accumulator in one step
    /// of the shortcut.
    pub gains: &'a [u8],
}

/// A convolution, batch norm folded in: 3x3 with zero padding of one pixel, or 1x1.
///
/// Input and output maps are laid out (row, column, channel).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conv<'a> {
    /// Input channels.
    pub inputs: u16,
    /// Output channels.
    pub outputs: u16,
    /// Step of the kernel over the input, 1 or 2.
    pub stride: u8,
    /// i8 weights, `[outputs][3][3][inputs]` (output, kernel row, kernel column, input), or
    /// `[outputs][inputs]`.
    #[serde(borrow)]
    pub weights: &'a [u8],
    /// One [`RowScale`](crate::arithmetic::RowScale) per output: to the output map's scale.
    pub scales: &'a [u8],
}

/// How the image is sampled.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Glimpse {
    /// Rows and columns of one glimpse (N).
    pub side: u8,
    /// Glimpses taken of each image: twice as many steps for a pair, N + 1 times as many for
    /// a model that chooses among N supports.
    pub per_image: u8,
    /// Scale of the feature map over scale of the glimpse, Q20: glimpse = features * gain.
    pub gain: u32,
}

/// LSTM with the gates in the order input, forget, cell candidate, output.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lstm<'a> {
    /// Units of the state (H).
    pub hidden: u16,
    /// `4 H` rows over the concatenation `[input | state]`, output Q3.12 before the gate's
    /// nonlinearity. The controller's input is a glimpse (row, column, channel).
    #[serde(borrow)]
    pub gates: Linear<'a>,
}

/// A matrix of i8 weights with a bias and a scale per row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Linear<'a> {
    /// Input length.
    pub inputs: u16,
    /// Output length, the number of rows.
    pub outputs: u16,
    /// i8 weights, row by row.
    #[serde(borrow)]
    pub weights: &'a [u8],
    /// One [`RowScale`](crate::arithmetic::RowScale) per row.
    pub scales: &'a [u8],
}

/// What the final state is turned into.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Decision<'a> {
    /// One score per pair: a hidden ReLU layer in i16, then one row whose output is the
    /// logit in Q15.16.
    #[serde(borrow)]
    Pair(PairHead<'a>),
    /// One score per pair, corrected by the other pairs of its probe.
    Context(ContextHead<'a>),
    /// One controller takes glimpses of the probe and of all of its supports: one score for each.
    Ways(WayHead<'a>),
}

/// State -> hidden ReLU units (i16) -> logit (Q15.16).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PairHead<'a> {
    /// State to hidden units, i16 in a calibrated scale.
    #[serde(borrow)]
    pub hidden: Linear<'a>,
    /// Hidden units (i16 inputs, i8 weights) to the logit.
    pub logit: Linear<'a>,
}

/// Full-context one-shot: the pairs' final states (embeddings), in a row, go through a
/// bidirectional LSTM; its two states at a pair correct the pair's logit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContextHead<'a> {
    /// The pair's own logit.
    #[serde(borrow)]
    pub pair: PairHead<'a>,
    /// From the first pair to the last; its input is an embedding, Q0.7.
    pub forward: Lstm<'a>,
    /// From the last pair to the first.
    pub backward: Lstm<'a>,
    /// One row over `[forward state | backward state]` to the correction, Q15.16.
    pub score: Linear<'a>,
}

/// N-way one-shot: the final state to N logits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WayHead<'a> {
    /// One row per support, in the order in which they are seen, to Q15.16.
    #[serde(borrow)]
    pub scores: Linear<'a>,
}

/// How far a pair's logit is to be believed, measured on drawings of unseen classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    /// What the logit is multiplied with before it becomes a probability (one over the
    /// temperature), Q16: 2^10..=2^22.
    pub gain: u32,
    /// The logit, Q15.16, from which on two images count as one class: within +-2^30.
    pub threshold: i32,
    /// Pairs of two classes at or above the threshold, of a million: 1..=500,000.
    pub false_accept_ppm: u32,
}
