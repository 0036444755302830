//! Every set of kernels against the words of `ARITHMETIC.md`, written out a second time
//! in 64 bits and one index at a time.
//!
//! A new instruction set adds one line to [`every_instruction_set_gives_these_bits`].

use crate::common::{Layer, Random};
use arc_runtime::arithmetic::RowScale;
use arc_runtime::arithmetic::activation::{SIGMOID, TANH};
use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::Part;
use arc_runtime::format::body::Conv;
#[cfg(feature = "std")]
use arc_runtime::kernels::Host;
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::layers::{
    Batch, Convolution, ConvolutionKind, Filter, GlimpseFilters, Line, Matrix, Packed,
};

#[test]
fn every_instruction_set_gives_these_bits() {
    suite(&Scalar);
    #[cfg(feature = "std")]
    for kernels in Host::available() {
        println!("{}", kernels.name());
        suite(&kernels);
    }
}

fn suite(kernels: &impl Kernels) {
    linear(kernels);
    convolve(kernels);
    filter(kernels);
    resample(kernels);
    resample_each(kernels);
    glimpse(kernels);
    lstm_cell(kernels);
    a_short_state(kernels);
    sums_next_to_their_bounds(kernels);
}

fn round_shift(x: i64, shift: u32) -> i64 {
    (x + (1 << (shift - 1))) >> shift
}

fn requantize(sum: i64, scale: RowScale) -> i64 {
    round_shift(sum * i64::from(scale.multiplier), scale.shift.into())
}

/// The weights and scales of a layer, parsed here.
fn row(layer: &Layer, row: usize) -> (Vec<i64>, RowScale) {
    let weights = &layer.weights[row * layer.inputs..][..layer.inputs];
    let scale = layer.scales[8 * row..][..8].try_into().unwrap();
    let weights = weights.iter().map(|&w| i64::from(w as i8)).collect();
    (weights, RowScale::from_bytes(scale).unwrap())
}

/// The memory in which a matrix is packed for wide vectors.
fn packing(matrix: &Matrix<'_>) -> Vec<Line> {
    vec![Line::ZERO; Packed::lines(matrix.inputs(), matrix.outputs())]
}

fn linear(kernels: &impl Kernels) {
    let mut random = Random(1);
    // Lengths around every width of a vector register, numbers of rows around blocks of them, and
    // outputs that saturate.
    for inputs in [1, 3, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 200, 640, 2000] {
        for (outputs, magnitude) in
            [(1, 3000.0), (7, 30_000.0), (12, 200.0), (37, 3000.0), (70, 900.0)]
        {
            let layer = Layer::random(&mut random, inputs, outputs, 74.0, magnitude);
            let linear = layer.linear();
            let mut matrix = Matrix::new(Part::Controller, &linear).unwrap();
            let mut lines = packing(&matrix);
            matrix.pack(&mut lines).unwrap();
            for (items, apart) in [(1, 0), (2, 0), (3, 5), (4, 1), (5, 3), (9, 0), (15, 2)] {
                let stride = inputs + apart;
                let mut x = random.signed(stride * items - apart);
                // A glimpse, which is not negative, in front of a state.
                for item in x.chunks_mut(stride).skip(items % 2) {
                    let seen = item.len() * (items % 4) / 4;
                    item[..seen].iter_mut().for_each(|x| *x = x.abs());
                }
                for known in [0, 1, inputs / 2, inputs] {
                    let mut y = vec![0; items * outputs];
                    kernels.linear(&matrix, Batch::new(&x, stride, known), &mut y);
                    for (index, &y) in y.iter().enumerate() {
                        let (item, r) = (index / outputs, index % outputs);
                        let (weights, scale) = row(&layer, r);
                        let mut sum = i64::from(scale.bias);
                        for a in 0..known {
                            sum += weights[a] * i64::from(x[item * stride + a]);
                        }
                        let expected = requantize(sum, scale).clamp(-32_768, 32_767);
                        assert_eq!(i64::from(y), expected, "{inputs} inputs, row {r}, item {item}");
                    }
                }
            }
        }
    }
}

