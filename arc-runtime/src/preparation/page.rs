//! A frame as the preparation reads it: at most a few hundred pixels high and wide.

use core::ops::Range;

use super::bitmap;
use crate::image::Frame;

/// Most rows and columns that are read of a frame whose sides differ little; larger ones are read in square blocks.
const MOST: usize = 192;

/// Blocks that are read at a time.
pub(super) const RUN: usize = 64;

/// A frame, read in blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'f> {
    frame: Frame<'f>,
    /// Rows and columns of pixels in a block.
    block: usize,
    /// Columns and rows of blocks.
    width: usize,
    height: usize,
    /// Bits of the bitmap that a block is wide and high, Q16.
    bit: u32,
}

impl<'f> Page<'f> {
    pub(super) fn new(frame: Frame<'f>) -> Self {
        let (longer, shorter) =
            (frame.width().max(frame.height()), frame.width().min(frame.height()));
        let block = longer.div_ceil(MOST).min(shorter);
        let bits = bitmap::SIDE.min(longer / block) << 16;
        let (width, height) = (frame.width() / block, frame.height() / block);
        Self { frame, block, width, height, bit: (bits / (longer / block)) as u32 }
    }

    pub(super) fn frame(&self) -> Frame<'f> {
        self.frame
    }

    pub(super) fn block(&self) -> usize {
        self.block
    }

    /// Blocks in a row; pixels at the end that fill none are not read.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Rows of blocks.
    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// The row or column of the bitmap that a row or column of blocks belongs to.
    #[inline]
    pub(super) fn bit(&self, block: usize) -> usize {
        ((block as u32 * self.bit) >> 16) as usize
    }

    /// The block that a pixel's row or column belongs to; `blocks` is how many there are.
    #[inline]
    pub(super) fn block_of(&self, pixel: usize, blocks: usize) -> usize {
        // A core without division is spared one for each pixel of a small frame.
        if self.block == 1 { pixel } else { (pixel / self.block).min(blocks - 1) }
    }

    /// The columns of blocks that belong to columns `bits` of the bitmap.
    pub(super) fn blocks(&self, bits: Range<usize>) -> Range<usize> {
        let start = |bit: usize| ((bit << 16) as u32).div_ceil(self.bit) as usize;
        start(bits.start)..start(bits.end).min(self.width)
    }

    /// Reads the gray of blocks in row `y` from column `x` on, Q8: its mean, or where a block is a pixel, the mean of
    /// the pixel and its neighbors to the right and below, so that a single dark pixel counts little.
    ///
    /// Several at a time: what is the same for all of them is found out once.
    pub(super) fn read(&self, x: usize, y: usize, grays: &mut [u16]) {
        if self.block > 1 {
            grays.iter_mut().zip(x..).for_each(|(gray, x)| *gray = self.mean(x, y));
            return;
        }
        let below = (y + 1).min(self.height - 1);
        let (row, below) = (&self.frame.row(y)[x..], &self.frame.row(below)[x..]);
        let column = |(&gray, &below): (&u8, &u8)| u16::from(gray) + u16::from(below);
        let mut columns = row.iter().zip(below).map(column);
        let mut this = columns.next().unwrap_or(0);
        for (gray, next) in grays.iter_mut().zip(columns) {
            *gray = (this + next) << 6;
            this = next;
        }
        // At the right edge, the pixel itself stands for its neighbor.
        if x + grays.len() == self.width
            && let Some(gray) = grays.last_mut()
        {
            *gray = this << 7;
        }
    }

    /// The gray of one block, as [`read`](Self::read) reads it.
    pub(super) fn gray(&self, x: usize, y: usize) -> u16 {
        let mut gray = [0];
        self.read(x, y, &mut gray);
        gray[0]
    }

    /// The mean gray of a block, Q8.
    fn mean(&self, x: usize, y: usize) -> u16 {
        let (left, top) = (x * self.block, y * self.block);
        let rows = (top..top + self.block).map(|y| &self.frame.row(y)[left..left + self.block]);
        let sum: u64 = rows.flatten().map(|&gray| u64::from(gray)).sum();
        ((sum << 8) / (self.block * self.block) as u64) as u16
    }
}
