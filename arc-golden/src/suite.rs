//! What every set of kernels must pass: each operation gives the bits that [`Scalar`] gives.
//!
//! It runs on the host and in firmware, in about 10 KB of stack. Shapes lie around the widths of
//! registers and blocks, numbers at their bounds and between them.

use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::Part;
use arc_runtime::format::body::{Conv, Linear};
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::layers::{Batch, Convolution, ConvolutionKind, Filter, Matrix};

/// Bytes of a layer's weights at most, and of its inputs.
const ROOM: usize = 3328;
/// Rows of a layer at most.
const ROWS: usize = 20;
/// What an i8 layer's |sum| stays below.
const BOUND: i32 = 1 << 25;

/// Compares every operation of `kernels` with [`Scalar`]'s; the number of comparisons.
///
/// # Errors
/// The name of the first operation that gives other bits.
pub fn run(kernels: impl Kernels) -> Result<usize, &'static str> {
    Ok(linear(&kernels)? + convolve(&kernels)? + resample(&kernels)? + lstm_cell(&kernels)?)
}

fn linear(kernels: &impl Kernels) -> Result<usize, &'static str> {
    const LENGTHS: [usize; 27] = [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 127, 144, 176,
        383, 385, 800,
    ];
    const SHAPES: [(usize, usize); 8] =
        [(1, 1), (2, 4), (3, 5), (4, 4), (5, 3), (6, 7), (8, 2), (9, 9)];
    let mut random = Random(1);
    let (mut weights, mut inputs) = ([0; ROOM], [0; ROOM]);
    let mut scales = [[0; RowScale::BYTES]; ROWS];
    let mut count = 0;
    for len in LENGTHS {
        for (items, outputs) in SHAPES {
            let (skip, gap) = (random.below(4), random.below(4));
            let stride = len + gap;
            if outputs * len > ROOM || skip + items * stride > ROOM {
                continue;
            }
            let extreme = random.below(4) == 0;
            random.weights(&mut weights, extreme);
            random.signed(&mut inputs, extreme);
            random.scales(&mut scales, len, 0);
            let linear = Linear {
                inputs: len as u16,
                outputs: outputs as u16,
                weights: &weights[ROOM - outputs * len..],
                scales: scales[..outputs].as_flattened(),
            };
            let matrix = Matrix::new(Part::Controller, &linear).map_err(|_| "the suite's layer")?;
            // As before the first step, the last inputs may be known to be zero.
            for known in [len, len.div_ceil(2), 0] {
                let x = Batch::new(&inputs[skip..][..items * stride - gap], stride, known);
                let (mut expected, mut found) = ([0; 9 * 9], [-1; 9 * 9]);
                Scalar.linear(&matrix, x, &mut expected[..items * outputs]);
                kernels.linear(&matrix, x, &mut found[..items * outputs]);
                found[items * outputs..].fill(0);
                check("linear", expected == found, &mut count)?;
            }
        }
    }
    Ok(count)
}

fn convolve(kernels: &impl Kernels) -> Result<usize, &'static str> {
    // Side and channels of the input, channels of the output.
    const SHAPES: [(usize, usize, usize); 12] = [
        (1, 2, 3),
        (2, 5, 1),
        (3, 32, 3),
        (3, 44, 5),
        (4, 16, 6),
        (5, 3, 20),
        (6, 8, 7),
        (7, 4, 5),
        (8, 1, 16),
        (9, 4, 4),
        (13, 1, 2),
        (16, 2, 3),
    ];
    const MAP: usize = 1024;
    let mut random = Random(2);
    let (mut weights, mut input) = ([0; ROOM], [0; MAP]);
    let mut scales = [[0; RowScale::BYTES]; ROWS];
    let mut count = 0;
    for (side, inputs, outputs) in SHAPES {
        for stride in [1, 2] {
            let mut gains = [[0; 2]; ROWS];
            gains.iter_mut().for_each(|gain| *gain = (random.next() as i16).to_le_bytes());
            let gains = &gains[..outputs];
            for kind in [
                ConvolutionKind::Standalone,
                ConvolutionKind::BlockFirst,
                ConvolutionKind::BlockShortcut,
                ConvolutionKind::BlockSecond(gains),
            ] {
                let window = if matches!(kind, ConvolutionKind::BlockShortcut) {
                    inputs
                } else {
                    9 * inputs
                };
                let extreme = random.below(4) == 0;
                random.weights(&mut weights, extreme);
                random.pixels(&mut input, extreme);
                random.scales(&mut scales, window, 127 << 15);
                let conv = Conv {
                    inputs: inputs as u16,
                    outputs: outputs as u16,
                    stride: stride as u8,
                    weights: &weights[ROOM - outputs * window..],
                    scales: scales[..outputs].as_flattened(),
                };
                let convolution = Convolution::new(0, kind, &conv, side, inputs)
                    .map_err(|_| "the suite's convolution")?;
                let mut shortcut = [0; MAP];
                random.signed(&mut shortcut, extreme);
                let (mut expected, mut found) = (shortcut, shortcut);
                let (from, bytes) = (random.below(4), convolution.input_bytes());
                let input = &input[from..][..bytes];
                let output = ..convolution.output_bytes();
                Scalar.convolve(&convolution, input, &mut expected[output]);
                kernels.convolve(&convolution, input, &mut found[output]);
                check("convolve", expected == found, &mut count)?;
            }
        }
    }
    Ok(count)
}

