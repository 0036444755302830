//! Models that pass every check, as far from ordinary ones as the checks allow.

use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::{
    self, Body, Calibration, ContextHead, Decision, Glimpse, MAX_RESIDUAL, PairHead, Provenance,
    WayHead,
};
use arc_runtime::preparation::{Contrast, InkPreparation, PhotoPreparation, Polarity, Preparation};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::noise::Noise;

/// The content of a matrix.
#[derive(Debug)]
pub struct Layer {
    /// Numbers in a row.
    pub inputs: usize,
    /// Rows.
    pub outputs: usize,
    /// Weights, row by row.
    pub weights: Vec<u8>,
    /// A [`RowScale`] for each row, as it stands in a file.
    pub scales: Vec<u8>,
}

impl Layer {
    /// A matrix for inputs of 8 bits; `held` is what else its sums have to leave room for.
    pub fn new(
        input: &mut Unstructured<'_>,
        inputs: usize,
        outputs: usize,
        held: u32,
    ) -> Result<Self> {
        let most = (1 << 25) - 1 - i64::from(held) - 128 * 127 * inputs as i64;
        Self::with_bias(input, inputs, outputs, most)
    }

    /// A matrix for inputs of 16 bits that are not negative.
    pub fn wide(input: &mut Unstructured<'_>, inputs: usize, outputs: usize) -> Result<Self> {
        Self::with_bias(input, inputs, outputs, (1 << 31) - 1 - 128 * 32767 * inputs as i64)
    }

    fn with_bias(
        input: &mut Unstructured<'_>,
        inputs: usize,
        outputs: usize,
        most: i64,
    ) -> Result<Self> {
        let most = i32::try_from(most).expect("fewer inputs than the bound allows");
        let (mut weights, mut biases) = (Noise::new(input)?, Noise::new(input)?);
        let biases = biases.numbers(outputs, -most, most);
        let (least, greatest) = (RowScale::LEAST_SHIFT, RowScale::GREATEST_SHIFT);
        let least = input.int_in_range(least..=greatest)?;
        let greatest = input.int_in_range(least..=greatest)?;
        let mut scales = Noise::new(input)?;
        let shifts = scales.numbers::<u8>(outputs, least.into(), greatest.into());
        let least = RowScale::LEAST_MULTIPLIER.into();
        let multipliers = scales.numbers(outputs, least, i16::MAX.into());
        let rows = biases.into_iter().zip(multipliers).zip(shifts);
        let scale = |((bias, multiplier), shift)| RowScale { bias, multiplier, shift }.to_bytes();
        let weights = weights.signed(inputs * outputs).into_iter().map(|weight| weight as u8);
        Ok(Self {
            inputs,
            outputs,
            weights: weights.collect(),
            scales: rows.flat_map(scale).collect(),
        })
    }

    /// As a linear layer.
    pub fn linear(&self) -> body::Linear<'_> {
        body::Linear {
            inputs: self.inputs as u16,
            outputs: self.outputs as u16,
            weights: &self.weights,
            scales: &self.scales,
        }
    }

    /// As the matrix of a convolution; its number of channels.
    pub fn conv(&self, inputs: usize, stride: usize) -> body::Conv<'_> {
        body::Conv {
            inputs: inputs as u16,
            outputs: self.outputs as u16,
            stride: stride as u8,
            weights: &self.weights,
            scales: &self.scales,
        }
    }
}

/// A convolution, or the ones of a residual block.
enum Step {
    Conv(Kernel),
    Block { first: Kernel, shortcut: Option<Kernel>, second: Kernel, gains: Vec<u8> },
}

struct Kernel {
    inputs: usize,
    stride: usize,
    layer: Layer,
}

impl Kernel {
    fn new(
        input: &mut Unstructured<'_>,
        side: usize,
        [inputs, outputs, stride]: [usize; 3],
        held: u32,
    ) -> Result<Self> {
        let layer = Layer::new(input, side * side * inputs, outputs, held)?;
        Ok(Self { inputs, stride, layer })
    }

    fn conv(&self) -> body::Conv<'_> {
        self.layer.conv(self.inputs, self.stride)
    }
}

