//! What is seen through any filter: AVX-VNNI's code with this set's instruction.

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::*;

blend!("avx512f,avx512bw,avx512vl,avx512vnni", _mm256_dpbusd_epi32);