fn convolve(kernels: &impl Kernels) {
    let mut random = Random(2);
    let small = [(8, 1, 16), (9, 3, 5), (8, 16, 4), (5, 32, 3), (9, 8, 37), (5, 4, 70), (1, 2, 2)];
    // Too wide for all windows of a row to be put together at a time, or for all items to go together.
    let wide = [(15, 100, 9), (9, 200, 3), (41, 64, 2), (70, 4, 2), (70, 1, 2)];
    for (side, inputs, outputs) in small.into_iter().chain(wide) {
        for stride in [1, 2] {
            let gains: Vec<_> = (0..outputs).map(|_| random.next() as i16 >> 3).collect();
            let bytes: Vec<_> = gains.iter().map(|gain| gain.to_le_bytes()).collect();
            for kind in [
                ConvolutionKind::Standalone,
                ConvolutionKind::BlockFirst,
                ConvolutionKind::BlockShortcut,
                ConvolutionKind::BlockSecond(&bytes),
            ] {
                let kernel_side =
                    if matches!(kind, ConvolutionKind::BlockShortcut) { 1 } else { 3 };
                let window = kernel_side * kernel_side * inputs;
                let layer = Layer::random(&mut random, window, outputs, 60.0, 70.0);
                let conv = Conv {
                    inputs: inputs as u16,
                    outputs: outputs as u16,
                    stride: stride as u8,
                    weights: &layer.weights,
                    scales: &layer.scales,
                };
                let mut convolution = Convolution::new(0, kind, &conv, side, inputs).unwrap();
                let mut lines = packing(convolution.matrix());
                convolution.pack(&mut lines).unwrap();
                let pixels = side * side * inputs;
                let input: Vec<i8> = (0..pixels).map(|_| random.within(0, 127) as i8).collect();
                let shortcut = random.signed(side.div_ceil(stride).pow(2) * outputs);
                let mut output = shortcut.clone();
                kernels.convolve(&convolution, &input, &mut output);
                for (index, &found) in output.iter().enumerate() {
                    let (place, o) = (index / outputs, index % outputs);
                    let (weights, scale) = row(&layer, o);
                    let mut sum =
                        i64::from(scale.bias) + window_sum(&convolution, &weights, &input, place);
                    let mut least = 0;
                    match kind {
                        ConvolutionKind::BlockSecond(_) => {
                            sum += i64::from(gains[o]) * i64::from(shortcut[index])
                        }
                        ConvolutionKind::BlockShortcut => least = -127,
                        _ => {}
                    }
                    let expected = requantize(sum, scale).clamp(least, 127);
                    assert_eq!(i64::from(found), expected, "{kind:?}: side {side}, {place} {o}");
                }
            }
        }
    }
}

/// The products of one output's weights with its window, one index at a time.
fn window_sum(over: &Convolution<'_>, weights: &[i64], input: &[i8], place: usize) -> i64 {
    let (side, inputs, kernel_side) = (over.input_side(), over.inputs(), over.kernel_side());
    let corner = |at: usize| (at * over.stride()) as i64 - kernel_side as i64 / 2;
    let (top, left) = (corner(place / over.output_side()), corner(place % over.output_side()));
    let at = |y: i64, x: i64, c: usize| {
        let inside = 0..side as i64;
        if !inside.contains(&y) || !inside.contains(&x) {
            return 0;
        }
        i64::from(input[(y as usize * side + x as usize) * inputs + c])
    };
    let mut sum = 0;
    for ky in 0..kernel_side {
        for kx in 0..kernel_side {
            for c in 0..inputs {
                let weight = weights[(ky * kernel_side + kx) * inputs + c];
                sum += weight * at(top + ky as i64, left + kx as i64, c);
            }
        }
    }
    sum
}

