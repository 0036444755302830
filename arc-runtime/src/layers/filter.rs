//! One axis of a glimpse as kernels apply it.

/// One axis of a glimpse: a row of weights, a factor and a shift for each output line.
///
/// ```
/// use arc_runtime::kernels::{Kernels, Scalar};
/// use arc_runtime::layers::Filter;
///
/// // Two lines of three numbers to one: a quarter of the first, three quarters of the second.
/// let filter = Filter::new(&[1, 3], &[1], 2);
/// let mut output = [0; 3];
/// Scalar.resample(&filter, &[0, 40, 100, 8, 80, 100], &mut output);
/// assert_eq!(output, [6, 70, 100]);
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    pub(crate) weights: &'a [i8],
    pub(crate) factors: &'a [i32],
    /// 1 to 31.
    pub(crate) shift: u32,
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
