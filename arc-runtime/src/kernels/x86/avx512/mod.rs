//! AVX-512 with VNNI: four products of each of sixteen rows in one instruction.

#![allow(unsafe_code)]

mod cell;
mod filter;
mod glimpse;
mod image;
mod matrix;
mod resample;

use core::arch::x86_64::*;

use crate::arithmetic::cauchy::Axis;
use crate::kernels::sealed::Sealed;
use crate::kernels::x86::ymm;
use crate::kernels::{Kernels, Scalar};
use crate::layers::{Batch, Convolution, Filter, GlimpseFilters, Line, Matrix};
use cell::lstm_cell;
use matrix::{convolve, linear};
use resample::resample_each;

/// Kernels for processors with AVX-512 (F, BW, VL) and its VNNI.
///
/// Matrices are multiplied in their packed form, and by [`Scalar`] if they are not packed.
///
/// Where a program is not compiled for such processors, only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(kernels = "avx512vnni"), non_exhaustive)]
pub struct Avx512Vnni;

impl Avx512Vnni {
    /// `None` if the processor lacks an instruction of these kernels; without the feature `std`, if the
    /// program is not compiled for them.
    pub fn detect() -> Option<Self> {
        #[cfg(feature = "std")]
        let has = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("fma")
            && std::is_x86_feature_detected!("f16c")
            && std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vl")
            && std::is_x86_feature_detected!("avx512vnni");
        #[cfg(not(feature = "std"))]
        let has = cfg!(kernels = "avx512vnni");
        has.then_some(Self)
    }

    /// Multiplies in registers, `rounds` times; returns the number of multiply-accumulates.
    #[cfg(feature = "std")]
    pub(crate) fn multiply(&self, rounds: usize) -> usize {
        // SAFETY: `multiply` needs AVX-512 F and VNNI. An `Avx512Vnni` exists only where the processor has them:
        // `detect` checks it, or the whole program is compiled for them.
        unsafe { multiply(rounds) }
    }
}

#[cfg(feature = "std")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply(rounds: usize) -> usize {
    // Twelve accumulators are more than the cycles of an instruction, so that none waits for another. Each has weights
    // of its own, or the compiler would compute one for all.
    let weights = core::hint::black_box([_mm512_set1_epi8(5); 12]);
    let x = core::hint::black_box(_mm512_set1_epi8(3));
    let mut sums = [_mm512_setzero_si512(); 12];
    for _ in 0..rounds {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            *sum = _mm512_dpbusd_epi32(*sum, x, weights);
        }
    }
    core::hint::black_box(sums);
    rounds * sums.len() * 64
}

impl Sealed for Avx512Vnni {}

impl Kernels for Avx512Vnni {
    const MAX_BATCH: usize = 64;
    const NAME: &'static str = "avx512vnni";

    fn requires_packed(&self) -> bool {
        true
    }

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        match matrix.packed() {
            // SAFETY: `linear` needs AVX-512 F, BW, VL and VNNI. An `Avx512Vnni` exists only where the
            // processor has them: `detect` checks it, or the whole program is compiled for them.
            Some(packed) => unsafe { linear(packed, matrix.outputs(), x, y) },
            None => Scalar.linear(matrix, x, y),
        }
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        match convolution.matrix.packed() {
            // SAFETY: `convolve` needs AVX-512 F, BW, VL and VNNI. An `Avx512Vnni` exists only where the
            // processor has them: `detect` checks it, or the whole program is compiled for them.
            Some(packed) => unsafe { convolve(packed, convolution, input, output) },
            None => Scalar.convolve(convolution, input, output),
        }
    }

    fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        // SAFETY: `filter` needs AVX2. An `Avx512Vnni` exists only where the processor has it: `detect` checks it, or
        // the whole program is compiled for AVX-512, which implies it.
        unsafe { ymm::filter(axis, gain, weights, factors) }
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        self.resample_each(filter, 1, input, output);
    }

    fn resample_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        // SAFETY: `resample_each` needs AVX-512 F, BW, VL and VNNI. An `Avx512Vnni` exists only where the
        // processor has them: `detect` checks it, or the whole program is compiled for them.
        unsafe { resample_each(filter, count, input, output) }
    }

    fn glimpse(
        &self,
        filters: &GlimpseFilters,
        features: &[i8],
        scratch: &mut [i8],
        glimpse: &mut [i8],
    ) {
        // SAFETY: `glimpse` needs AVX-512 F, BW, VL and VNNI. An `Avx512Vnni` exists only where the
        // processor has them: `detect` checks it, or the whole program is compiled for them.
        unsafe { glimpse::glimpse(self, filters, features, scratch, glimpse) }
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        // SAFETY: `lstm_cell` needs AVX-512 F, BW and VL. An `Avx512Vnni` exists only where the
        // processor has them: `detect` checks it, or the whole program is compiled for them.
        unsafe { lstm_cell(preactivations, cell, state) }
    }
}

/// The mask of the first `len` of sixteen lanes.
#[inline]
fn first(len: usize) -> __mmask16 {
    ((1u32 << len.min(16)) - 1) as __mmask16
}

/// Loads a line of packed weights or of a table.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &Line) -> __m512i {
    // SAFETY: a `Line` is the 64 bytes that are read, aligned to 64.
    unsafe { _mm512_load_si512(core::ptr::from_ref(line).cast()) }
}
