//! What every set of kernels must stand: buffers and counts of any size.
//!
//! No safe call, however wrong its sizes, reaches memory that is not its own. Every operation is called with
//! sizes that fit; then with each of them off by one to more than a vector's width in either direction, nothing
//! and as large as a number gets; then with several that are wrong. Which numbers come out does not matter.

use arc_runtime::arithmetic::RowScale;
use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::Part;
use arc_runtime::format::body::{Conv, Linear};
use arc_runtime::kernels::Kernels;
use arc_runtime::layers::{
    Batch, Convolution, ConvolutionKind, Filter, GlimpseFilters, Matrix, Packed,
};

use crate::buffers::{Buffer, Buffers, Number};
use crate::suite::Random;

/// How much sizes are off: around the widths of registers and blocks.
const OFF: [usize; 23] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 31, 32, 33, 63, 64, 65];
/// Sizes that are wrong for anything.
const WRONG: [usize; 3] = [0, usize::MAX / 2 + 1, usize::MAX];
/// Calls with several wrong sizes, for each of the shapes.
const MIXED: usize = 40;

/// Calls every operation of `kernels` with right and with wrong sizes; the number of calls.
///
/// # Errors
/// The name of the first operation that wrote around its buffers.
pub fn run<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    Ok(linear::<B>(kernels)?
        + convolve::<B>(kernels)?
        + filter::<B>(kernels)?
        + resample::<B>(kernels)?
        + glimpse::<B>(kernels)?
        + lstm_cell::<B>(kernels)?)
}

#[inline(never)]
fn linear<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    // Inputs, outputs and items.
    const SHAPES: [(usize, usize, usize); 8] = [
        (1, 1, 1),
        (5, 3, 2),
        (16, 4, 4),
        (33, 20, 1),
        (40, 17, 3),
        (32, 8, 5),
        (12, 16, 9),
        (7, 9, 4),
    ];
    let (mut random, mut calls) = (Random(11), Calls::of("linear"));
    for (inputs, outputs, items) in SHAPES {
        let mut weights: B::Of<u8, 832> = any(&mut random, inputs * outputs);
        let scales = [SCALE; 20];
        let linear = Linear {
            inputs: inputs as u16,
            outputs: outputs as u16,
            weights: weights.all(),
            scales: scales[..outputs].as_flattened(),
        };
        let matrix = Matrix::new(Part::Controller, &linear).map_err(|_| "the suite's layer")?;
        let gap = random.below(4);
        let stride = inputs + gap;
        let right =
            [items * stride - gap, stride, inputs, items * outputs, Packed::lines(inputs, outputs)];
        for [values, stride, len, y, lines] in around(right, random.another()) {
            let mut lines = B::lines(lines);
            let mut matrix = matrix;
            // Where the memory is too small, it is not packed.
            let _ = matrix.pack(lines.as_mut());
            let mut values: B::Of<i8, 576> = any(&mut random, values);
            let mut y: B::Of<i16, 384> = any(&mut random, y);
            kernels.linear(&matrix, Batch::new(values.all(), stride, len), y.all());
            calls.check(&[values.is_intact(), y.is_intact()])?;
        }
    }
    Ok(calls.count)
}

#[inline(never)]
fn convolve<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    // Side and channels of the input, channels of the output, and the stride.
    const SHAPES: [(usize, usize, usize, usize); 8] = [
        (1, 2, 3, 1),
        (5, 3, 20, 1),
        (8, 1, 16, 2),
        (7, 1, 5, 1),
        (6, 8, 7, 2),
        (3, 16, 4, 1),
        (4, 4, 4, 1),
        (9, 4, 12, 2),
    ];
    let (mut random, mut calls) = (Random(12), Calls::of("convolve"));
    for (side, inputs, outputs, stride) in SHAPES {
        let gains = [[0x34, 0x12]; 20];
        for kind in [
            ConvolutionKind::Standalone,
            ConvolutionKind::BlockShortcut,
            ConvolutionKind::BlockSecond(&gains[..outputs]),
        ] {
            let window =
                if matches!(kind, ConvolutionKind::BlockShortcut) { inputs } else { 9 * inputs };
            let mut weights: B::Of<u8, 832> = any(&mut random, window * outputs);
            let scales = [SCALE; 20];
            let conv = Conv {
                inputs: inputs as u16,
                outputs: outputs as u16,
                stride: stride as u8,
                weights: weights.all(),
                scales: scales[..outputs].as_flattened(),
            };
            let convolution = Convolution::new(0, kind, &conv, side, inputs)
                .map_err(|_| "the suite's convolution")?;
            let (input, output) = (convolution.input_bytes(), convolution.output_bytes());
            let right = [input, output, Packed::lines(window, outputs)];
            for [input, output, lines] in around(right, random.another()) {
                let mut lines = B::lines(lines);
                let mut convolution = convolution;
                let _ = convolution.pack(lines.as_mut());
                let mut input: B::Of<i8, 512> = pixels(&mut random, input);
                let mut output: B::Of<i8, 704> = any(&mut random, output);
                kernels.convolve(&convolution, input.all(), output.all());
                calls.check(&[input.is_intact(), output.is_intact()])?;
            }
        }
    }
    Ok(calls.count)
}

