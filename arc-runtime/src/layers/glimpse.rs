//! The two filters that take a glimpse.

use crate::arithmetic::cauchy::Axis;

/// Where a glimpse of N x N is taken of a map of S x S, and how bright it is. Both axes have the same S and
/// N.
#[derive(Debug, Clone, Copy)]
pub struct GlimpseFilters {
    pub(crate) lines: Axis,
    pub(crate) columns: Axis,
    pub(crate) gain: i32,
}

impl GlimpseFilters {
    /// A glimpse by the filter from S lines to N and by that from S columns to N, whose weights add up to
    /// `gain` is the glimpse gain, Q20: positive, and below 8 in the reals.
    pub const fn new(lines: Axis, columns: Axis, gain: i32) -> Self {
        Self { lines, columns, gain }
    }
}
