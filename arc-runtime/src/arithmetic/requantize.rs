//! From an accumulator's scale to an activation's, with one rounding.

/// `x / 2^shift` rounded to the nearest, ties up. `shift` is at least 1, and `x` leaves
/// room for the half that is added.
#[inline(always)]
pub const fn round_shift(x: i32, shift: u32) -> i32 {
    (x + (1 << (shift - 1))) >> shift
}

/// Clamps to -127..=127: i8 activations are symmetric.
#[inline(always)]
pub const fn sat8(x: i32) -> i8 {
    if x < -127 {
        -127
    } else if x > 127 {
        127
    } else {
        x as i8
    }
}

/// Clamps to the range of i16.
#[inline(always)]
pub const fn sat16(x: i32) -> i16 {
    if x < -32768 {
        -32768
    } else if x > 32767 {
        32767
    } else {
        x as i16
    }
}

/// Bias and scale of one row of a layer: real output = (accumulator + bias) * multiplier
/// / 2^shift, in the output's unit.
///
/// In the file it takes 8 bytes: bias i32, multiplier i16, shift u8 and a zero, little
/// endian. A core with a 32x16-bit multiply needs three instructions for it.
///
/// ```
/// use arc_runtime::arithmetic::RowScale;
///
/// let half = RowScale { bias: 0, multiplier: 1 << 14, shift: 15 };
/// assert_eq!([-3, 0, 3, 1000].map(|sum| half.requantize(sum)), [-1, 0, 2, 500]);
/// assert_eq!(RowScale::from_bytes(half.to_bytes()), Some(half));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RowScale {
    /// What the accumulator starts from.
    pub bias: i32,
    /// 2^14..2^15.
    pub multiplier: i16,
    /// 11..=46.
    pub shift: u8,
}

impl RowScale {
    /// Bytes of a row scale in the file.
    pub const BYTES: usize = 8;
    /// The least multiplier; the greatest is `i16::MAX`.
    pub const LEAST_MULTIPLIER: i16 = 1 << 14;
    /// The least shift.
    pub const LEAST_SHIFT: u8 = 11;
    /// The greatest shift.
    pub const GREATEST_SHIFT: u8 = 46;

    /// Reads a row scale; `None` if multiplier, shift or the zero byte are out of range.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let scale = Self::read(bytes);
        let multiplier_fits = scale.multiplier >= Self::LEAST_MULTIPLIER;
        let shift_fits = scale.shift >= Self::LEAST_SHIFT && scale.shift <= Self::GREATEST_SHIFT;
        if multiplier_fits && shift_fits && bytes[7] == 0 { Some(scale) } else { None }
    }

    /// Reads a row scale that has been checked.
    #[inline(always)]
    pub(crate) const fn read([b0, b1, b2, b3, m0, m1, shift, _]: [u8; Self::BYTES]) -> Self {
        Self {
            bias: i32::from_le_bytes([b0, b1, b2, b3]),
            multiplier: i16::from_le_bytes([m0, m1]),
            shift,
        }
    }

    /// The row scale as it stands in the file.
    pub const fn to_bytes(self) -> [u8; Self::BYTES] {
        let [b0, b1, b2, b3] = self.bias.to_le_bytes();
        let [m0, m1] = self.multiplier.to_le_bytes();
        [b0, b1, b2, b3, m0, m1, self.shift, 0]
    }

    /// `accumulator * multiplier / 2^shift`, ties up, not saturated.
    ///
    /// The result fits in i32 for |accumulator| < 2^25, as every matrix with i8 inputs
    /// guarantees.
    #[inline(always)]
    pub const fn requantize(self, accumulator: i32) -> i32 {
        // Two floors in a row are one: nothing is rounded but at the end. From a shift of 41 on,
        // every result is 0.
        let shift = if self.shift > 41 { 31 } else { self.shift - 10 };
        let product = if cfg!(kernels = "armv6m") {
            split_product(accumulator, self.multiplier)
        } else {
            product(accumulator, self.multiplier)
        };
        round_shift(product, shift as u32)
    }

    /// [`requantize`](Self::requantize) for any accumulator.
    #[inline(always)]
    pub const fn requantize_wide(self, accumulator: i32) -> i64 {
        let half = 1 << (self.shift - 1);
        (accumulator as i64 * self.multiplier as i64 + half) >> self.shift
    }
}