#[inline(never)]
fn filter<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    const SHAPES: [(usize, usize); 5] = [(1, 1), (15, 4), (16, 8), (33, 5), (128, 3)];
    let (mut random, mut calls) = (Random(13), Calls::of("filter"));
    for (side, rows) in SHAPES {
        let right = [side, rows, side * rows, rows];
        for [side, rows, weights, factors] in around(right, random.another()) {
            let axis = axis(&mut random, side, rows);
            let mut weights: B::Of<i8, 640> = any(&mut random, weights);
            let mut factors: B::Of<i32, 224> = factors_of(&mut random, factors);
            kernels.filter(&axis, 1 << 20, weights.all(), factors.all());
            calls.check(&[weights.is_intact(), factors.is_intact()])?;
        }
    }
    Ok(calls.count)
}

#[inline(never)]
fn resample<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    // Lines, output lines, the width of both and the number of inputs.
    const SHAPES: [(usize, usize, usize, usize); 13] = [
        (8, 3, 4, 1),
        (8, 3, 16, 3),
        (5, 2, 6, 2),
        (16, 4, 1, 4),
        (32, 4, 1, 3),
        (64, 5, 1, 2),
        (130, 2, 4, 1),
        (128, 1, 4, 2),
        (4, 4, 33, 1),
        (1, 1, 1, 1),
        (4, 1, 16, 2),
        (4, 5, 32, 1),
        (9, 1, 8, 1),
    ];
    let (mut random, mut calls) = (Random(14), Calls::of("resample"));
    for (lines, rows, width, count) in SHAPES {
        let (weights, output) = (lines * rows, rows * width * count);
        let right = [weights, rows, count, lines * width * count, output, 22];
        for [weights, rows, count, input, output, shift] in around(right, random.another()) {
            let mut weights: B::Of<i8, 512> = pixels(&mut random, weights);
            let mut factors: B::Of<i32, 224> = factors_of(&mut random, rows);
            let mut input: B::Of<i8, 1280> = pixels(&mut random, input);
            let mut output: B::Of<i8, 384> = any(&mut random, output);
            let filter = Filter::new(weights.all(), factors.all(), shift as u32);
            kernels.resample_each(&filter, count, input.all(), output.all());
            calls.check(&[input.is_intact(), output.is_intact()])?;
            kernels.resample(&filter, input.all(), output.all());
            calls.check(&[input.is_intact(), output.is_intact()])?;
        }
    }
    Ok(calls.count)
}

#[inline(never)]
fn glimpse<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    // Side of the map, of the glimpse, and channels.
    const SMALL: [(usize, usize, usize); 5] =
        [(32, 4, 1), (32, 5, 1), (9, 3, 3), (12, 3, 4), (15, 16, 1)];
    const LARGE: [(usize, usize, usize); 4] = [(32, 8, 1), (16, 4, 16), (16, 7, 16), (32, 8, 16)];
    let (mut random, mut calls) = (Random(15), Calls::of("glimpse"));
    let large = LARGE.into_iter().filter(|_| B::LARGE);
    for (side, count, channels) in SMALL.into_iter().chain(large) {
        let scratch = count * side * (1 + channels);
        let (map, glimpse) = (side * side * channels, count * count * channels);
        let right = [side, count, side, count, map, scratch, glimpse];
        for [side, rows, other_side, other_rows, map, scratch, glimpse] in
            around(right, random.another())
        {
            let lines = axis(&mut random, side, rows);
            let columns = axis(&mut random, other_side, other_rows);
            let mut map: B::Of<i8, 1280> = pixels(&mut random, map);
            let mut scratch: B::Of<i8, 832> = any(&mut random, scratch);
            let mut glimpse: B::Of<i8, 512> = any(&mut random, glimpse);
            let filters = GlimpseFilters::new(lines, columns, 1 << 20);
            kernels.glimpse(&filters, map.all(), scratch.all(), glimpse.all());
            calls.check(&[map.is_intact(), scratch.is_intact(), glimpse.is_intact()])?;
        }
    }
    Ok(calls.count)
}

