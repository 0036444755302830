//! Brings the ink that was found to the side that a model takes.

use super::ink::Found;
use super::page::Page;
use super::{InkPreparation, MAX_SIDE};

/// Strength of ink, Q8 of its full strength, that is no ink yet: the grain of the paper.
const FLOOR: u32 = 48;

/// Strength of ink that is full ink already.
const CEILING: u32 = 208;

/// Least difference between the two, Q8 of a gray level.
const LEAST_RANGE: u32 = 512;

/// Writes the ink of a frame to a square image, averaging areas.
#[inline(never)]
pub(super) fn cut(
    page: &Page<'_>,
    found: &Found<'_>,
    kind: &InkPreparation,
    side: usize,
    pixels: &mut [i8],
) {
    let frame = page.frame();
    let square = Square::around(found, kind, frame.width().max(frame.height()));
    let mut line = [0u16; MAX_SIDE];
    let mut drawn = None;
    for (i, row) in pixels.chunks_exact_mut(side).enumerate() {
        let mut sums = [0u32; MAX_SIDE];
        // Rows outside of the frame are paper, and add nothing.
        let rows = Overlaps { output: i, length: square.length, side };
        for (y, weight) in rows.within(square.top, frame.height()) {
            if drawn != Some(y) {
                draw(page, found, &square, y, &mut line[..side]);
                drawn = Some(y);
            }
            sums.iter_mut()
                .zip(&line[..side])
                .for_each(|(sum, &ink)| *sum += weight * u32::from(ink));
        }
        let half = (square.length as u32) << 7;
        for (pixel, sum) in row.iter_mut().zip(sums) {
            *pixel = ((sum + half) / (2 * half)) as i8;
        }
    }
}

/// The part of a frame's plane that becomes the image; it may reach beyond the frame.
struct Square {
    left: i32,
    top: i32,
    length: usize,
}

impl Square {
    fn around(found: &Found<'_>, kind: &InkPreparation, longer: usize) -> Self {
        let (width, height) = (found.right - found.left, found.bottom - found.top);
        let least = longer * usize::from(kind.least) / 256;
        let inner = width.max(height).max(least);
        let length = inner + 2 * (inner * usize::from(kind.margin)).div_ceil(256);
        let start = |from: usize, to: usize| (from as i32 + to as i32 - length as i32) >> 1;
        Self { left: start(found.left, found.right), top: start(found.top, found.bottom), length }
    }
}

/// Row `y` of the frame, its columns averaged: ink in Q8 of 0..=127.
fn draw(page: &Page<'_>, found: &Found<'_>, square: &Square, y: usize, line: &mut [u16]) {
    line.fill(0);
    let frame = page.frame();
    let read = page.block_of(y, page.height());
    let near = found.near.0[page.bit(read)];
    if near == 0 {
        return;
    }
    let light = found.light;
    let paper = light.row(page, read);
    let (least, most) = (light.below(FLOOR), light.below(CEILING));
    let scales = paper.map(|paper| {
        (127 << 16) / (((paper * least) >> 8) - ((paper * most) >> 8)).max(LEAST_RANGE)
    });
    let gray = frame.row(y);
    let side = line.len();
    for (j, ink) in line.iter_mut().enumerate() {
        let mut sum = 0;
        let columns = Overlaps { output: j, length: square.length, side };
        for (x, weight) in columns.within(square.left, frame.width()) {
            let read = page.block_of(x, page.width());
            if near >> page.bit(read) & 1 == 1 {
                let gray = u32::from(light.positive(u16::from(gray[x]) << 8));
                let above = ((paper.at(read) * least) >> 8).saturating_sub(gray);
                let strength = (above * paper.interpolate(&scales, read)) >> 16;
                sum += weight * strength.min(127);
            }
        }
        *ink = ((sum << 8) / square.length as u32) as u16;
    }
}

/// The source pixels that an output pixel covers, where a source pixel is `side` long and an output pixel `length`.
struct Overlaps {
    output: usize,
    length: usize,
    side: usize,
}

impl Overlaps {
    /// Those inside of a frame that the first source pixel is at `start` of, and how much of each is covered.
    fn within(self, start: i32, frame: usize) -> impl Iterator<Item = (usize, u32)> {
        let Self { output, length, side } = self;
        let (from, to) = (output * length, (output + 1) * length);
        let first = (from / side).max(usize::try_from(-start).unwrap_or(0));
        let last = to.div_ceil(side).min(usize::try_from(frame as i32 - start).unwrap_or(0));
        (first..last).map(move |source| {
            let overlap = to.min((source + 1) * side) - from.max(source * side);
            ((source as i32 + start) as usize, overlap as u32)
        })
    }
}
