//! The postcard body of a model file, borrowed from the file's bytes.
//!
//! Weight arrays are byte slices: they are used where they lie, at any alignment.
//! Multi-byte numbers inside them are little endian.

use serde::{Deserialize, Serialize};

use crate::format::{LoadError, Part, version1};
use crate::preparation::Preparation;

/// Most layers that a stem may have.
pub const MAX_LAYERS: usize = 16;

/// Most rows and columns of a glimpse.
pub const MAX_GLIMPSE_SIDE: usize = 16;

/// Most that the shortcut of a residual block adds to an accumulator: an i8 value within -127..=127
/// times an i16 gain.
pub const MAX_RESIDUAL: u32 = 127 * 32768;

/// Everything behind the header of an integer model.
///
/// ```
/// use arc_runtime::Model;
/// use arc_runtime::format::{Header, body::Body};
///
/// let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// let (header, bytes) = Header::parse(file)?;
/// let body = Body::decode(header.version, bytes)?;
/// let model = Model::from_body(&body)?;
/// assert_eq!(model.dimensions().image_side, usize::from(body.image_side));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
    /// What happens to a picture before; files before version 4 end without it.
    #[serde(skip_deserializing)]
    pub preparation: Preparation,
}

impl<'a> Body<'a> {
    /// Reads the body of a file of any version that this crate reads.
    ///
    /// # Errors
    /// If it does not decode, or decodes to less than its length; if it is of an earlier version
    /// and this crate built without them.
    pub fn decode(version: u16, bytes: &'a [u8]) -> Result<Self, LoadError> {
        let mut rest = bytes;
        let mut body = match version {
            1 if !cfg!(feature = "earlier") => {
                return Err(LoadError::NotBuilt { part: Part::Header, feature: "earlier" });
            }
            1 => take::<version1::Body<'a>>(&mut rest).map(Self::from),
            _ => take(&mut rest),
        };
        // The body stays where it was made: it is a kilobyte or two.
        if let Ok(body) = &mut body
            && version > 3
        {
            body.preparation = take(&mut rest)?;
        }
        if !rest.is_empty() {
            body = Err(LoadError::Body);
        }
        body
    }
}

/// Decodes from the front of the bytes, and leaves the rest; not to be inlined, so that its stack is given back.
#[inline(never)]
fn take<'a, T: Deserialize<'a>>(bytes: &mut &'a [u8]) -> Result<T, LoadError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, rest)) => {
            *bytes = rest;
            Ok(value)
        }
        Err(_) => Err(LoadError::Body),
    }
}

