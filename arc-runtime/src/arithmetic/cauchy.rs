//! The Cauchy filters that take a glimpse along one axis, in integers.
//!
//! In the reals, with S = side of the map and N = side of the glimpse, for a coordinate
//! v and a spread d, both in [-1, 1] (Shyam et al., ICML 2017, after DRAW's attention;
//! `ARITHMETIC.md` has the integer form to the bit):
//!
//! - center = (S-1)(v+1)/2; spacing = (S/N)(1-|d|); gamma = exp(1-2|d|)
//! - mu_i = center + spacing (i - (N-1)/2)
//! - weight of pixel a in row i: 1 / (1 + ((a - mu_i) / gamma)^2), each row over its sum

use crate::arithmetic::exponential::{exp, round};
use crate::arithmetic::round_shift;

/// The kernel up to 16 widths from the center: entry k at k/64 widths, Q16.
pub static NEAR: [u16; 1024] = kernel_table(64.0, 0.0);

/// The kernel's tail: entry k at k + 1/2 widths, Q16; used from k = 16. The tail falls so slowly
/// that cutting it off would misplace up to half of a narrow row's weight on a map of 32 pixels.
pub static FAR: [u16; 256] = kernel_table(1.0, 0.5);

/// Entry k is round(4096 exp(2k/128 - 1)): 1/gamma in Q12 by |d| in 128ths.
pub static INVERSE_GAMMA: [u16; 129] = inverse_gamma_table();

/// Most rows, and most pixels, of an axis: no product of its sizes overflows.
const MOST: usize = 128;

/// The geometry of a filter's rows on one axis.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Where the rows are centered, in 256ths of a pixel.
    pub(crate) center: i32,
    /// Distance of two rows, in 256ths of a pixel.
    pub(crate) spacing: i32,
    /// 1/gamma, Q12.
    pub(crate) inverse_gamma: i32,
    /// Rows of the filter, at most [`MOST`].
    pub(crate) rows: usize,
    /// Pixels on the axis, at most [`MOST`].
    pub(crate) side: usize,
}

impl Axis {
    /// `rows` rows over `side` pixels, centered by `v` and spread by `d` (Q0.15).
    ///
    /// `rows` is at least 1; rows and pixels count up to 128.
    pub fn new(side: usize, rows: usize, v: i16, d: i16) -> Self {
        let (side, rows) = (side.min(MOST), rows.min(MOST));
        let spread = i32::from(d).abs();
        let pitch = (side * 256).checked_div(rows).unwrap_or(0) as i32;
        Self {
            center: round_shift((side as i32 - 1) * (i32::from(v) + 32768), 8),
            spacing: round_shift(pitch * (32768 - spread), 15),
            inverse_gamma: INVERSE_GAMMA
                .get(round_shift(spread, 8) as usize)
                .map_or(0, |&g| g.into()),
            rows,
            side,
        }
    }

    /// Writes all rows of the filter, one after the other, and for each what its sums are to be
    /// multiplied with: `gain` over the sum of the row, rounded down.
    #[inline]
    pub fn filter(&self, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        let rows = weights.chunks_exact_mut(self.side.max(1));
        for ((row, weights), factor) in rows.enumerate().zip(factors) {
            *factor = gain.checked_div(self.row_weights(row, weights) as i32).unwrap_or(0);
        }
    }

    /// Writes row `row` of the filter, peak 127 (or 126), and returns its sum, which is
    /// at least 126 and at most 127 times the side.
    #[inline]
    pub fn row_weights(&self, row: usize, weights: &mut [i8]) -> u32 {
        let scale = self.scale(row, weights.len());
        let (mut distance, mut sum) = (-self.mu(row), 0);
        for weight in weights {
            let scaled = (self.kernel(distance.abs()) * scale + (1 << 15)) >> 16;
            *weight = scaled as i8;
            sum += scaled;
            distance += 256;
        }
        sum
    }

    /// Where a row is centered, in 256ths of a pixel.
    fn mu(&self, row: usize) -> i32 {
        let offset = 2 * row as i32 - (self.rows as i32 - 1);
        self.center + ((self.spacing * offset) >> 1)
    }

    /// What brings a row over `side` pixels to its peak, Q16.
    fn scale(&self, row: usize, side: usize) -> u32 {
        let mu = self.mu(row);
        // Not `clamp`, which would panic on a side of 0.
        let nearest = ((mu + 128) >> 8).min(side as i32 - 1).max(0);
        let peak = self.kernel((256 * nearest - mu).abs());
        (127u32 << 16).checked_div(peak).unwrap_or(0)
    }

    /// 65536 / (1 + (distance / gamma)^2), 1..=65535, for a distance in 256ths of a pixel.
    #[inline(always)]
    fn kernel(&self, distance: i32) -> u32 {
        kernel(round_shift(distance * self.inverse_gamma, 14) as usize)
    }
}

/// The Cauchy kernel, 1..=65535, at a distance in 64ths of its width: as the tables have it.
#[inline(always)]
pub(crate) fn kernel(t: usize) -> u32 {
    match NEAR.get(t) {
        Some(&value) => value.into(),
        None => FAR[(t / 64).min(FAR.len() - 1)].into(),
    }
}

/// Entry k is the Cauchy kernel 65536 / (1 + t^2), at most 65535, at t = (k + offset) / per_width.
const fn kernel_table<const N: usize>(per_width: f64, offset: f64) -> [u16; N] {
    let mut table = [0; N];
    let mut k = 0;
    while k < N {
        let t = (k as f64 + offset) / per_width;
        let value = round(65536.0 / (1.0 + t * t));
        table[k] = if value > 65535 { 65535 } else { value as u16 };
        k += 1;
    }
    table
}

const fn inverse_gamma_table() -> [u16; 129] {
    let mut table = [0; 129];
    let mut k = 0;
    while k < table.len() {
        table[k] = round(4096.0 * exp(k as f64 / 64.0 - 1.0)) as u16;
        k += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_rounded_function() {
        for (k, &entry) in INVERSE_GAMMA.iter().enumerate() {
            let exact = libm::round(4096.0 * libm::exp(k as f64 / 64.0 - 1.0));
            assert_eq!(f64::from(entry), exact, "entry {k}");
        }
    }

    #[test]
    fn the_kernel_is_within_its_step_of_the_exact_one() {
        let axis = Axis { center: 0, spacing: 0, inverse_gamma: 4096, rows: 1, side: 1 };
        let mut before = u32::MAX;
        for distance in 0..200 * 256 {
            let t = f64::from(distance) / 256.0;
            let (kernel, exact) = (axis.kernel(distance), 65536.0 / (1.0 + t * t));
            // Half a step of the table in t, 1/128 near and 1/2 far, times the slope; and a rounding.
            let step = if t < 15.9 { 1.0 / 128.0 } else { 0.51 };
            let slope = 2.0 * t * exact / (1.0 + t * t);
            let bound = 1.5 * step * slope + 4.5;
            let error = libm::fabs(f64::from(kernel) - exact);
            assert!(error <= bound, "{t}: off by {error}, bound {bound}");
            assert!((1..=before).contains(&kernel), "{t}: not falling");
            before = kernel;
        }
    }
}
