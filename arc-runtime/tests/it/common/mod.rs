//! Small models with pseudo-random weights, the same on every machine.
#![allow(dead_code, reason = "each test uses a part of it")]

use Step::{Block, Conv};
use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::Header;
use arc_runtime::format::body::{
    self, Body, ContextHead, Decision, Glimpse, Linear, Lstm, PairHead, Provenance, WayHead,
};
use arc_runtime::{Image, Model};

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A number from `least` to `most`.
    pub fn within(&mut self, least: i32, most: i32) -> i32 {
        least + self.below((most - least + 1) as usize) as i32
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// i8 numbers within -127..=127.
    pub fn signed(&mut self, length: usize) -> Vec<i8> {
        (0..length).map(|_| self.within(-127, 127) as i8).collect()
    }
}

/// Multiplier and shift nearest to a positive real scale.
pub fn row_scale(bias: i32, scale: f64) -> RowScale {
    let mut shift = RowScale::LEAST_SHIFT;
    let mut multiplier = (scale * f64::from(1 << shift)).round();
    while multiplier < f64::from(RowScale::LEAST_MULTIPLIER) {
        shift += 1;
        multiplier = (scale * (1u64 << shift) as f64).round();
    }
    RowScale { bias, multiplier: multiplier.min(f64::from(i16::MAX)) as i16, shift }
}

/// The weights and scales of one layer.
pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    pub weights: Vec<u8>,
    pub scales: Vec<u8>,
}

impl Layer {
    /// Random weights, scaled so that inputs of magnitude `input` give outputs of
    /// magnitude `output`.
    pub fn random(
        random: &mut Random,
        inputs: usize,
        outputs: usize,
        input: f64,
        output: f64,
    ) -> Self {
        let typical = (inputs as f64).sqrt() * 74.0 * input;
        let scales = (0..outputs).flat_map(|_| {
            let bias = random.within(-1000, 1000) * (typical / 2000.0).ceil() as i32;
            row_scale(bias, output / typical).to_bytes()
        });
        let scales = scales.collect();
        Self { inputs, outputs, weights: random.bytes(inputs * outputs), scales }
    }

    pub fn linear(&self) -> Linear<'_> {
        Linear {
            inputs: self.inputs as u16,
            outputs: self.outputs as u16,
            weights: &self.weights,
            scales: &self.scales,
        }
    }
}

/// A layer of a stem to be made: output channels and stride.
#[derive(Clone, Copy)]
pub enum Step {
    Conv(usize, usize),
    Block(usize, usize),
}

/// The sizes of a model to be made.
#[derive(Clone, Copy)]
pub struct Recipe {
    pub image_side: usize,
    pub stem: &'static [Step],
    pub glimpse_side: usize,
    pub per_image: usize,
    pub hidden: usize,
    pub head_hidden: usize,
    pub choice: Choice,
    pub seed: u64,
}

/// How a model decides among several supports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Each pair alone.
    Naive,
    /// In context, by LSTMs of this many units.
    Context(usize),
    /// As one of this many ways.
    Ways(usize),
}

/// Raw pixels.
pub const RAW: Recipe = Recipe {
    image_side: 12,
    stem: &[],
    glimpse_side: 3,
    per_image: 3,
    hidden: 9,
    head_hidden: 7,
    choice: Choice::Naive,
    seed: 1,
};

/// Three convolutions over an image of odd side.
pub const CONVOLUTIONAL: Recipe = Recipe {
    image_side: 13,
    stem: &[Conv(3, 1), Conv(5, 2), Conv(4, 1)],
    glimpse_side: 2,
    per_image: 4,
    hidden: 10,
    head_hidden: 6,
    choice: Choice::Naive,
    seed: 2,
};

/// Every buffer odd in length: one convolution, 9x9x1 features, a controller of 5.
pub const ODD: Recipe = Recipe {
    image_side: 9,
    stem: &[Conv(1, 1)],
    glimpse_side: 1,
    per_image: 1,
    hidden: 5,
    head_hidden: 31,
    choice: Choice::Naive,
    seed: 3,
};