/// What a row must be, `tests/filter.rs` says; here it is the portable one.
fn filter(kernels: &impl Kernels) {
    let mut random = Random(7);
    let extremes = [i16::MIN, -32_767, 0, 1, i16::MAX];
    let sizes = [(1, 1), (8, 3), (15, 4), (16, 4), (17, 5), (28, 8), (32, 4), (33, 9), (128, 16)];
    for (side, rows) in sizes {
        for k in 0..200 {
            let some = |random: &mut Random| match k % 4 {
                0 => extremes[random.below(5)],
                _ => random.within(-32_768, 32_767) as i16,
            };
            let (v, d) = (some(&mut random), some(&mut random));
            let gain = [1, 1 << 22, (1 << 23) - 1][k % 3];
            let axis = Axis::new(side, rows, v, d);
            let (mut found, mut factors) = (vec![-1; rows * side], vec![-1; rows]);
            kernels.filter(&axis, gain, &mut found, &mut factors);
            for (row, (found, factor)) in found.chunks(side).zip(factors).enumerate() {
                let mut expected = vec![0; side];
                let sum = axis.row_weights(row, &mut expected) as i32;
                assert_eq!(found, expected, "{side}: {v} {d}, row {row}");
                assert_eq!(factor, gain / sum, "{side}: {v} {d}, row {row}");
            }
        }
    }
}

fn resample(kernels: &impl Kernels) {
    let mut random = Random(3);
    for (lines, rows) in [(1, 1), (8, 3), (16, 4), (32, 4), (33, 8), (128, 16)] {
        for width in [1, 2, 7, 16, 31, 32, 33, 64, 257] {
            let narrow = random.below(2) == 0;
            let weights = (0..rows * lines).map(|_| {
                let zero = narrow && random.below(4) > 0;
                if zero { 0 } else { random.within(0, 127) as i8 }
            });
            let weights: Vec<i8> = weights.collect();
            let sums = weights.chunks(lines).map(|row| {
                let sum: i32 = row.iter().map(|&w| i32::from(w)).sum();
                sum.max(1)
            });
            for (gain, shift) in [(1 << 22, 22), (1_234_567, 20), ((1 << 23) - 1, 20)] {
                let factors: Vec<i32> = sums.clone().map(|sum| gain / sum).collect();
                let filter = Filter::new(&weights, &factors, shift);
                let input: Vec<i8> =
                    (0..lines * width).map(|_| random.within(0, 127) as i8).collect();
                let mut output = vec![0; rows * width];
                kernels.resample(&filter, &input, &mut output);
                for (index, &found) in output.iter().enumerate() {
                    let (i, k) = (index / width, index % width);
                    let mut sum = 0;
                    for a in 0..lines {
                        sum += i64::from(weights[i * lines + a]) * i64::from(input[a * width + k]);
                    }
                    let product = i32::try_from(sum * i64::from(factors[i])).unwrap();
                    let expected = round_shift(product.into(), shift).clamp(-127, 127);
                    assert_eq!(i64::from(found), expected, "{lines} lines of {width}: {i} {k}");
                }
            }
        }
    }
}

/// Several inputs give what each gives alone.
fn resample_each(kernels: &impl Kernels) {
    let mut random = Random(5);
    for (lines, rows) in [(1, 1), (5, 3), (16, 4), (32, 4), (33, 5), (70, 8)] {
        let mut noise =
            |length| -> Vec<i8> { (0..length).map(|_| random.within(0, 127) as i8).collect() };
        let (weights, factors) =
            (noise(rows * lines), vec![(1 << 22) / (127 * lines as i32); rows]);
        let filter = Filter::new(&weights, &factors, 22);
        for (count, width) in [(1, 1), (3, 1), (4, 1), (9, 1), (4, 2), (3, 16), (4, 33)] {
            let input = noise(count * lines * width);
            let (mut expected, mut found) =
                (vec![0; count * rows * width], vec![-1; count * rows * width]);
            Scalar.resample_each(&filter, count, &input, &mut expected);
            kernels.resample_each(&filter, count, &input, &mut found);
            assert_eq!(found, expected, "{count} of {lines} lines of {width} to {rows}");
        }
    }
}