/// floor(accumulator * multiplier / 2^10) for |accumulator| < 2^25, as the high word of a product:
/// a single instruction on most cores.
#[inline(always)]
const fn product(accumulator: i32, multiplier: i16) -> i32 {
    let (accumulator, multiplier) = (accumulator << 6, (multiplier as i32) << 16);
    ((accumulator as i64 * multiplier as i64) >> 32) as i32
}

/// The same for a core that has only the low word of a product, in two of them.
#[inline(always)]
const fn split_product(accumulator: i32, multiplier: i16) -> i32 {
    let (high, low) = (accumulator >> 12, accumulator & 0xfff);
    high * multiplier as i32 * 4 + ((low * multiplier as i32) >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_core_rounds_like_64_bits() {
        let edges = (0..25).flat_map(|bit| [-1, 0, 1].map(|step| (1 << bit) + step));
        let spread = (0..2000).map(|k| k * 16_777 + k % 7);
        for accumulator in edges.chain(spread).chain([(1 << 25) - 1]).flat_map(|a| [a, -a]) {
            for multiplier in [16_384, 16_385, 20_001, 23_170, 32_766, 32_767] {
                let exact = (i64::from(accumulator) * i64::from(multiplier)) >> 10;
                assert_eq!(i64::from(product(accumulator, multiplier)), exact);
                assert_eq!(i64::from(split_product(accumulator, multiplier)), exact);
                for shift in RowScale::LEAST_SHIFT..=RowScale::GREATEST_SHIFT {
                    let scale = RowScale { bias: 0, multiplier, shift };
                    let wide = scale.requantize_wide(accumulator);
                    assert_eq!(i64::from(scale.requantize(accumulator)), wide, "{scale:?}");
                }
            }
        }
    }

    #[test]
    fn ties_go_up() {
        let halve = |x| round_shift(x, 1);
        assert_eq!([-3, -2, -1, 0, 1, 3].map(halve), [-1, -1, 0, 0, 1, 2]);
        let scale = RowScale { bias: 0, multiplier: 1 << 14, shift: 15 };
        assert_eq!([-3, -2, -1, 0, 1, 3].map(|x| scale.requantize(x)), [-1, -1, 0, 0, 1, 2]);
    }

    #[test]
    fn the_extremes_of_an_i8_layer_fit() {
        let scale = RowScale { bias: 0, multiplier: i16::MAX, shift: 11 };
        let most = (1 << 25) - 1;
        assert_eq!(i64::from(scale.requantize(most)), scale.requantize_wide(most));
        assert_eq!(i64::from(scale.requantize(-most)), scale.requantize_wide(-most));
    }

    #[test]
    fn bytes_round_trip_and_are_checked() {
        let scale = RowScale { bias: -123_456, multiplier: 20_000, shift: 30 };
        assert_eq!(RowScale::from_bytes(scale.to_bytes()), Some(scale));
        let with = |at: usize, byte: u8| {
            let mut bytes = scale.to_bytes();
            bytes[at] = byte;
            RowScale::from_bytes(bytes)
        };
        assert_eq!(with(5, 0x3f), None, "multiplier below 2^14");
        assert_eq!(with(5, 0x80), None, "negative multiplier");
        assert_eq!(with(6, 10), None, "shift too small");
        assert_eq!(with(6, 47), None, "shift too great");
        assert_eq!(with(7, 1), None, "reserved byte");
    }

    #[test]
    fn saturation_is_symmetric_in_eight_bits() {
        assert_eq!([-200, -128, -127, 127, 128].map(sat8), [-127, -127, -127, 127, 127]);
        assert_eq!([-40_000, -32_768, 32_768].map(sat16), [-32_768, -32_768, 32_767]);
    }
}