/// Residual blocks: over the image, unchanged, between convolutions, and over a stride of 2.
pub const RESIDUAL: Recipe = Recipe {
    image_side: 13,
    stem: &[Block(3, 1), Block(3, 1), Conv(4, 1), Block(4, 1), Block(4, 1), Block(5, 2)],
    glimpse_side: 2,
    per_image: 3,
    hidden: 10,
    head_hidden: 6,
    choice: Choice::Naive,
    seed: 5,
};

/// The shape of a model that is shipped.
pub const FULL: Recipe = Recipe {
    image_side: 32,
    stem: &[Conv(16, 1), Conv(32, 2), Conv(32, 1), Conv(32, 1)],
    glimpse_side: 4,
    per_image: 8,
    hidden: 128,
    head_hidden: 64,
    choice: Choice::Naive,
    seed: 4,
};

/// Full context, with LSTMs larger than the controller.
pub const CONTEXT: Recipe = Recipe { choice: Choice::Context(13), ..CONVOLUTIONAL };

/// Full context on raw pixels; its scratch is longer than that of the comparison.
pub const WIDE_CONTEXT: Recipe = Recipe { choice: Choice::Context(101), ..RAW };

/// One controller for a probe and four supports.
pub const WAYS: Recipe = Recipe { choice: Choice::Ways(4), ..CONVOLUTIONAL };

/// Enough working memory for all of these.
pub const WORDS: usize = 12_000;

impl Recipe {
    /// The model file.
    pub fn file(&self) -> Vec<u8> {
        self.with_body(|body| seal(&encode(body)))
    }

    /// The body's bytes without the header.
    pub fn body(&self) -> Vec<u8> {
        self.with_body(encode)
    }

    /// Makes the body and lends it.
    pub fn with_body<R>(&self, lend: impl FnOnce(&Body<'_>) -> R) -> R {
        let mut random = Random(self.seed);
        let (mut side, mut channels) = (self.image_side, 1);
        let mut stem = Vec::new();
        for (index, &step) in self.stem.iter().enumerate() {
            let (Conv(outputs, stride) | Block(outputs, stride)) = step;
            stem.push(match step {
                Conv(..) => Made::Conv(Kernel::random(&mut random, channels, outputs, 3, stride)),
                Block(..) => Made::block(&mut random, index, channels, outputs, stride),
            });
            (side, channels) = (side.div_ceil(stride), outputs);
        }
        assert!(side >= self.glimpse_side);
        let glimpse_len = self.glimpse_side * self.glimpse_side * channels;
        let mut layer = |inputs, outputs, input, output| {
            Layer::random(&mut random, inputs, outputs, input, output)
        };
        let gates = layer(glimpse_len + self.hidden, 4 * self.hidden, 40.0, 6000.0);
        let gaze = layer(self.hidden, 3, 40.0, 4000.0);
        let hidden = layer(self.hidden, self.head_hidden, 40.0, 6000.0);
        let logit = layer(self.head_hidden, 1, 3000.0, 120_000.0);
        let pair = PairHead { hidden: hidden.linear(), logit: logit.linear() };
        let (units, ways) = match self.choice {
            Choice::Naive => (1, 1),
            Choice::Context(units) => (units, 1),
            Choice::Ways(ways) => (1, ways),
        };
        let forward = layer(self.hidden + units, 4 * units, 40.0, 6000.0);
        let backward = layer(self.hidden + units, 4 * units, 40.0, 6000.0);
        let score = layer(2 * units, 1, 40.0, 120_000.0);
        let scores = layer(self.hidden, ways, 40.0, 120_000.0);
        let lstm = |gates| Lstm { hidden: units as u16, gates };
        let decision = match self.choice {
            Choice::Naive => Decision::Pair(pair),
            Choice::Context(_) => Decision::Context(ContextHead {
                pair,
                forward: lstm(forward.linear()),
                backward: lstm(backward.linear()),
                score: score.linear(),
            }),
            Choice::Ways(_) => Decision::Ways(WayHead { scores: scores.linear() }),
        };
        lend(&Body {
            provenance: Provenance {
                profile: "test",
                trained_on: "nothing",
                config: "",
                seed: self.seed,
                steps: 0,
            },
            image_side: self.image_side as u16,
            stem: stem.iter().map(Made::layer).collect(),
            glimpse: Glimpse {
                side: self.glimpse_side as u8,
                per_image: self.per_image as u8,
                gain: (1 << 20) + 12_345,
            },
            controller: Lstm { hidden: self.hidden as u16, gates: gates.linear() },
            gaze: gaze.linear(),
            decision,
            calibration: None,
            preparation: Default::default(),
        })
    }

    /// Random pixels of the model's side, half of them paper.
    pub fn pixels(&self, seed: u64) -> Vec<i8> {
        let mut random = Random(seed);
        let area = self.image_side * self.image_side;
        (0..area).map(|_| random.within(-127, 127).max(0) as i8).collect()
    }

    /// Pixels as an image.
    pub fn image<'a>(&self, pixels: &'a [i8]) -> Image<'a> {
        Image::new(self.image_side, pixels).unwrap()
    }
}

