//! Vectors of 32 bytes: eight rows, four columns at a time.
//!
//! AVX2 and AVX-VNNI are the same code around another product of bytes. What else there is to
//! do, the portable code does, compiled for wider registers.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

pub(super) use crate::arithmetic::cauchy::Axis;
pub(super) use crate::kernels::windows::windows;
pub(super) use crate::kernels::{Filter, Kernels, Lanes, Scalar};
pub(super) use crate::model::{BLOCK_ROWS, GROUP_COLUMNS, Line, Matrix, PARAMETERS, Packed};
pub(super) use crate::stages::Convolution;

/// A set of kernels: its name, its features, and its product of bytes.
macro_rules! kernels {
    (
        $(#[$doc:meta])* $set:ident, $name:literal, $module:ident, [$($feature:tt),+],
        $enable:literal, $products:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $set(());

        impl $set {
            /// `None` if the processor lacks an instruction of these kernels.
            #[cfg(feature = "std")]
            pub fn detect() -> Option<Self> {
                let has = $(std::is_x86_feature_detected!($feature))&&+;
                has.then_some(Self(()))
            }

            /// Products in registers, so many rounds; returns the number of multiply-accumulates.
            #[cfg(feature = "std")]
            pub(crate) fn multiply(&self, rounds: usize) -> usize {
                // SAFETY: there is no such set where the processor lacks a feature.
                unsafe { $module::multiply(rounds) }
            }
        }

        // SAFETY, of every call below: there is no such set where the processor lacks a feature
        // that the functions are compiled for.
        impl Kernels for $set {
            const NAME: &'static str = $name;
            const LANES: usize = 64;

            fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
                match matrix.packed() {
                    // SAFETY: see above.
                    Some(packed) => unsafe { $module::linear(packed, matrix.outputs(), x, y) },
                    None => Scalar.linear(matrix, x, y),
                }
            }

            fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
                match convolution.matrix.packed() {
                    // SAFETY: see above.
                    Some(packed) => unsafe {
                        $module::convolve(packed, convolution, input, output)
                    },
                    None => Scalar.convolve(convolution, input, output),
                }
            }

            fn filter_row(&self, axis: &Axis, row: usize, weights: &mut [i8]) -> u32 {
                // SAFETY: see above.
                unsafe { $module::filter_row(axis, row, weights) }
            }

            fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
                // SAFETY: see above.
                unsafe { $module::blend(filter, input, output) }
            }

            fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
                // SAFETY: see above.
                unsafe { $module::lstm_cell(sums, cell, state) }
            }
        }

        mod $module {
            use super::*;

            #[cfg(feature = "std")]
            #[target_feature(enable = $enable)]
            pub(super) fn multiply(rounds: usize) -> usize {
                // More sums than an instruction takes cycles.
                let mut sums = [_mm256_setzero_si256(); 8];
                for _ in 0..rounds {
                    let x = core::hint::black_box(_mm256_set1_epi8(3));
                    for sum in &mut sums {
                        *sum = $products(*sum, x, x);
                    }
                }
                core::hint::black_box(sums);
                rounds * sums.len() * 32
            }

            #[target_feature(enable = $enable)]
            pub(super) fn linear(
                packed: Packed<'_>,
                outputs: usize,
                x: Lanes<'_>,
                y: &mut [i16],
            ) {
                product(packed, x, &mut |block, row, lane, sums| {
                    let values = requantise(block, row % BLOCK_ROWS, sums);
                    let end = ((lane + 1) * outputs).min(lane * outputs + row + ROWS);
                    let Some(y) = y.get_mut(lane * outputs + row..end) else { return };
                    let values = numbers(values);
                    for (y, value) in y.iter_mut().zip(values) {
                        *y = crate::arithmetic::sat16(value);
                    }
                });
            }

            #[target_feature(enable = $enable)]
            pub(super) fn convolve(
                packed: Packed<'_>,
                convolution: &Convolution<'_>,
                input: &[i8],
                output: &mut [i8],
            ) {
                let (outputs, least) = (convolution.outputs(), convolution.least());
                let holds = convolution.holds();
                windows(convolution, input, output, |x, output| {
                    product(packed, x, &mut |block, row, lane, mut sums| {
                        let end = ((lane + 1) * outputs).min(lane * outputs + row + ROWS);
                        let Some(out) = output.get_mut(lane * outputs + row..end) else { return };
                        if holds {
                            let mut held = [0; ROWS];
                            let outs = (row..).zip(&*out);
                            for (held, (channel, &out)) in held.iter_mut().zip(outs) {
                                *held = convolution.gain(channel) * i32::from(out);
                            }
                            sums = _mm256_add_epi32(sums, vector(held));
                        }
                        let values = numbers(requantise(block, row % BLOCK_ROWS, sums));
                        for (out, value) in out.iter_mut().zip(values) {
                            *out = value.clamp(least, 127) as i8;
                        }
                    });
                });
            }

            #[target_feature(enable = $enable)]
            pub(super) fn filter_row(axis: &Axis, row: usize, weights: &mut [i8]) -> u32 {
                axis.weigh(row, weights)
            }

            #[target_feature(enable = $enable)]
            pub(super) fn blend(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
                Scalar.blend(filter, input, output);
            }

            #[target_feature(enable = $enable)]
            pub(super) fn lstm_cell(sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
                Scalar.lstm_cell(sums, cell, state);
            }

            /// The product of a matrix and each lane; `each` gets a block's lines, the number of
            /// the first of eight rows, the lane's number and the rows' sums, without bias.
            #[inline]
            #[target_feature(enable = $enable)]
            fn product<F: FnMut(&[Line], usize, usize, __m256i)>(
                packed: Packed<'_>,
                x: Lanes<'_>,
                each: &mut F,
            ) {
                let len = x.len().min(packed.groups() * GROUP_COLUMNS);
                for (b, block) in packed.blocks().enumerate() {
                    let mut lanes = x.iter().enumerate();
                    while lanes.len() > 0 {
                        let (mut some, mut numbers) = ([&[][..]; TILE], [0; TILE]);
                        let mut count = 0;
                        for (number, lane) in lanes.by_ref().take(TILE) {
                            (some[count], numbers[count]) = (&lane[..len], number);
                            count += 1;
                        }
                        let mut sums = [[_mm256_setzero_si256(); 2]; TILE];
                        match count {
                            TILE => tile::<TILE>(block, &some, &mut sums),
                            _ => {
                                let each = some.iter().zip(&mut sums).take(count);
                                each.for_each(|(x, sums)| {
                                    let mut one = [*sums];
                                    tile::<1>(block, &[*x], &mut one);
                                    [*sums] = one;
                                });
                            }
                        }
                        for (&lane, [low, high]) in numbers.iter().zip(sums).take(count) {
                            each(block, BLOCK_ROWS * b, lane, low);
                            each(block, BLOCK_ROWS * b + ROWS, lane, high);
                        }
                    }
                }
            }

            /// The sums of a block with `L` lanes, which are equally long.
            #[inline]
            #[target_feature(enable = $enable)]
            fn tile<const L: usize>(block: &[Line], x: &[&[i8]], sums: &mut [[__m256i; 2]]) {
                let (Some(x), Some(sums)) = (x.first_chunk::<L>(), sums.first_chunk_mut::<L>())
                else {
                    return;
                };
                let len = x[0].len();
                let mut add = |group: usize, x: [i32; L]| {
                    // SAFETY: a block has a line for each group of columns.
                    let line = unsafe { block.get_unchecked(PARAMETERS + group) };
                    let sign = _mm256_set1_epi8(i8::MIN);
                    let weights = [0, 1].map(|h| _mm256_xor_si256(half(line, h), sign));
                    let sizes = weights.map(|weights| _mm256_abs_epi8(weights));
                    for (sums, x) in sums.iter_mut().zip(x) {
                        let x = _mm256_set1_epi32(x);
                        for h in 0..2 {
                            sums[h] = $products(sums[h], sizes[h], _mm256_sign_epi8(x, weights[h]));
                        }
                    }
                };
                let whole = len / GROUP_COLUMNS;
                for group in 0..whole {
                    // SAFETY: all lanes are `len` long.
                    add(group, x.map(|x| unsafe {
                        x.as_ptr().add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
                    }));
                }
                if len % GROUP_COLUMNS != 0 {
                    add(whole, x.map(|x| {
                        let mut last = [0; GROUP_COLUMNS];
                        let rest = x[GROUP_COLUMNS * whole..].iter();
                        last.iter_mut().zip(rest).for_each(|(last, &x)| *last = x as u8);
                        i32::from_le_bytes(last)
                    }));
                }
            }
        }
    };
}

