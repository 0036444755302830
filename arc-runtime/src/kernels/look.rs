//! A whole glimpse: one stage after the other, unless a set of kernels takes it whole.

use super::{Filter, Kernels};
use crate::arithmetic::cauchy::Axis;
use crate::parts::{front_mut, split_mut};
use crate::stages::MAX_GLIMPSE_SIDE;

/// Where a glimpse of N x N is taken of a map of S x S, and how bright it is. Both axes have the same S and
/// N.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub(super) lines: Axis,
    pub(super) columns: Axis,
    pub(super) gain: i32,
}

/// What the lines' sums are shifted by; their weights add up to 1 in the reals.
pub(super) const LINES_SHIFT: u32 = 22;
/// What the columns' sums are shifted by: Q20, as the gain.
pub(super) const COLUMNS_SHIFT: u32 = 20;

impl Look {
    /// A glimpse by the filter from S lines to N and by that from S columns to N, whose weights add up to
    /// `gain`, Q20: positive, and below 8 in the reals.
    pub const fn new(lines: Axis, columns: Axis, gain: i32) -> Self {
        Self { lines, columns, gain }
    }

    /// [`Kernels::look`], one stage after the other.
    #[inline]
    pub(super) fn by_stages(
        &self,
        kernels: &(impl Kernels + ?Sized),
        features: &[i8],
        scratch: &mut [i8],
        glimpse: &mut [i8],
    ) {
        let Self { lines, columns, gain } = self;
        let side = lines.rows;
        let (weights, blended) = split_mut(scratch, side * lines.side);
        let mut factors = [0; MAX_GLIMPSE_SIDE];
        let factors = front_mut(&mut factors, side);

        kernels.filter(lines, 1 << LINES_SHIFT, weights, factors);
        let filter = Filter::new(weights, factors, LINES_SHIFT);
        kernels.blend(&filter, features, blended);

        kernels.filter(columns, *gain, weights, factors);
        let filter = Filter::new(weights, factors, COLUMNS_SHIFT);
        kernels.blend_each(&filter, side, blended, glimpse);
    }
}
