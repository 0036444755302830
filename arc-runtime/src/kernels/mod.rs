//! The operations that take the time, behind one trait: one file per instruction set.

mod scalar;

pub use scalar::Scalar;
pub(crate) use scalar::dot;

use crate::model::Matrix;
use crate::stages::Convolution;

/// One axis of a glimpse: a row of weights, a factor and a shift for each output line.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Weights 0..=127, one row after the other, each as long as there are input lines.
    pub weights: &'a [i8],
    /// What each row's sums are multiplied with; sum times factor fits in i32.
    pub factors: &'a [i32],
    /// What the products are shifted by.
    pub shift: u32,
}

/// The operations of a model. [`Scalar`] defines every bit of them; other instances give
/// the same bits faster.
pub trait Kernels {
    /// `y[r] = sat16(requantise(bias[r] + W[r] . x))` for every row of the matrix.
    ///
    /// `x` may be shorter than a row: the inputs that it lacks are zero.
    fn linear(&self, matrix: &Matrix<'_>, x: &[i8], y: &mut [i16]);

    /// A convolution with zero padding: `output[o] = clamp(requantise(bias[o] + gain[o] *
    /// output[o] + W[o] . window), least, 127)` at every place, where `gain` and `least` are
    /// those of the convolution. Without gains, what `output` held does not matter.
    ///
    /// Maps are laid out (row, column, channel).
    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]);

    /// Weighted sums of lines: `output line i = sat8(round_shift(factor[i] * sum over a
    /// of weight[i][a] * input line a, shift))`.
    ///
    /// There are as many output lines as factors; all lines are equally long.
    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]);

    /// The LSTM's nonlinear half: from the gates' sums (Q3.12; input, forget, candidate,
    /// output) and the cell (Q4.11) to the next cell and state (Q0.7).
    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]);
}