#[inline(never)]
fn lstm_cell<B: Buffers>(kernels: &impl Kernels) -> Result<usize, &'static str> {
    let (mut random, mut calls) = (Random(16), Calls::of("lstm_cell"));
    for hidden in [1, 5, 8, 16, 33, 64] {
        let right = [4 * hidden, hidden, hidden];
        for [sums, cell, state] in around(right, random.another()) {
            let mut sums: B::Of<i16, 512> = any(&mut random, sums);
            let mut cell: B::Of<i16, 320> = any(&mut random, cell);
            let mut state: B::Of<i8, 320> = any(&mut random, state);
            kernels.lstm_cell(sums.all(), cell.all(), state.all());
            calls.check(&[sums.is_intact(), cell.is_intact(), state.is_intact()])?;
        }
    }
    Ok(calls.count)
}

/// Sizes that fit, then each of them wrong alone, then several.
fn around<const N: usize>(
    right: [usize; N],
    mut random: Random,
) -> impl Iterator<Item = [usize; N]> {
    let alone = (0..N).flat_map(move |at| {
        let with = move |wrong| {
            let mut sizes = right;
            sizes[at] = wrong;
            sizes
        };
        let size = right[at];
        let off = OFF.into_iter().flat_map(move |off| [size + off, size.saturating_sub(off)]);
        off.chain(WRONG).map(with)
    });
    let mixed = (0..MIXED).map(move |_| {
        right.map(|size| {
            let off = OFF[random.below(OFF.len())];
            match random.below(8) {
                0..3 => size,
                3 => WRONG[random.below(WRONG.len())],
                4 | 5 => size.saturating_sub(off),
                _ => size + off,
            }
        })
    });
    core::iter::once(right).chain(alone).chain(mixed)
}

/// The scale of every row.
const SCALE: [u8; RowScale::BYTES] =
    RowScale { bias: 1000, multiplier: 20_000, shift: 25 }.to_bytes();

/// Numbers of any value.
fn any<T: Number, B: Buffer<T>>(random: &mut Random, len: usize) -> B {
    B::new(len, random.below(4), || T::any(random.next()))
}

/// Pixels, features or filter weights; now and then others, where sums may overflow.
fn pixels<B: Buffer<i8>>(random: &mut Random, len: usize) -> B {
    let mask = if wild(random) { 0xff } else { 0x7f };
    B::new(len, random.below(4), || i8::any(random.next() & mask))
}

/// Factors that no sum overflows with; now and then others.
fn factors_of<B: Buffer<i32>>(random: &mut Random, len: usize) -> B {
    let mask = if wild(random) { u32::MAX } else { 0b11 };
    B::new(len, 0, || i32::any(random.next() & mask))
}

/// Whether numbers are out of their range: seldom, and never where an overflow would panic.
fn wild(random: &mut Random) -> bool {
    random.below(4) == 0 && !cfg!(debug_assertions)
}

fn axis(random: &mut Random, side: usize, rows: usize) -> Axis {
    Axis::new(side, rows, i16::any(random.next()), i16::any(random.next()))
}

/// The calls of an operation.
struct Calls {
    operation: &'static str,
    count: usize,
}

impl Calls {
    const fn of(operation: &'static str) -> Self {
        Self { operation, count: 0 }
    }

    /// Counts a call, whose buffers are to be intact.
    fn check(&mut self, intact: &[bool]) -> Result<(), &'static str> {
        self.count += 1;
        if intact.iter().all(|&intact| intact) { Ok(()) } else { Err(self.operation) }
    }
}