/// A convolution that is made.
struct Kernel {
    inputs: usize,
    stride: usize,
    layer: Layer,
}

impl Kernel {
    fn random(
        random: &mut Random,
        inputs: usize,
        outputs: usize,
        side: usize,
        stride: usize,
    ) -> Self {
        let layer = Layer::random(random, side * side * inputs, outputs, 40.0, 80.0);
        Self { inputs, stride, layer }
    }

    fn conv(&self) -> body::Conv<'_> {
        body::Conv {
            inputs: self.inputs as u16,
            outputs: self.layer.outputs as u16,
            stride: self.stride as u8,
            weights: &self.layer.weights,
            scales: &self.layer.scales,
        }
    }
}

/// A layer of a stem that is made.
enum Made {
    Conv(Kernel),
    Block { first: Kernel, shortcut: Option<Kernel>, second: Kernel, gains: Vec<u8> },
}

impl Made {
    fn block(
        random: &mut Random,
        index: usize,
        inputs: usize,
        outputs: usize,
        stride: usize,
    ) -> Self {
        let first = Kernel::random(random, inputs, outputs, 3, stride);
        let projects = index == 0 || inputs != outputs || stride != 1;
        let shortcut = projects.then(|| Kernel::random(random, inputs, outputs, 1, stride));
        let second = Kernel::random(random, outputs, outputs, 3, 1);
        // The shortcut is about as large as the sum.
        let most = (9.0 * outputs as f64).sqrt() * 150.0;
        let gains = (0..outputs).flat_map(|_| (random.below(most as usize) as i16).to_le_bytes());
        Self::Block { first, shortcut, second, gains: gains.collect() }
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

/// The body in postcard.
pub fn encode(body: &Body<'_>) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 20];
    postcard::to_slice(body, &mut buffer).unwrap().to_vec()
}

/// The header of a body that is sound, and the body.
pub fn seal(bytes: &[u8]) -> Vec<u8> {
    let body = postcard::from_bytes(bytes).unwrap();
    let dimensions = Model::from_body(&body).unwrap().dimensions();
    let header = Header::integer(bytes, &dimensions);
    [&header.to_bytes(), bytes].concat()
}

/// Writes the checksum that a file's bytes should have into its header.
pub fn repair(file: &mut [u8]) {
    let mut digest = Crc32::default();
    digest.update(&file[..12]);
    digest.update(&file[16..]);
    file[12..16].copy_from_slice(&digest.finish().to_le_bytes());
}

/// CRC-32 (ISO-HDLC), a bit at a time, beside the crate that the library uses.
struct Crc32(u32);

impl Default for Crc32 {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc32 {
    fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            for _ in 0..8 {
                self.0 = (self.0 >> 1) ^ (0xedb8_8320 & (self.0 & 1).wrapping_neg());
            }
        }
    }

    fn finish(&self) -> u32 {
        !self.0
    }
}