fn resample(kernels: &impl Kernels) -> Result<usize, &'static str> {
    const LINES: [(usize, usize); 9] =
        [(1, 1), (2, 3), (4, 4), (5, 2), (8, 5), (16, 4), (17, 1), (32, 8), (128, 16)];
    const WIDTHS: [usize; 11] = [1, 2, 3, 4, 7, 8, 15, 16, 24, 33, 100];
    const OUTPUT: usize = 512;
    let mut random = Random(3);
    let (mut weights, mut input) = ([0; 2048], [0; ROOM]);
    let mut count = 0;
    for (lines, rows) in LINES {
        for width in WIDTHS {
            let skip = random.below(4);
            if lines * width + skip > ROOM || rows * width > OUTPUT {
                continue;
            }
            for sparse in [false, true] {
                let extreme = random.below(4) == 0;
                random.pixels(&mut weights, extreme);
                random.pixels(&mut input, extreme);
                if sparse {
                    weights.iter_mut().filter(|_| random.below(4) > 0).for_each(|w| *w = 0);
                }
                let weights = &weights[..lines * rows];
                for (gain, shift) in [(1 << 22, 22), ((1 << 23) - 1, 20)] {
                    let mut factors = [0; 16];
                    for (row, factor) in weights.chunks_exact(lines).zip(&mut factors) {
                        let sum: i32 = row.iter().map(|&weight| i32::from(weight)).sum();
                        *factor = gain / sum.max(1);
                    }
                    let filter = Filter::new(weights, &factors[..rows], shift);
                    let input = &input[skip..][..lines * width];
                    let (mut expected, mut found) = ([0; OUTPUT], [0; OUTPUT]);
                    Scalar.resample(&filter, input, &mut expected[..rows * width]);
                    kernels.resample(&filter, input, &mut found[..rows * width]);
                    check("resample", expected == found, &mut count)?;
                }
            }
        }
    }
    Ok(count)
}

fn lstm_cell(kernels: &impl Kernels) -> Result<usize, &'static str> {
    const MOST: usize = 40;
    let mut random = Random(4);
    let mut count = 0;
    // As many states as cells, and fewer: the cells that have none are left alone.
    let same = (1..=MOST).map(|hidden| (hidden, hidden));
    for (hidden, units) in same.chain((0..MOST).map(|units| (MOST, units))) {
        let (mut sums, mut cell) = ([0; 4 * MOST], [0; MOST]);
        random.halves(&mut sums);
        random.halves(&mut cell);
        let (sums, cell) = (&sums[..4 * hidden], &mut cell[..hidden]);
        let mut other_cell = [0; MOST];
        let other_cell = &mut other_cell[..hidden];
        other_cell.copy_from_slice(cell);
        let (mut state, mut other_state) = ([0; MOST], [0; MOST]);
        Scalar.lstm_cell(sums, cell, &mut state[..units]);
        kernels.lstm_cell(sums, other_cell, &mut other_state[..units]);
        check("lstm_cell", cell == other_cell && state == other_state, &mut count)?;
    }
    Ok(count)
}

fn check(operation: &'static str, same: bool, count: &mut usize) -> Result<(), &'static str> {
    *count += 1;
    if same { Ok(()) } else { Err(operation) }
}

/// Reproducible numbers on every machine (PCG, O'Neill 2014, with 32 bits of output from 64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Other numbers.
    pub(crate) fn another(&mut self) -> Self {
        Self(self.next().into())
    }

    pub(crate) const fn next(&mut self) -> u32 {
        let state = self.0;
        self.0 =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((((state >> 18) ^ state) >> 27) as u32).rotate_right((state >> 59) as u32)
    }

    pub(crate) const fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }

    /// Weights of all values, or of the extreme ones.
    fn weights(&mut self, weights: &mut [u8], extreme: bool) {
        weights.iter_mut().for_each(|weight| {
            *weight = match extreme {
                true => [0x80, 0x7f][self.below(2)],
                false => self.next() as u8,
            }
        });
    }

    /// Activations, -127..=127.
    fn signed(&mut self, numbers: &mut [i8], extreme: bool) {
        numbers.iter_mut().for_each(|number| {
            *number = match extreme {
                true => [-127, 127][self.below(2)],
                false => (self.below(255) as i32 - 127) as i8,
            }
        });
    }

    /// Pixels, features or filter weights, 0..=127.
    pub(crate) fn pixels(&mut self, numbers: &mut [i8], extreme: bool) {
        numbers.iter_mut().for_each(|number| {
            *number = if extreme { 127 } else { (self.next() & 127) as i8 };
        });
    }

    /// Sums and cells of all sizes, with the extremes among them.
    fn halves(&mut self, numbers: &mut [i16]) {
        numbers.iter_mut().for_each(|number| {
            *number = match self.below(8) {
                0 => [i16::MIN, -32_767, -1, 0, 1, i16::MAX][self.below(6)],
                _ => (self.next() as i16) >> self.below(8),
            }
        });
    }

    /// Scales with every shift in turn, for rows of `inputs` numbers on top of `shortcut`.
    fn scales(&mut self, scales: &mut [[u8; RowScale::BYTES]], inputs: usize, shortcut: i32) {
        let room = BOUND - 1 - shortcut - (128 * 127) * inputs as i32;
        let shifts = RowScale::LEAST_SHIFT..=RowScale::GREATEST_SHIFT;
        let mut shift = self.below(shifts.len()) as u8;
        for scale in scales {
            let bias = (self.next() as i32) >> self.below(20);
            let multiplier = match self.below(4) {
                0 => [RowScale::LEAST_MULTIPLIER, i16::MAX][self.below(2)],
                _ => RowScale::LEAST_MULTIPLIER | (self.next() & 0x3fff) as i16,
            };
            let bias = bias.clamp(-room, room);
            *scale = RowScale { bias, multiplier, shift: shifts.start() + shift }.to_bytes();
            shift = (shift + 1) % shifts.len() as u8;
        }
    }
}
