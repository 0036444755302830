//! The inputs of a few lanes, laid out in whole registers.

use super::{LANES, Register, WIDTH};
use crate::parts::{copy, front, part, part_mut};
use crate::stages::Convolution;

/// Registers of the longest row: a sum of more products of i8 could leave its bound of 2^25.
const MOST: usize = ((1 << 25) / (128 * 127usize)).div_ceil(WIDTH);

/// Up to four lanes of inputs, padded with zeros to whole registers.
pub(super) struct Inputs {
    lanes: [[Register; MOST]; LANES],
    /// Numbers in a lane.
    len: usize,
}

impl Inputs {
    /// Room for lanes of `len` numbers, all zero.
    pub(super) fn new(len: usize) -> Self {
        Self { lanes: [[[0; WIDTH]; MOST]; LANES], len }
    }

    /// The registers of the first lanes.
    #[inline(always)]
    pub(super) fn registers<const LANES: usize>(&self) -> [&[Register]; LANES] {
        let mut lanes = self.lanes.iter();
        [(); LANES].map(|()| {
            front(lanes.next().map_or(&[], |lane| lane.as_slice()), self.len.div_ceil(WIDTH))
        })
    }

    /// Sets a lane.
    pub(super) fn set(&mut self, lane: usize, numbers: &[i8]) {
        copy(self.lane(lane), numbers);
    }

    /// Sets a lane to the window of a convolution's output place, laid out as its weights are.
    pub(super) fn gather(&mut self, lane: usize, over: &Convolution<'_>, map: &[i8], place: usize) {
        let Convolution { input_side, inputs, stride, .. } = *over;
        let (side, across) = (over.kernel_side(), over.output_side().max(1));
        let (y, x, padding) = (place / across * stride, place % across * stride, side / 2);
        // Where the window lies within the map: its taps in a kernel row are neighbours there.
        let (left, right) = (x.saturating_sub(padding), (x + padding + 1).min(input_side));
        let (top, bottom) = (y.saturating_sub(padding), (y + padding + 1).min(input_side));
        let window = self.lane(lane);
        if (right - left, bottom - top) != (side, side) {
            window.fill(0);
        }
        let taps = (right - left) * inputs;
        for row in top..bottom {
            let at = ((row + padding - y) * side + left + padding - x) * inputs;
            let from = part(map, (row * input_side + left) * inputs, taps);
            copy(part_mut(window, at, taps), from);
        }
    }

    fn lane(&mut self, lane: usize) -> &mut [i8] {
        let lane = self.lanes.get_mut(lane).map_or(&mut [][..], |lane| lane.as_flattened_mut());
        part_mut(lane, 0, self.len)
    }
}
