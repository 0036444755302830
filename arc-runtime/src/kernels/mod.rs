//! The operations that take the time, behind one trait, and a folder for each architecture.
//!
//! [`Scalar`] defines every bit. `generic` serves several architectures; what serves one alone lives with it.

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64", kernels = "simd128"))]
mod generic;
mod glimpse;
#[cfg(feature = "std")]
mod host;
mod scalar;

// One entry for each architecture: its sets of kernels, and as `Native` the one that this is compiled for.
#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(all(target_arch = "arm", not(kernels = "scalar")))]
mod arm;
#[cfg(kernels = "simd128")]
mod wasm;
#[cfg(target_arch = "x86_64")]
pub mod x86;

#[cfg(target_arch = "aarch64")]
pub use aarch64::*;
#[cfg(all(target_arch = "arm", not(kernels = "scalar")))]
pub use arm::*;
#[cfg(kernels = "scalar")]
pub use scalar::Scalar as Native;
#[cfg(kernels = "simd128")]
pub use wasm::*;
#[cfg(any(kernels = "avx2", kernels = "avxvnni", kernels = "avx512vnni"))]
pub use x86::Native;

#[cfg(feature = "std")]
pub use host::{Host, Unavailable, VARIABLE};
pub use scalar::Scalar;
pub(crate) use scalar::dot;

use crate::arithmetic::cauchy::Axis;
use crate::layers::{Batch, Convolution, Filter, GlimpseFilters, Matrix};

mod sealed {
    /// What has kernels in this crate, and nothing else.
    ///
    /// ```compile_fail,E0277
    /// use arc_runtime::kernels::Kernels;
    /// use arc_runtime::layers::{Batch, Convolution, Filter, Matrix};
    ///
    /// struct Own;
    ///
    /// impl Kernels for Own {
    ///     const NAME: &'static str = "own";
    ///     fn linear(&self, _: &Matrix<'_>, _: Batch<'_>, _: &mut [i16]) {}
    ///     fn convolve(&self, _: &Convolution<'_>, _: &[i8], _: &mut [i8]) {}
    ///     fn resample(&self, _: &Filter<'_>, _: &[i8], _: &mut [i8]) {}
    ///     fn lstm_cell(&self, _: &[i16], _: &mut [i16], _: &mut [i8]) {}
    /// }
    /// ```
    pub trait Sealed {}
}

/// The operations of a model. [`Scalar`] defines every bit of them; other instances give
/// the same bits faster.
///
/// Sealed: its instances are those of this crate. No call, however wrong its sizes, reaches memory that is not
/// its own: an input or a weight that is missing counts as zero, and an output that does not fit is not written.
///
/// ```
/// use arc_runtime::kernels::{Kernels, Scalar};
/// use arc_runtime::{Comparator, ComparatorError, Model};
///
/// /// A comparator with memory for as many pairs at a time as suits the kernels.
/// fn comparator<K: Kernels>(
///     model: &Model<'static>,
///     kernels: K,
/// ) -> Result<Comparator<'static, Vec<u32>, K>, ComparatorError> {
///     let words = vec![0; model.dimensions().batch_words(K::MAX_BATCH)];
///     Comparator::with_kernels(model, words, kernels)
/// }
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// assert!(comparator(&model, Scalar).is_ok());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
pub trait Kernels: sealed::Sealed {
    /// The instruction set, for tools to print.
    const NAME: &'static str;

    /// Most pairs of a batch, where there is memory for them.
    const MAX_BATCH: usize = 4;

    /// The instruction set of this instance; [`NAME`](Self::NAME) unless it was chosen at run time.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Whether weights have to be packed by [`Model::pack`](crate::Model::pack). Matrices that are not would be
    /// multiplied by [`Scalar`].
    fn requires_packed(&self) -> bool {
        false
    }

    /// `y[i][r] = sat16(requantize(bias[r] + W[r] . x[i]))` for every item `i` of the batch and every row `r` of
    /// the matrix. `y` holds the outputs item after item.
    ///
    /// Items may be shorter than a row: the inputs that they lack are zero.
    #[doc(hidden)]
    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]);

    /// A convolution with zero padding. At every position of the output map, for every channel `o`:
    ///
    /// ```text
    /// residual  = gain[o] * output[o]        gain is 0 where the convolution adds no shortcut
    /// output[o] = clamp(requantize(bias[o] + residual + W[o] . window), least, 127)
    /// ```
    ///
    /// `gain` and `least` are those of the convolution. Without gains, the earlier contents of `output` do not
    /// matter.
    ///
    /// Maps are laid out (row, column, channel). The input is 0..=127: pixels, or features after ReLU.
    #[doc(hidden)]
    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]);

    /// Writes the rows of a Cauchy filter, and for each the factor of its accumulators: [`Axis::filter`].
    /// `gain` is below 2^23.
    #[doc(hidden)]
    fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        axis.filter(gain, weights, factors);
    }

    /// Weighted sums of lines: `output line i = sat8(round_shift(factor[i] * sum over a
    /// of weight[i][a] * input line a, shift))`.
    ///
    /// There are as many output lines as factors; all lines are equally long. Inputs are 0..=127: pixels,
    /// features after ReLU, or lines resampled from either.
    #[doc(hidden)]
    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]);

    /// [`resample`](Self::resample) of `count` inputs, one after the other, to as many outputs.
    #[doc(hidden)]
    fn resample_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        let each = |len: usize| len.checked_div(count).unwrap_or(0).max(1);
        let inputs = input.chunks_exact(each(input.len()));
        let outputs = output.chunks_exact_mut(each(output.len()));
        inputs.zip(outputs).for_each(|(input, output)| self.resample(filter, input, output));
    }

    /// Takes a glimpse, N x N x C, of a map of S x S x C, both laid out (row, column, channel): the map's
    /// lines resampled to N, by weights that add up to 1, then the columns of each, by weights that add up to
    /// the gain.
    ///
    /// The map holds 0..=127; N is at most [`MAX_GLIMPSE_SIDE`](crate::format::body::MAX_GLIMPSE_SIDE). `scratch`
    /// is [`glimpse_scratch_bytes`](crate::Dimensions::glimpse_scratch_bytes) long.
    #[doc(hidden)]
    #[inline]
    fn glimpse(
        &self,
        filters: &GlimpseFilters,
        features: &[i8],
        scratch: &mut [i8],
        glimpse: &mut [i8],
    ) {
        glimpse::by_stages(filters, self, features, scratch, glimpse);
    }

    /// The LSTM's nonlinear half: from the gates' pre-activations (Q3.12) and the cell (Q4.11) to the next cell
    /// and state (Q0.7).
    ///
    /// `preactivations` are four gates of H numbers each, one after the other: input `i`, forget `f`,
    /// candidate `u`, output `o`. For each unit:
    ///
    /// ```text
    /// i, f, o = sigmoid(i), sigmoid(f), sigmoid(o);  u = tanh(u)
    /// cell    = sat16(round_shift(f * cell + (i * u >> 4), 15))
    /// state   = sat8(round_shift(o * tanh(sat16(2 * cell)), 23))
    /// ```
    #[doc(hidden)]
    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]);
}
