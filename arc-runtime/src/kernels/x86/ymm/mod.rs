//! Vectors of 32 bytes: AVX2, and AVX-VNNI, which is the same code around another product of bytes.

#![allow(unsafe_code)]

mod cell;
mod filter;
mod glimpse;
mod matrix;

use core::arch::x86_64::*;

pub(super) use crate::arithmetic::cauchy::Axis;
pub(super) use crate::kernels::sealed::Sealed;
pub(super) use crate::kernels::windows::windows;
pub(super) use crate::kernels::{Filter, Kernels, Lanes, Scalar};
pub(super) use crate::model::{BLOCK_ROWS, GROUP_COLUMNS, Line, Matrix, PARAMETERS, Packed};
pub(super) use crate::parts::{behind_mut, copy, part};
pub(super) use crate::stages::Convolution;
pub(super) use cell::lstm_cell;
pub(super) use filter::filter;
pub(super) use glimpse::*;
pub(super) use matrix::*;

/// Numbers of 32 bits in a vector: rows of a matrix that it sums at a time.
pub(super) const ROWS: usize = 8;

/// A set of kernels: its name, its features, and its product of bytes, which adds the products of
/// four unsigned and four signed bytes to each of eight sums.
macro_rules! kernels {
    (
        $(#[$doc:meta])* $set:ident, $name:literal, $module:ident, [$($feature:tt),+],
        $enable:literal, $products:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        #[cfg_attr(not(all($(target_feature = $feature),+)), non_exhaustive)]
        pub struct $set;

        impl $set {
            /// `None` if the processor lacks an instruction of these kernels; without the feature
            /// `std`, if the program is not compiled for them.
            pub fn detect() -> Option<Self> {
                #[cfg(feature = "std")]
                let has = $(std::is_x86_feature_detected!($feature))&&+;
                #[cfg(not(feature = "std"))]
                let has = cfg!(all($(target_feature = $feature),+));
                has.then_some(Self)
            }

            /// Products in registers, so many rounds; returns the number of multiply-accumulates.
            #[cfg(feature = "std")]
            pub(crate) fn multiply(&self, rounds: usize) -> usize {
                // SAFETY: there is no such set where the processor lacks a feature.
                unsafe { $module::multiply(rounds) }
            }
        }

        impl Sealed for $set {}

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

            fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
                // SAFETY: see above.
                unsafe { filter(axis, gain, weights, factors) }
            }

            fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
                self.blend_each(filter, 1, input, output);
            }

            fn blend_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
                // SAFETY: see above.
                unsafe { $module::blend_each(filter, count, input, output) }
            }

            fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
                // SAFETY: see above.
                unsafe { lstm_cell(sums, cell, state) }
            }
        }

        mod $module {
            use super::*;

            #[cfg(feature = "std")]
            #[target_feature(enable = $enable)]
            pub(super) fn multiply(rounds: usize) -> usize {
                // More sums than an instruction takes cycles.
                // As many sums as registers are for, each with products of its own, or they would be
                // computed once for all.
                let weights = core::hint::black_box([_mm256_set1_epi8(5); 8]);
                let mut sums = [_mm256_setzero_si256(); 8];
                for _ in 0..rounds {
                    let x = core::hint::black_box(_mm256_set1_epi8(3));
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = $products(*sum, x, weights);
                    }
                }
                core::hint::black_box(sums);
                rounds * sums.len() * 32
            }

            matrix!($enable, $products);
            blend!($enable, $products);
        }
    };
}
pub(super) use kernels;

/// The numbers of a vector.
#[inline]
#[target_feature(enable = "avx2")]
fn numbers(vector: __m256i) -> [i32; ROWS] {
    let mut numbers = [0; ROWS];
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), vector) };
    numbers
}

/// The vector of some numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn vector(numbers: [i32; ROWS]) -> __m256i {
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// Writes the bytes that there is room for.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn put_bytes(to: &mut [i8], bytes: __m128i) {
    match to.first_chunk_mut::<16>() {
        // SAFETY: there is room for all sixteen.
        Some(to) => unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), bytes) },
        None => put_some_bytes(to, bytes),
    }
}

/// Rare, and kept out of the loops.
#[cold]
#[target_feature(enable = "avx2")]
fn put_some_bytes(to: &mut [i8], bytes: __m128i) {
    let mut all = [0; 16];
    put_bytes(&mut all, bytes);
    copy(to, &all);
}
