//! Vectors of 32 bytes: AVX2, and AVX-VNNI, which is the same code around another product of bytes.

#![allow(unsafe_code)]

mod cell;
mod filter;
mod matrix;
mod resample;

use core::arch::x86_64::*;

pub(super) use crate::arithmetic::cauchy::Axis;
pub(super) use crate::kernels::generic::windows::windows;
pub(super) use crate::kernels::sealed::Sealed;
pub(super) use crate::kernels::{Kernels, Scalar};
pub(super) use crate::layers::{
    BLOCK_ROWS, Batch, Convolution, Filter, GROUP_COLUMNS, Line, Matrix, PARAMETERS, Packed,
};
pub(super) use crate::slices::lenient::{behind_mut, copy, part};
pub(super) use cell::lstm_cell;
pub(super) use filter::filter;
pub(super) use matrix::*;
pub(super) use resample::*;

/// Lanes of 32 bits in a vector: rows of a matrix whose accumulators it holds.
pub(super) const LANES: usize = 8;

/// A set of kernels: its name, its features, and its product of bytes, which adds the products of
/// four unsigned and four signed bytes to each of eight accumulators:
///
/// ```text
/// unsigned   u0 u1 u2 u3 | u4 u5 u6 u7 | ...        8 lanes of 4 bytes
/// signed     s0 s1 s2 s3 | s4 s5 s6 s7 | ...
/// sums       lane 0 += u0 s0 + u1 s1 + u2 s2 + u3 s3, and so on in i32
/// ```
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

            /// Multiplies in registers, `rounds` times; returns the number of multiply-accumulates.
            #[cfg(feature = "std")]
            pub(crate) fn multiply(&self, rounds: usize) -> usize {
                // SAFETY: a value of this set exists only where the processor has its features: `detect` checks them,
                // or the whole program is compiled for them. `multiply` needs no others.
                unsafe { $module::multiply(rounds) }
            }
        }

        impl Sealed for $set {}

        impl Kernels for $set {
            const NAME: &'static str = $name;
            const MAX_BATCH: usize = 64;

            fn requires_packed(&self) -> bool {
                true
            }

            fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
                match matrix.packed() {
                    // SAFETY: `linear` needs the features of this set. A value of the set exists only where the
                    // processor has them: `detect` checks it, or the whole program is compiled for them.
                    Some(packed) => unsafe { $module::linear(packed, matrix.outputs(), x, y) },
                    None => Scalar.linear(matrix, x, y),
                }
            }

            fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
                match convolution.matrix.packed() {
                    // SAFETY: `convolve` needs the features of this set. A value of the set exists only where the
                    // processor has them: `detect` checks it, or the whole program is compiled for them.
                    Some(packed) => unsafe {
                        $module::convolve(packed, convolution, input, output)
                    },
                    None => Scalar.convolve(convolution, input, output),
                }
            }

            fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
                // SAFETY: `filter` needs AVX2, one of the features of this set. A value of the set exists only where
                // the processor has them: `detect` checks it, or the whole program is compiled for them.
                unsafe { filter(axis, gain, weights, factors) }
            }

            fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
                self.resample_each(filter, 1, input, output);
            }

            fn resample_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
                // SAFETY: `resample_each` needs the features of this set. A value of the set exists only where the
                // processor has them: `detect` checks it, or the whole program is compiled for them.
                unsafe { $module::resample_each(filter, count, input, output) }
            }

            fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
                // SAFETY: `lstm_cell` needs AVX2, one of the features of this set. A value of the set exists only where
                // the processor has them: `detect` checks it, or the whole program is compiled for them.
                unsafe { lstm_cell(preactivations, cell, state) }
            }
        }

        mod $module {
            use super::*;

            #[cfg(feature = "std")]
            #[target_feature(enable = $enable)]
            pub(super) fn multiply(rounds: usize) -> usize {
                // Eight accumulators are more than the cycles of an instruction, so that none waits for another.
                // Each has weights of its own, or the compiler would compute one for all.
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
            resample!($enable, $products);
        }
    };
}
pub(super) use kernels;

/// The lanes of a vector as an array.
#[inline]
#[target_feature(enable = "avx2")]
fn numbers(vector: __m256i) -> [i32; LANES] {
    let mut numbers = [0; LANES];
    // SAFETY: the array has the 32 bytes that are written, and the instruction needs no alignment.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), vector) };
    numbers
}

/// A vector with these lanes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn vector(numbers: [i32; LANES]) -> __m256i {
    // SAFETY: the array has the 32 bytes that are read, and the instruction needs no alignment.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// Writes the first bytes, as many as fit.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store_bytes(to: &mut [i8], bytes: __m128i) {
    match to.first_chunk_mut::<16>() {
        // SAFETY: `to` has the 16 bytes that are written, and the instruction needs no alignment.
        Some(to) => unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), bytes) },
        None => store_some_bytes(to, bytes),
    }
}

/// Less than sixteen bytes. It is rare, and its code is kept out of the loops.
#[cold]
#[target_feature(enable = "avx2")]
fn store_some_bytes(to: &mut [i8], bytes: __m128i) {
    let mut all = [0; 16];
    store_bytes(&mut all, bytes);
    copy(to, &all);
}