/// Where a model comes from, shown by `arc-trainer inspect`.
///
/// ```
/// use arc_runtime::Model;
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let provenance = model.provenance();
/// assert_eq!((provenance.profile, provenance.trained_on), ("test", "nothing"));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::body::Layer;
/// # use arc_runtime::format::{Header, body::Body};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let body = Body::decode(header.version, body)?;
/// assert!(matches!(body.stem[0], Layer::Conv(_)));
/// let channels = body.stem.iter().flat_map(Layer::convolutions).map(|conv| conv.outputs);
/// assert_eq!(channels.last(), Some(4));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::Model;
/// use arc_runtime::arithmetic::RowScale;
/// use arc_runtime::format::body::{Conv, Layer, Residual};
/// # use arc_runtime::format::{Header, body::Body};
///
/// let weights = [0; 4 * 3 * 3 * 4];
/// let scales = [RowScale { bias: 0, multiplier: 1 << 14, shift: 14 }.to_bytes(); 4].concat();
/// let conv = || Conv { inputs: 4, outputs: 4, stride: 1, weights: &weights, scales: &scales };
/// let block = Residual { first: conv(), shortcut: None, second: conv(), gains: &[0; 2 * 4] };
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// assert!(body.stem.push(Layer::Residual(block)).is_ok());
/// assert!(Model::from_body(&body).is_ok());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::body::Conv;
/// # use arc_runtime::format::{Header, body::Body};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let body = Body::decode(header.version, body)?;
/// let Conv { inputs, outputs, weights, .. } = body.stem[0].convolutions().next().unwrap();
/// assert_eq!(weights.len(), usize::from(outputs * 3 * 3 * inputs));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::Model;
/// use arc_runtime::format::{Header, body::Body};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// body.glimpse.per_image = 2;
/// let hasty = Model::from_body(&body)?;
/// assert!(hasty.dimensions().pair_macs() < Model::load(file)?.dimensions().pair_macs());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// # use arc_runtime::format::{Header, body::Body};
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let body = Body::decode(header.version, body)?;
/// let lstm = &body.controller;
/// assert_eq!(lstm.gates.outputs, 4 * lstm.hidden);
/// // A glimpse of 2 x 2 x 4 numbers, then the state.
/// assert_eq!(lstm.gates.inputs, 2 * 2 * 4 + lstm.hidden);
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::{Header, Part, body::Body};
/// use arc_runtime::{LoadError, Model};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// body.gaze.weights = &body.gaze.weights[1..];
/// let error = Model::from_body(&body).unwrap_err();
/// assert!(matches!(error, LoadError::Mismatch { part: Part::Gaze, .. }));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::body::Decision;
/// # use arc_runtime::format::{Header, body::Body};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let body = Body::decode(header.version, body)?;
/// assert!(matches!(body.decision, Decision::Pair(_)));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::format::body::{Decision, PairHead};
/// # use arc_runtime::format::{Header, body::Body};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let body = Body::decode(header.version, body)?;
/// let Decision::Pair(PairHead { hidden, logit }) = body.decision else {
///     panic!("this model compares pairs")
/// };
/// assert_eq!(hidden.inputs, body.controller.hidden);
/// assert_eq!((logit.inputs, logit.outputs), (hidden.outputs, 1));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::Model;
/// use arc_runtime::arithmetic::RowScale;
/// use arc_runtime::format::body::{ContextHead, Decision, Linear, Lstm};
/// # use arc_runtime::format::{Header, body::Body};
///
/// let zeros = [0; 1000];
/// let scales = [RowScale { bias: 0, multiplier: 1 << 14, shift: 14 }.to_bytes(); 16].concat();
/// let linear = |inputs, outputs| Linear {
///     inputs,
///     outputs,
///     weights: &zeros[..usize::from(inputs * outputs)],
///     scales: &scales[..RowScale::BYTES * usize::from(outputs)],
/// };
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// let lstm = || Lstm { hidden: 4, gates: linear(body.controller.hidden + 4, 4 * 4) };
/// if let Decision::Pair(pair) = body.decision {
///     let (forward, backward, score) = (lstm(), lstm(), linear(4 + 4, 1));
///     body.decision = Decision::Context(ContextHead { pair, forward, backward, score });
/// }
/// assert_eq!(Model::from_body(&body)?.dimensions().context_units, 4);
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
///
/// ```
/// use arc_runtime::Model;
/// use arc_runtime::arithmetic::RowScale;
/// use arc_runtime::format::body::{Decision, Linear, WayHead};
/// # use arc_runtime::format::{Header, body::Body};
///
/// // 5 rows over the 10 units of the state.
/// let scales = [RowScale { bias: 0, multiplier: 1 << 14, shift: 14 }.to_bytes(); 5].concat();
/// let scores = Linear { inputs: 10, outputs: 5, weights: &[0; 5 * 10], scales: &scales };
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// body.decision = Decision::Ways(WayHead { scores });
/// assert_eq!(Model::from_body(&body)?.dimensions().ways, 5);
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WayHead<'a> {
    /// One row per support, in the order in which they are seen, to Q15.16.
    #[serde(borrow)]
    pub scores: Linear<'a>,
}

/// How far a pair's logit is to be believed, measured on drawings of unseen classes.
///
/// ```
/// use arc_runtime::format::body::Calibration;
/// # use arc_runtime::format::{Header, body::Body};
/// use arc_runtime::{Model, Score};
///
/// # let file = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// # let (header, body) = Header::parse(file)?;
/// # let mut body = Body::decode(header.version, body)?;
/// let (gain, threshold) = (1 << 16, 3 << 16);
/// body.calibration = Some(Calibration { gain, threshold, false_accept_ppm: 10_000 });
/// let model = Model::from_body(&body)?;
/// assert!(model.accepts(Score { logit: threshold }));
/// assert!(!model.accepts(Score { logit: threshold - 1 }));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
