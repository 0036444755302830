//! The activation tables as vectors hold them.

use crate::arithmetic::activation::{self, Activation};
use crate::model::Line;

/// An activation's entries, and the difference from each to the next: 256 of 16 bits.
pub(super) struct Lut {
    pub low: [Line; 8],
    pub difference: [Line; 8],
}

/// An activation's entries in the low halves, the differences to the next in the high ones: for gathers.
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

pub(super) static SIGMOID: Lut = Lut::new(&activation::SIGMOID);
pub(super) static TANH: Lut = Lut::new(&activation::TANH);

impl Lut {
    const fn new(activation: &Activation) -> Self {
        let table = activation.table();
        let (mut low, mut difference) = ([Line::ZERO; 8], [Line::ZERO; 8]);
        let mut k = 0;
        while k < 256 {
            let (line, byte) = (k / 32, 2 * (k % 32));
            [low[line].0[byte], low[line].0[byte + 1]] = table[k].to_le_bytes();
            let next = (table[k + 1] - table[k]).to_le_bytes();
            [difference[line].0[byte], difference[line].0[byte + 1]] = next;
            k += 1;
        }
        Self { low, difference }
    }
}
