//! The operations that take the time, behind one trait: one file per instruction set.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(kernels = "armv6m")]
mod armv6m;
#[cfg(kernels = "armv7em")]
mod armv7em;
#[cfg(kernels = "armv7m")]
mod armv7m;
#[cfg(kernels = "armv7m")]
mod blend;
#[cfg(kernels = "armv7em")]
mod blend_pairs;
#[cfg(kernels = "armv6m")]
mod blend_words;
#[cfg(any(kernels = "armv7m", kernels = "armv7em"))]
mod by_lanes;
#[cfg(any(kernels = "armv6m", kernels = "helium"))]
mod by_pixels;
#[cfg(any(kernels = "armv6m", kernels = "armv7m", kernels = "armv7em", kernels = "helium"))]
mod by_rows;
#[cfg(kernels = "helium")]
mod helium;
#[cfg(feature = "std")]
mod host;
mod look;
mod scalar;
#[cfg(any(kernels = "armv6m", kernels = "armv7m", kernels = "armv7em", kernels = "helium"))]
mod taps;
#[cfg(any(target_arch = "aarch64", kernels = "simd128"))]
mod tiled;
#[cfg(kernels = "simd128")]
mod wasm;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64", kernels = "simd128"))]
mod windows;
#[cfg(target_arch = "x86_64")]
pub mod x86;

#[cfg(target_arch = "aarch64")]
pub use aarch64::Neon;
#[cfg(kernels = "neon")]
pub use aarch64::Neon as Native;
#[cfg(kernels = "armv6m")]
pub use armv6m::Armv6m as Native;
#[cfg(kernels = "armv7em")]
pub use armv7em::Armv7em as Native;
#[cfg(kernels = "armv7m")]
pub use armv7m::Armv7m as Native;
#[cfg(kernels = "helium")]
pub use helium::Helium as Native;
#[cfg(feature = "std")]
pub use host::{Host, Unavailable, VARIABLE};
#[doc(hidden)]
pub use look::Look;
pub use scalar::Scalar;
pub(crate) use scalar::dot;
#[cfg(kernels = "simd128")]
pub use wasm::{Simd128, Simd128 as Native};
#[cfg(kernels = "avx2")]
pub use x86::Avx2 as Native;
#[cfg(kernels = "avx512vnni")]
pub use x86::Avx512Vnni as Native;
#[cfg(kernels = "avxvnni")]
pub use x86::AvxVnni as Native;

use crate::arithmetic::cauchy::Axis;
use crate::model::Matrix;
use crate::stages::Convolution;

/// The fastest kernels for the target that this is compiled for.
#[cfg(kernels = "scalar")]
pub use scalar::Scalar as Native;

/// One axis of a glimpse: a row of weights, a factor and a shift for each output line.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    weights: &'a [i8],
    factors: &'a [i32],
    /// 1 to 31.
    shift: u32,
}

impl<'a> Filter<'a> {
    /// Rows of weights 0..=127, one after the other, each as long as there are input lines; for each the
    /// factor that its sums are multiplied with, so that the product fits in i32; and what the products are
    /// shifted by, 1 to 31.
    pub const fn new(weights: &'a [i8], factors: &'a [i32], shift: u32) -> Self {
        let shift = match shift {
            0 => 1,
            1..=31 => shift,
            _ => 31,
        };
        Self { weights, factors, shift }
    }
}

/// The inputs of a layer: of one pair, or of several that go in lock-step, so that a weight that
/// has been loaded serves all of them.
///
/// Lane `l` is `values[l * stride..][..len]`.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Lanes<'a> {
    values: &'a [i8],
    stride: usize,
    len: usize,
}

impl<'a> Lanes<'a> {
    /// The inputs of one pair alone.
    pub const fn one(inputs: &'a [i8]) -> Self {
        Self { values: inputs, stride: inputs.len(), len: inputs.len() }
    }

    /// `len` numbers, at most `stride`, at every multiple of `stride`; the last lane ends where
    /// `values` end, or after them.
    pub const fn new(values: &'a [i8], stride: usize, len: usize) -> Self {
        Self { values, stride, len }
    }

    /// Numbers in each lane.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the lanes hold no numbers: all inputs are zero.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lanes a few at a time; the last may be fewer.
    #[cfg(any(kernels = "armv7m", kernels = "armv7em"))]
    fn by(&self, lanes: usize) -> impl Iterator<Item = Self> + use<'a> {
        let Self { stride, len, .. } = *self;
        let values = if self.values.is_empty() { &[0] } else { self.values };
        let groups = values.chunks(lanes.saturating_mul(stride).max(1));
        groups.map(move |values| Self { values, stride, len })
    }

    /// Each lane's inputs: `len` of them, or none where they are not all there.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [i8]> + Clone + use<'a> {
        let len = self.len;
        // Lanes of no numbers have no place in `values`, and still there is one.
        let values = if self.values.is_empty() { &[0] } else { self.values };
        values.chunks(self.stride.max(1)).map(move |lane| lane.get(..len).unwrap_or_default())
    }
}

