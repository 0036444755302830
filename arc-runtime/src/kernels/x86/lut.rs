//! The activation tables as vectors hold them.

use crate::arithmetic::activation::{self, Activation};
use crate::model::Line;

/// An activation's entries, and the difference from each to the next: 256 of 16 bits.
pub(super) struct Lut {
    pub low: [Line; 8],
    pub difference: [Line; 8],
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