impl Step {
    fn new(
        input: &mut Unstructured<'_>,
        inputs: usize,
        outputs: usize,
        stride: usize,
        first: bool,
    ) -> Result<Self> {
        if input.arbitrary()? {
            return Ok(Self::Conv(Kernel::new(input, 3, [inputs, outputs, stride], 0)?));
        }
        let projects = first || inputs != outputs || stride != 1;
        let mut kernel = |side, sizes, held| Kernel::new(input, side, sizes, held);
        Ok(Self::Block {
            first: kernel(3, [inputs, outputs, stride], 0)?,
            shortcut: projects.then(|| kernel(1, [inputs, outputs, stride], 0)).transpose()?,
            second: kernel(3, [outputs, outputs, 1], MAX_RESIDUAL)?,
            gains: {
                let gains = Noise::new(input)?.numbers::<i16>(outputs, -32768, 32767);
                gains.into_iter().flat_map(i16::to_le_bytes).collect()
            },
        })
    }

    fn layer(&self) -> body::Layer<'_> {
        match self {
            Self::Conv(kernel) => body::Layer::Conv(kernel.conv()),
            Self::Block { first, shortcut, second, gains } => {
                body::Layer::Residual(body::Residual {
                    first: first.conv(),
                    shortcut: shortcut.as_ref().map(Kernel::conv),
                    second: second.conv(),
                    gains,
                })
            }
        }
    }
}

/// Makes a model and lends its body.
pub fn model<R>(input: &mut Unstructured<'_>, lend: impl FnOnce(&Body<'_>) -> R) -> Result<R> {
    let image_side: usize = input.int_in_range(8..=14)?;
    let (mut side, mut channels) = (image_side, 1);
    let mut steps = Vec::new();
    for index in 0..input.int_in_range(0..=3)? {
        let (outputs, stride) = (input.int_in_range(1..=20)?, input.int_in_range(1..=2)?);
        steps.push(Step::new(input, channels, outputs, stride, index == 0)?);
        (side, channels) = (side.div_ceil(stride), outputs);
    }
    let glimpse = Glimpse {
        side: input.int_in_range(1..=side.min(9))? as u8,
        per_image: input.int_in_range(1..=3)?,
        gain: *input.choose(&[1, 1 << 20, 1_234_567, (1 << 23) - 1])?,
    };
    let seen = usize::from(glimpse.side).pow(2) * channels;
    let hidden = input.int_in_range(1..=40)?;
    let lstm =
        |input: &mut Unstructured<'_>, seen, units| Layer::new(input, seen + units, 4 * units, 0);
    let gates = lstm(input, seen, hidden)?;
    let gaze = Layer::new(input, hidden, 3, 0)?;

    let head_hidden = input.int_in_range(1..=40)?;
    let (head, logit) =
        (Layer::new(input, hidden, head_hidden, 0)?, Layer::wide(input, head_hidden, 1)?);
    let units = input.int_in_range(1..=40)?;
    let (forward, backward) = (lstm(input, hidden, units)?, lstm(input, hidden, units)?);
    let score = Layer::new(input, 2 * units, 1, 0)?;
    let ways = input.int_in_range(1..=5)?;
    let ways = Layer::new(input, hidden, ways, 0)?;
    let pair = PairHead { hidden: head.linear(), logit: logit.linear() };
    let lstm = |hidden: usize, gates| body::Lstm { hidden: hidden as u16, gates };
    let decision = match input.int_in_range(0..=2)? {
        0 => Decision::Pair(pair),
        1 => Decision::Context(ContextHead {
            pair,
            forward: lstm(units, forward.linear()),
            backward: lstm(units, backward.linear()),
            score: score.linear(),
        }),
        _ => Decision::Ways(WayHead { scores: ways.linear() }),
    };
    let calibration = Calibration {
        gain: input.int_in_range(1 << 10..=1 << 22)?,
        threshold: input.int_in_range(-(1 << 30)..=1 << 30)?,
        false_accept_ppm: 1,
    };
    Ok(lend(&Body {
        provenance: Provenance { profile: "", trained_on: "", config: "", seed: 0, steps: 0 },
        image_side: image_side as u16,
        stem: steps.iter().map(Step::layer).collect(),
        glimpse,
        controller: lstm(hidden, gates.linear()),
        gaze: gaze.linear(),
        decision,
        calibration: Some(calibration),
        preparation: preparation(input)?,
    }))
}

fn preparation(input: &mut Unstructured<'_>) -> Result<Preparation> {
    Ok(match input.int_in_range(0..=3)? {
        0 => Preparation::None,
        1 => Preparation::Photo(PhotoPreparation {
            contrast: *input.choose(&[Contrast::Global, Contrast::Local])?,
        }),
        _ => Preparation::Ink(InkPreparation {
            polarity: *input.choose(&[Polarity::Found, Polarity::Dark, Polarity::Bright])?,
            margin: input.int_in_range(0..=64)?,
            least: input.arbitrary()?,
        }),
    })
}