/// A whole glimpse, however it is taken, is its stages one after the other.
fn glimpse(kernels: &impl Kernels) {
    let mut random = Random(6);
    let many = [(8, 16), (16, 16), (20, 16), (28, 16), (32, 16), (36, 16), (18, 16), (16, 32)];
    for (side, channels) in [(32, 1), (28, 1), (16, 8)].into_iter().chain(many) {
        for count in [1, 3, 4, 5, 6, 7, 8, 9] {
            for k in 0..24 {
                let mut any = || match k % 3 {
                    0 => [i16::MIN, -32_767, 0, 1, i16::MAX][random.below(5)],
                    _ => random.next() as i16,
                };
                let (y, x, d) = (any(), any(), any());
                let axis = |v| Axis::new(side, count, v, d);
                let gain = [1 << 16, 1 << 20, (1 << 23) - 1][k / 3 % 3];
                let wide = if k % 8 == 7 { d.wrapping_add(9999) } else { d };
                let filters = GlimpseFilters::new(axis(y), Axis::new(side, count, x, wide), gain);
                let least = if k % 5 == 0 { 127 } else { 0 };
                let map = (0..side * side * channels).map(|_| random.within(least, 127) as i8);
                let map: Vec<i8> = map.collect();
                // What the buffers held does not matter.
                let scratch = vec![99; count * side * (1 + channels)];
                let before = vec![99; count * count * channels];
                let (mut expected, mut found) = (before.clone(), before);
                Scalar.glimpse(&filters, &map, &mut scratch.clone(), &mut expected);
                kernels.glimpse(&filters, &map, &mut scratch.clone(), &mut found);
                assert_eq!(found, expected, "{count} of {side}, {channels} channels: {y} {x} {d}");
            }
        }
    }
}

/// A state shorter than the cell is all that is written, and what lies behind it stays.
fn a_short_state(kernels: &impl Kernels) {
    let sums = [5000; 4 * 40];
    for units in [0, 1, 31, 32, 33, 39] {
        let (mut cells, mut states) = ([[1000; 40]; 2], [[99; 40]; 2]);
        Scalar.lstm_cell(&sums, &mut cells[0], &mut states[0][..units]);
        kernels.lstm_cell(&sums, &mut cells[1], &mut states[1][..units]);
        assert_eq!((cells[1], states[1]), (cells[0], states[0]), "{units} units");
        assert!(states[1][units..].iter().all(|&h| h == 99), "{units} units");
    }
}

fn lstm_cell(kernels: &impl Kernels) {
    let mut random = Random(4);
    let extremes = [i16::MIN, -32_767, -1, 0, 1, i16::MAX];
    for hidden in [1, 7, 8, 16, 31, 33, 128, 500] {
        let mut any = |length| {
            let numbers = (0..length).map(|_| match random.below(4) {
                0 => extremes[random.below(extremes.len())],
                _ => random.next() as i16,
            });
            numbers.collect::<Vec<_>>()
        };
        let (sums, before) = (any(4 * hidden), any(hidden));
        let (mut cell, mut state) = (before.clone(), vec![0; hidden]);
        kernels.lstm_cell(&sums, &mut cell, &mut state);
        for j in 0..hidden {
            let gate = |k: usize| sums[k * hidden + j];
            let [i, f, o] = [0, 1, 3].map(|k| i64::from(SIGMOID.at(gate(k))));
            let u = i64::from(TANH.at(gate(2)));
            let next = round_shift(f * i64::from(before[j]) + ((i * u) >> 4), 15);
            let next = next.clamp(-32_768, 32_767);
            assert_eq!(i64::from(cell[j]), next, "cell {j}");
            let squashed = TANH.at((2 * next).clamp(-32_768, 32_767) as i16);
            let expected = round_shift(o * i64::from(squashed), 23).clamp(-127, 127);
            assert_eq!(i64::from(state[j]), expected, "state {j}");
        }
    }
}

/// Rows of equal weights with the bias that brings equal inputs to the greatest sum, 2^25 - 1.
fn extreme(inputs: usize, weight: i8, shift: u8) -> Layer {
    let bias = (1 << 25) - 1 - 128 * 127 * inputs as i32;
    let bias = if weight < 0 { -bias } else { bias };
    let scale = RowScale { bias, multiplier: i16::MAX, shift };
    let weights = vec![weight as u8; inputs];
    Layer { inputs, outputs: 1, weights, scales: scale.to_bytes().to_vec() }
}

