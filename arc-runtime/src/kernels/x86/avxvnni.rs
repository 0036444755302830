//! AVX-VNNI: four products of each of eight rows in one instruction.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::*;

kernels! {
    /// Kernels for processors with AVX2 and AVX-VNNI.
    ///
    /// Matrices are multiplied in their packed form, and by [`Scalar`] if they are not packed. Where
    /// a program is not compiled for such processors, only `detect` makes one.
    AvxVnni, "avxvnni", avxvnni, ["avx2", "avxvnni"], "avx2,avxvnni", _mm256_dpbusd_avx_epi32
}
