//! Models of any size, all of whose weights are zero until a test sets them.

use arc_runtime::Model;
use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::{
    Body, ContextHead, Conv, Decision, Glimpse, Layer, Linear, Lstm, PairHead, Provenance,
    Residual, WayHead,
};
use arc_runtime::format::{Header, LoadError, Part};

use crate::common::encode;

/// The sizes of a model; all others follow from them.
#[derive(Clone)]
pub struct Sizes {
    pub image_side: u32,
    pub stem: Vec<Layer<'static>>,
    pub glimpse_side: u32,
    pub hidden: u32,
    pub choice: Choice,
}

/// How the model decides.
#[derive(Clone, Copy)]
pub enum Choice {
    /// By pairs; the number of hidden units.
    Pair(u32),
    /// By pairs in context; the number of units of each LSTM.
    Context(u32),
    /// As one of several supports; their number.
    Ways(u32),
}

/// A model with every part that one of pairs may have, no two sizes alike: a map of 8 x 8 x 3, and
/// one of 4 x 4 x 7 behind a block of 5 channels inside; 2 x 2 x 7 numbers in a glimpse, and 6 units.
pub fn layered(choice: Choice) -> Sizes {
    let stem = vec![Layer::Conv(conv(3, 1, 3, 1)), Layer::Residual(block(3, 5, 7, 2))];
    Sizes { stem, glimpse_side: 2, hidden: 6, choice, ..Sizes::default() }
}

impl Default for Sizes {
    fn default() -> Self {
        let stem = Vec::new();
        Self { image_side: 8, stem, glimpse_side: 1, hidden: 2, choice: Choice::Pair(2) }
    }
}

impl Sizes {
    /// The body of a model of these sizes.
    pub fn body(&self) -> Body<'static> {
        let hidden = self.hidden;
        let last = self.stem.last().and_then(|layer| layer.convolutions().last());
        let channels = last.map_or(1, |conv| conv.outputs.into());
        let pair = |units| PairHead { hidden: linear(hidden, units), logit: linear(units, 1) };
        let decision = match self.choice {
            Choice::Pair(units) => Decision::Pair(pair(units)),
            Choice::Context(units) => Decision::Context(ContextHead {
                pair: pair(2),
                forward: lstm(hidden, units),
                backward: lstm(hidden, units),
                score: linear(2 * units, 1),
            }),
            Choice::Ways(ways) => Decision::Ways(WayHead { scores: linear(hidden, ways) }),
        };
        Body {
            provenance: Provenance { profile: "", trained_on: "", config: "", seed: 0, steps: 0 },
            image_side: self.image_side as u16,
            stem: self.stem.iter().cloned().collect(),
            glimpse: Glimpse { side: self.glimpse_side as u8, per_image: 1, gain: 1 << 20 },
            controller: lstm(self.glimpse_side * self.glimpse_side * channels, hidden),
            gaze: linear(hidden, 3),
            decision,
            calibration: None,
            preparation: Default::default(),
        }
    }
}

pub fn linear(inputs: u32, outputs: u32) -> Linear<'static> {
    let (weights, scales) = (zeros(inputs * outputs), scales(outputs));
    Linear { inputs: inputs as u16, outputs: outputs as u16, weights, scales }
}

pub fn lstm(seen: u32, units: u32) -> Lstm<'static> {
    Lstm { hidden: units as u16, gates: linear(seen + units, 4 * units) }
}

/// A convolution with a kernel of `side` x `side`.
pub fn conv(side: u32, inputs: u32, outputs: u32, stride: u32) -> Conv<'static> {
    let (weights, scales) = (zeros(side * side * inputs * outputs), scales(outputs));
    let (inputs, outputs, stride) = (inputs as u16, outputs as u16, stride as u8);
    Conv { inputs, outputs, stride, weights, scales }
}

/// A residual block with a shortcut of its own.
pub fn block(inputs: u32, inner: u32, outputs: u32, stride: u32) -> Residual<'static> {
    Residual {
        first: conv(3, inputs, inner, stride),
        shortcut: Some(conv(1, inputs, outputs, stride)),
        second: conv(3, inner, outputs, 1),
        gains: zeros(2 * outputs),
    }
}

pub fn zeros(length: u32) -> &'static [u8] {
    vec![0; length as usize].leak()
}

/// The scales of `rows` rows, without a bias.
fn scales(rows: u32) -> &'static [u8] {
    let scale = RowScale { bias: 0, multiplier: RowScale::LEAST_MULTIPLIER, shift: 20 };
    scale.to_bytes().repeat(rows as usize).leak()
}

/// Where something is in a body.
pub type Field<T> = for<'a> fn(&'a mut Body<'static>) -> &'a mut T;

/// The convolution of a layer, or of a block the shortcut.
pub fn convolution<'a>(body: &'a mut Body<'static>, layer: usize) -> &'a mut Conv<'static> {
    match &mut body.stem[layer] {
        Layer::Conv(conv) => conv,
        Layer::Residual(block) => block.shortcut.as_mut().unwrap(),
    }
}

pub fn residual<'a>(body: &'a mut Body<'static>, layer: usize) -> &'a mut Residual<'static> {
    let Layer::Residual(block) = &mut body.stem[layer] else { panic!("a block") };
    block
}

pub fn pair<'a>(body: &'a mut Body<'static>) -> &'a mut PairHead<'static> {
    match &mut body.decision {
        Decision::Pair(head) => head,
        Decision::Context(head) => &mut head.pair,
        Decision::Ways(_) => panic!("a pair head"),
    }
}

pub fn context<'a>(body: &'a mut Body<'static>) -> &'a mut ContextHead<'static> {
    let Decision::Context(head) = &mut body.decision else { panic!("a context") };
    head
}

pub fn ways<'a>(body: &'a mut Body<'static>) -> &'a mut Linear<'static> {
    let Decision::Ways(head) = &mut body.decision else { panic!("an N-way model") };
    &mut head.scores
}

/// Loads a model by way of its file, as an attacker would.
pub fn load(body: &Body<'_>) -> Result<(), LoadError> {
    let other = Sizes::default().body();
    let bytes = encode(body);
    let sizes = Model::from_body(body).or_else(|_| Model::from_body(&other)).unwrap().dimensions();
    let file = [&Header::integer(&bytes, &sizes).to_bytes(), bytes.as_slice()].concat();
    Model::load(&file).map(drop)
}

/// A quantity outside of its range.
pub fn beyond(part: Part, quantity: &'static str, found: u32, allowed: (u32, u32)) -> LoadError {
    LoadError::OutOfRange { part, quantity, found, allowed }
}

/// A size that does not follow from the others.
pub fn unlike(part: Part, quantity: &'static str, found: u32, expected: u32) -> LoadError {
    LoadError::Mismatch { part, quantity, found, expected }
}