/// What only a hostile model reaches, and `Model::load` allows.
fn sums_next_to_their_bounds(kernels: &impl Kernels) {
    for (weight, input) in [(-128, 127), (-128, -127), (127, 127), (127, -127)] {
        let layer = extreme(2064, weight, 25);
        let (_, scale) = row(&layer, 0);
        let sum = i64::from(scale.bias) + 2064 * i64::from(weight) * i64::from(input);
        let mut y = [0];
        let linear = layer.linear();
        let mut matrix = Matrix::new(Part::Controller, &linear).unwrap();
        let mut lines = packing(&matrix);
        matrix.pack(&mut lines).unwrap();
        kernels.linear(&matrix, Batch::one(&[input; 2064]), &mut y);
        assert_eq!(i64::from(y[0]), requantize(sum, scale), "{weight} {input}");
    }

    const CHANNELS: usize = 2064 / 9;
    for weight in [-128, 127] {
        let layer = extreme(9 * CHANNELS, weight, 34);
        let (_, scale) = row(&layer, 0);
        let conv = Conv {
            inputs: CHANNELS as u16,
            outputs: 1,
            stride: 1,
            weights: &layer.weights,
            scales: &layer.scales,
        };
        let mut convolution =
            Convolution::new(0, ConvolutionKind::Standalone, &conv, 3, CHANNELS).unwrap();
        let mut lines = packing(convolution.matrix());
        convolution.pack(&mut lines).unwrap();
        let mut output = [-1; 9];
        kernels.convolve(&convolution, &[127; 9 * CHANNELS], &mut output);
        let center = i64::from(scale.bias) + 2061 * i64::from(weight) * 127;
        assert_eq!(i64::from(output[4]), requantize(center, scale).clamp(0, 127), "{weight}");
    }

    // The second convolution of a block leaves room for its shortcut.
    const ADDED: usize = 200;
    for (weight, gain, shortcut) in [(127, i16::MIN, -127), (-128, i16::MIN, 127)] {
        let most = (1 << 25) - 1 - 127 * 32768 - 128 * 127 * 9 * ADDED as i32;
        let bias = if weight < 0 { -most } else { most };
        let scale = RowScale { bias, multiplier: i16::MAX, shift: 34 };
        let conv = Conv {
            inputs: ADDED as u16,
            outputs: 1,
            stride: 1,
            weights: &[weight as u8; 9 * ADDED],
            scales: &scale.to_bytes(),
        };
        let gains = [gain.to_le_bytes()];
        let mut convolution =
            Convolution::new(0, ConvolutionKind::BlockSecond(&gains), &conv, 3, ADDED).unwrap();
        let mut lines = packing(convolution.matrix());
        convolution.pack(&mut lines).unwrap();
        let mut output = [shortcut; 9];
        kernels.convolve(&convolution, &[127; 9 * ADDED], &mut output);
        let center = i64::from(bias)
            + 9 * ADDED as i64 * i64::from(weight) * 127
            + i64::from(gain) * i64::from(shortcut);
        assert_eq!(i64::from(output[4]), requantize(center, scale).clamp(0, 127), "{weight}");
    }

    // The widest filter, and the narrowest with the greatest gain.
    for weights in [[127; 128], core::array::from_fn(|a| if a == 5 { 126 } else { 0 })] {
        let sum: i32 = weights.iter().map(|&w| i32::from(w)).sum();
        for (gain, shift) in [(1 << 22, 22), ((1 << 23) - 1, 20)] {
            for input in [1, 127i8] {
                let factors = [gain / sum];
                let filter = Filter::new(&weights, &factors, shift);
                let mut output = [0; 40];
                kernels.resample(&filter, &[input; 128 * 40], &mut output);
                let product = i64::from(sum) * i64::from(input) * i64::from(gain / sum);
                let expected = round_shift(product, shift).clamp(-127, 127);
                assert!(output.iter().all(|&found| i64::from(found) == expected), "{sum} {gain}");
            }
        }
    }
}