mod sealed {
    /// What has kernels in this crate, and nothing else.
    ///
    /// ```compile_fail,E0277
    /// use arc_runtime::kernels::{Filter, Kernels, Lanes};
    /// use arc_runtime::model::Matrix;
    /// use arc_runtime::stages::Convolution;
    ///
    /// struct Own;
    ///
    /// impl Kernels for Own {
    ///     const NAME: &'static str = "own";
    ///     fn linear(&self, _: &Matrix<'_>, _: Lanes<'_>, _: &mut [i16]) {}
    ///     fn convolve(&self, _: &Convolution<'_>, _: &[i8], _: &mut [i8]) {}
    ///     fn blend(&self, _: &Filter<'_>, _: &[i8], _: &mut [i8]) {}
    ///     fn lstm_cell(&self, _: &[i16], _: &mut [i16], _: &mut [i8]) {}
    /// }
    /// ```
    pub trait Sealed {}
}

/// The operations of a model. [`Scalar`] defines every bit of them; other instances give
/// the same bits faster.
///
/// Sealed: its instances are those of this crate. No call, however wrong its sizes, reaches memory that is not
/// its own: numbers that are not there count nothing, and nothing is written where there is no room.
pub trait Kernels: sealed::Sealed {
    /// The instruction set, for tools to print.
    const NAME: &'static str;

    /// Most pairs of a probe that go in lock-step, where there is memory for them.
    const LANES: usize = 4;

    /// `y[l][r] = sat16(requantise(bias[r] + W[r] . x[l]))` for every lane and every row of the
    /// matrix; `y` is as long as both.
    ///
    /// Lanes may be shorter than a row: the inputs that they lack are zero.
    #[doc(hidden)]
    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]);

    /// A convolution with zero padding: `output[o] = clamp(requantise(bias[o] + gain[o] *
    /// output[o] + W[o] . window), least, 127)` at every place, where `gain` and `least` are
    /// those of the convolution. Without gains, what `output` held does not matter.
    ///
    /// Maps are laid out (row, column, channel). What is convolved is 0..=127, as pixels and what ReLU
    /// leaves are.
    #[doc(hidden)]
    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]);

    /// Writes the rows of a Cauchy filter, and for each the factor of its sums: [`Axis::filter`].
    /// `gain` is below 2^23.
    #[doc(hidden)]
    fn filter(&self, axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        axis.filter(gain, weights, factors);
    }

    /// Weighted sums of lines: `output line i = sat8(round_shift(factor[i] * sum over a
    /// of weight[i][a] * input line a, shift))`.
    ///
    /// There are as many output lines as factors; all lines are equally long. Inputs are 0..=127,
    /// as pixels, what ReLU leaves of a feature, and blends of them are.
    #[doc(hidden)]
    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]);

    /// [`blend`](Self::blend) of `count` inputs, one after the other, to as many outputs.
    #[doc(hidden)]
    fn blend_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        let each = |len: usize| len.checked_div(count).unwrap_or(0).max(1);
        let inputs = input.chunks_exact(each(input.len()));
        let outputs = output.chunks_exact_mut(each(output.len()));
        inputs.zip(outputs).for_each(|(input, output)| self.blend(filter, input, output));
    }

    /// Takes a glimpse, N x N x C, of a map of S x S x C, both laid out (row, column, channel): the map's
    /// lines blended to N, by weights that add up to 1, then the columns of each, by weights that add up to
    /// the gain.
    ///
    /// The map holds 0..=127; N is at most [`MAX_GLIMPSE_SIDE`](crate::stages::MAX_GLIMPSE_SIDE). `scratch`
    /// is [`glimpse_scratch_bytes`](crate::Dimensions::glimpse_scratch_bytes) long.
    #[doc(hidden)]
    #[inline]
    fn look(&self, look: &Look, features: &[i8], scratch: &mut [i8], glimpse: &mut [i8]) {
        look.by_stages(self, features, scratch, glimpse);
    }

    /// The LSTM's nonlinear half: from the gates' sums (Q3.12; input, forget, candidate,
    /// output) and the cell (Q4.11) to the next cell and state (Q0.7).
    #[doc(hidden)]
    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]);
}
