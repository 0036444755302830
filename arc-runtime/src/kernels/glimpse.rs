//! A glimpse in two stages, lines and then columns: the default of [`Kernels::glimpse`].

use super::Kernels;
use crate::format::body::MAX_GLIMPSE_SIDE;
use crate::layers::{Filter, GlimpseFilters};
use crate::slices::lenient::{front_mut, split_mut};

/// The shift of the lines' scaled accumulators. A row's weights add up to 1 in the reals, here 2^22.
pub(in crate::kernels) const LINES_SHIFT: u32 = 22;
/// The shift of the columns' scaled accumulators: Q20, as the glimpse gain.
pub(in crate::kernels) const COLUMNS_SHIFT: u32 = 20;

/// [`Kernels::glimpse`].
///
/// ```text
/// features S x S x C  --lines-->  resampled N x S x C  --columns, each of the N lines-->  glimpse N x N x C
/// ```
///
/// `scratch` holds the weights of one filter, N x S, and behind them `resampled`.
#[inline]
pub(in crate::kernels) fn by_stages(
    filters: &GlimpseFilters,
    kernels: &(impl Kernels + ?Sized),
    features: &[i8],
    scratch: &mut [i8],
    glimpse: &mut [i8],
) {
    let GlimpseFilters { lines, columns, gain } = filters;
    let side = lines.rows;
    let (weights, resampled) = split_mut(scratch, side * lines.side);
    let mut factors = [0; MAX_GLIMPSE_SIDE];
    let factors = front_mut(&mut factors, side);

    kernels.filter(lines, 1 << LINES_SHIFT, weights, factors);
    let filter = Filter::new(weights, factors, LINES_SHIFT);
    kernels.resample(&filter, features, resampled);

    kernels.filter(columns, *gain, weights, factors);
    let filter = Filter::new(weights, factors, COLUMNS_SHIFT);
    kernels.resample_each(&filter, side, resampled, glimpse);
}
