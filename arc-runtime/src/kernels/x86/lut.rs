//! The activation tables in the layouts of vectors.

use crate::arithmetic::activation::{self, Activation};
use crate::layers::Line;

/// An activation's entries from 0 on, and the difference from each to the next: 128 of 16 bits. Those
/// of negative numbers mirror them.
pub(super) struct Lut {
    pub entry: [Line; 4],
    pub difference: [Line; 4],
}

/// For gathers: an activation's entries in the low halves, the differences to the next entry in the high ones.
pub(super) struct Pairs(pub [u32; 256]);

pub(super) static SIGMOID_PAIRS: Pairs = Pairs::new(&activation::SIGMOID);
pub(super) static TANH_PAIRS: Pairs = Pairs::new(&activation::TANH);

impl Pairs {
    const fn new(activation: &Activation) -> Self {
        let table = activation.table();
        let mut pairs = [0; 256];
        let mut k = 0;
        while k < 256 {
            let difference = (table[k + 1] - table[k]) as u16;
            pairs[k] = (difference as u32) << 16 | table[k] as u16 as u32;
            k += 1;
        }
        Self(pairs)
    }
}

pub(super) static SIGMOID: Lut = Lut::new(&activation::SIGMOID, 32767);
pub(super) static TANH: Lut = Lut::new(&activation::TANH, 0);

impl Lut {
    /// Of a function with `f(x) + f(-x) = sum`.
    const fn new(activation: &Activation, sum: i16) -> Self {
        let table = activation.table();
        let (mut entry, mut difference) = ([Line::ZERO; 4], [Line::ZERO; 4]);
        let mut k = 0;
        while k < 128 {
            let (line, byte) = (k / 32, 2 * (k % 32));
            let (this, next) = (table[128 + k], table[129 + k]);
            // Only the entry in the middle is no mirror of itself: sigmoid of 0, 16383.5, is rounded up.
            assert!(next + table[127 - k] == sum, "a half mirrors the other one");
            [entry[line].0[byte], entry[line].0[byte + 1]] = this.to_le_bytes();
            let next = (next - this).to_le_bytes();
            [difference[line].0[byte], difference[line].0[byte + 1]] = next;
            k += 1;
        }
        Self { entry, difference }
    }
}