/// Lanes of a tile of accumulators.
pub(super) const TILE: usize = 4;

/// Rows of a vector: half of a block's.
pub(super) const ROWS: usize = BLOCK_ROWS / 2;

/// A half of a line.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn half(line: &Line, half: usize) -> __m256i {
    // SAFETY: a line is two halves of 32 bytes, aligned.
    unsafe { _mm256_load_si256(line.0.as_ptr().add(32 * (half % 2)).cast()) }
}

/// Sums to outputs of eight rows, the first of them row 0 or 8 of its block, as the parameters
/// of `Packed` have it.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn requantise(block: &[Line], row: usize, sums: __m256i) -> __m256i {
    let [bias, before, multiplier, after, ..] = block else { return sums };
    let load = |line| half(line, row / ROWS);
    let sums = _mm256_sllv_epi32(_mm256_add_epi32(sums, load(bias)), load(before));
    let multiplier = load(multiplier);
    let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sums, multiplier));
    let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), _mm256_srli_epi64::<32>(multiplier));
    let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
    let after = load(after);
    let one = _mm256_set1_epi32(1);
    let half = _mm256_sllv_epi32(one, _mm256_sub_epi32(after, one));
    _mm256_srav_epi32(_mm256_add_epi32(high, half), after)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn numbers(vector: __m256i) -> [i32; ROWS] {
    let mut numbers = [0; ROWS];
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), vector) };
    numbers
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn vector(numbers: [i32; ROWS]) -> __m256i {
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

pub(super) use kernels;
