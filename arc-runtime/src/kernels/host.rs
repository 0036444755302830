//! The kernels of a host, chosen by what its processor can do.

use core::fmt;
use std::string::String;

use crate::arithmetic::cauchy::Axis;
#[cfg(target_arch = "aarch64")]
use crate::kernels::Neon;
use crate::kernels::sealed::Sealed;
#[cfg(target_arch = "x86_64")]
use crate::kernels::x86::{Avx2, Avx512Vnni, AvxVnni};
use crate::kernels::{Kernels, Scalar};
use crate::layers::{Batch, Convolution, Filter, GlimpseFilters, Matrix};

/// Calls a method of the chosen set.
macro_rules! chosen {
    ($set:expr, $kernels:ident => $call:expr) => {
        match $set {
            Self::Scalar($kernels) => $call,
            #[cfg(target_arch = "aarch64")]
            Self::Neon($kernels) => $call,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2($kernels) => $call,
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni($kernels) => $call,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni($kernels) => $call,
        }
    };
}

/// One of the sets of kernels that this build has for its host.
///
/// Those of x86-64 need packed weights:
///
/// ```
/// use arc_runtime::kernels::{Host, Kernels};
/// use arc_runtime::layers::Line;
/// use arc_runtime::{Comparator, Model};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let mut lines = vec![Line::ZERO; model.packed_lines()];
/// let model = model.pack(&mut lines)?;
/// // 64 pairs in lock-step, or as many as the memory is for.
/// let words = vec![0; model.dimensions().batch_words(Host::MAX_BATCH)];
/// let mut comparator = Comparator::with_kernels(&model, words, Host::choose()?)?;
///
/// let (probe, support) = ([0; 196], [100; 196]);
/// let pairs = [(&probe[..], &support[..]); 100];
/// let mut scores = Vec::new();
/// comparator.compare_batch(pairs, |score| scores.push(score))?;
/// assert_eq!(scores.len(), 100);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Host {
    /// The definition.
    Scalar(Scalar),
    /// aarch64 with NEON and its dot product.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
    /// x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// x86-64 with AVX2 and AVX-VNNI.
    #[cfg(target_arch = "x86_64")]
    AvxVnni(AvxVnni),
    /// x86-64 with AVX-512 and its VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(Avx512Vnni),
}

/// The environment variable that names the kernels to use, whatever the processor can do.
pub const VARIABLE: &str = "ARC_KERNELS";

impl Host {
    /// The names of all sets in this build, whatever the processor can do, the fastest first.
    pub const NAMES: &'static [&'static str] = &[
        #[cfg(target_arch = "x86_64")]
        Avx512Vnni::NAME,
        #[cfg(target_arch = "x86_64")]
        AvxVnni::NAME,
        #[cfg(target_arch = "x86_64")]
        Avx2::NAME,
        #[cfg(target_arch = "aarch64")]
        Neon::NAME,
        Scalar::NAME,
    ];

    /// The sets that this processor can run, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        let scalar = core::iter::once(Self::Scalar(Scalar));
        #[cfg(target_arch = "x86_64")]
        let wide = [
            Avx512Vnni::detect().map(Self::Avx512Vnni),
            AvxVnni::detect().map(Self::AvxVnni),
            Avx2::detect().map(Self::Avx2),
        ];
        #[cfg(target_arch = "aarch64")]
        let wide = [Neon::detect().map(Self::Neon)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let wide: [Option<Self>; 0] = [];
        wide.into_iter().flatten().chain(scalar)
    }

    /// The set that [`VARIABLE`] names, or the fastest that this processor can run.
    ///
    /// # Errors
    /// If this build has none of that name, or this processor cannot run them.
    pub fn choose() -> Result<Self, Unavailable> {
        let name = std::env::var(VARIABLE).unwrap_or_default();
        let wanted = |set: &Self| name.is_empty() || set.name() == name;
        Self::available().find(wanted).ok_or(Unavailable { name })
    }

    /// Multiplies bytes in registers and adds up the products, as the set does in a matrix product, `rounds`
    /// times. Returns the number of multiply-accumulates.
    ///
    /// Nothing is loaded, so no matrix product can be faster: this measures the machine's limit.
    #[doc(hidden)]
    pub fn multiply(&self, rounds: usize) -> usize {
        match self {
            Self::Scalar(_) => {
                // The scalar kernels keep no row in registers: these bytes stay in the first cache.
                let (weights, x) = ([3; 512], [5; 512]);
                for _ in 0..rounds {
                    let (weights, x) = core::hint::black_box((&weights, &x));
                    core::hint::black_box(super::scalar::dot(weights, x));
                }
                rounds * 512
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon(set) => set.multiply(rounds),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(set) => set.multiply(rounds),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni(set) => set.multiply(rounds),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni(set) => set.multiply(rounds),
        }
    }

    /// The set's name.
    pub fn name(&self) -> &'static str {
        chosen!(self, k => k.name())
    }
}

/// This processor, or this build, has no kernels of the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    name: String,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name } = self;
        write!(f, "{VARIABLE}={name}: this processor runs no kernels of that name; it has")?;
        for (k, set) in Host::available().enumerate() {
            write!(f, "{} {}", if k == 0 { "" } else { "," }, set.name())?;
        }
        Ok(())
    }
}

impl core::error::Error for Unavailable {}

impl Sealed for Host {}

impl Kernels for Host {
    const NAME: &'static str = "host";
    const MAX_BATCH: usize = 64;

    fn name(&self) -> &'static str {
        Self::name(self)
    }

    fn requires_packed(&self) -> bool {
        chosen!(self, k => k.requires_packed())
    }

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        chosen!(self, k => k.linear(matrix, x, y))
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        chosen!(self, k => k.convolve(convolution, input, output))
    }

    fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        chosen!(self, k => k.filter(axis, gain, weights, factors))
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        chosen!(self, k => k.resample(filter, input, output))
    }

    fn resample_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        chosen!(self, k => k.resample_each(filter, count, input, output))
    }

    fn glimpse(
        &self,
        filters: &GlimpseFilters,
        features: &[i8],
        scratch: &mut [i8],
        glimpse: &mut [i8],
    ) {
        chosen!(self, k => k.glimpse(filters, features, scratch, glimpse))
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        chosen!(self, k => k.lstm_cell(preactivations, cell, state))
    }
}
