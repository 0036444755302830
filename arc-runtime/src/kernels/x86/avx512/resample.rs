//! Resampling through any filter: the code of `ymm/resample.rs`, with the dot product of AVX-512 VL.

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::*;

resample!("avx512f,avx512bw,avx512vl,avx512vnni", _mm256_dpbusd_epi32);
