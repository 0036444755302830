//! AVX-512 with VNNI: four products of each of sixteen rows in one instruction.

#![allow(unsafe_code)]

mod blend;
mod cell;
mod filter;
mod glimpse;
mod image;
mod matrix;

use core::arch::x86_64::*;

use crate::arithmetic::cauchy::Axis;
use crate::kernels::sealed::Sealed;
use crate::kernels::x86::ymm;
use crate::kernels::{Filter, Kernels, Lanes, Look, Scalar};
use crate::model::{Line, Matrix};
use crate::stages::Convolution;
use blend::blend_each;
use cell::lstm_cell;
use matrix::{convolve, linear};

/// Kernels for processors with AVX-512 (F, BW, VL) and its VNNI.
///
/// Matrices are multiplied in their packed form; one that is not packed goes the portable way.
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

    /// Products in registers, so many rounds; returns the number of multiply-accumulates.
    #[cfg(feature = "std")]
    pub(crate) fn multiply(&self, rounds: usize) -> usize {
        // SAFETY: there is no such set where the processor lacks a feature.
        unsafe { multiply(rounds) }
    }
}

#[cfg(feature = "std")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply(rounds: usize) -> usize {
    // More sums than an instruction takes cycles, each with products of its own, or they would be
    // computed once for all.
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

// SAFETY, of every call below: there is no `Avx512Vnni` where the processor lacks a feature that
// the functions are compiled for. They are compiled for AVX-512 F, BW, VL and VNNI, and for what F implies:
// AVX2, FMA and F16C.
impl Kernels for Avx512Vnni {
    const LANES: usize = 64;
    const NAME: &'static str = "avx512vnni";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        match matrix.packed() {
            // SAFETY: see above.
            Some(packed) => unsafe { linear(packed, matrix.outputs(), x, y) },
            None => Scalar.linear(matrix, x, y),
        }
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        match convolution.matrix.packed() {
            // SAFETY: see above.
            Some(packed) => unsafe { convolve(packed, convolution, input, output) },
            None => Scalar.convolve(convolution, input, output),
        }
    }

    fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        // SAFETY: see above.
        unsafe { ymm::filter(axis, gain, weights, factors) }
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        self.blend_each(filter, 1, input, output);
    }

    fn blend_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        // SAFETY: see above.
        unsafe { blend_each(filter, count, input, output) }
    }

    fn look(&self, look: &Look, features: &[i8], scratch: &mut [i8], glimpse: &mut [i8]) {
        // SAFETY: see above.
        unsafe { glimpse::look(self, look, features, scratch, glimpse) }
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        // SAFETY: see above.
        unsafe { lstm_cell(sums, cell, state) }
    }
}

/// The first `len` of sixteen lanes.
#[inline]
fn first(len: usize) -> __mmask16 {
    ((1u32 << len.min(16)) - 1) as __mmask16
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &Line) -> __m512i {
    // SAFETY: a line is 64 bytes, aligned.
    unsafe { _mm512_load_si512(core::ptr::from_ref(line).cast()) }
}
