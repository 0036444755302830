//! Sigmoid and tanh: tables of 257 entries over [-8, 8], interpolated linearly.

use crate::arithmetic::exponential::{exp, round};
use crate::arithmetic::round_shift;

/// An activation function from Q3.12 to Q0.15.
///
/// Entry k is round(32767 f((k - 128) / 16)).
///
/// ```
/// use arc_runtime::arithmetic::activation::{SIGMOID, TANH};
///
/// assert_eq!((SIGMOID.at(0), TANH.at(0)), (1 << 14, 0));
/// assert_eq!(TANH.at(1 << 12), 24955); // tanh(1), 0.7616
/// ```
#[derive(Debug)]
pub struct Activation([i16; 257]);

/// 1 / (1 + e^-x)
pub static SIGMOID: Activation = Activation(sigmoid_table());

/// (e^2x - 1) / (e^2x + 1)
pub static TANH: Activation = Activation(tanh_table());

impl Activation {
    /// The function's value at `x` (Q3.12), in Q0.15.
    #[inline(always)]
    pub fn at(&self, x: i16) -> i16 {
        let offset = x as u16 ^ 0x8000; // x + 32768
        let (entry, between) = ((offset >> 8) as usize, i32::from(offset & 255));
        let (low, high) = (i32::from(self.0[entry]), i32::from(self.0[entry + 1]));
        (low + round_shift((high - low) * between, 8)) as i16
    }

    /// The entries next to `x` from below and from above.
    #[inline(always)]
    pub fn around(&self, x: i16) -> [i16; 2] {
        let entry = ((x as u16 ^ 0x8000) >> 8) as usize;
        [self.0[entry], self.0[entry + 1]]
    }

    /// The table, for kernels that look up many entries at a time.
    pub const fn table(&self) -> &[i16; 257] {
        &self.0
    }
}

const fn sigmoid_table() -> [i16; 257] {
    let mut table = [0; 257];
    let mut k = 0;
    while k < 257 {
        let x = (k as f64 - 128.0) / 16.0;
        table[k] = round(32767.0 / (1.0 + exp(-x))) as i16;
        k += 1;
    }
    table
}

const fn tanh_table() -> [i16; 257] {
    let mut table = [0; 257];
    let mut k = 0;
    while k < 257 {
        let x = (k as f64 - 128.0) / 16.0;
        table[k] = round(32767.0 * (1.0 - 2.0 / (exp(2.0 * x) + 1.0))) as i16;
        k += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + libm::exp(-x))
    }

    fn assert_table(activation: &Activation, f: fn(f64) -> f64) {
        for (k, &entry) in activation.table().iter().enumerate() {
            let exact = libm::round(32767.0 * f((k as f64 - 128.0) / 16.0));
            assert_eq!(f64::from(entry), exact, "entry {k}");
        }
    }

    /// Half of the last place of the table, half of the interpolation's, and the curvature between
    /// two entries: (1/16)^2 / 8 * max |f''|, which is 0.0963 for sigmoid and 0.77 for tanh.
    fn assert_close(activation: &Activation, f: fn(f64) -> f64, curvature: f64) {
        let bound = 1.0 + 32767.0 * curvature / (8.0 * 256.0);
        for x in i16::MIN..=i16::MAX {
            let exact = 32767.0 * f(f64::from(x) / 4096.0);
            let error = libm::fabs(f64::from(activation.at(x)) - exact);
            assert!(error <= bound, "{x}: off by {error}, bound {bound}");
        }
    }

    #[test]
    fn tables_are_the_rounded_functions() {
        assert_table(&SIGMOID, sigmoid);
        assert_table(&TANH, libm::tanh);
    }

    #[test]
    fn interpolation_stays_within_its_bound() {
        assert_close(&SIGMOID, sigmoid, 0.0963);
        assert_close(&TANH, libm::tanh, 0.7699);
    }

    #[test]
    fn the_entries_around_a_number_are_those_between_which_it_lies() {
        for x in i16::MIN..=i16::MAX {
            // Entry k stands for x = 256 (k - 128).
            let entry = usize::try_from((i32::from(x) + 128 * 256) / 256).unwrap();
            for activation in [&SIGMOID, &TANH] {
                let table = activation.table();
                assert_eq!(activation.around(x), [table[entry], table[entry + 1]], "{x}");
            }
        }
    }

    #[test]
    fn both_rise_without_a_step_back() {
        for x in i16::MIN..i16::MAX {
            assert!(SIGMOID.at(x) <= SIGMOID.at(x + 1), "{x}");
            assert!(TANH.at(x) <= TANH.at(x + 1), "{x}");
        }
    }
}
