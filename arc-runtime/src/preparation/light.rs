//! The light on a page: how bright the paper is at each place, and how dark the ink.
//!
//! The page is measured in up to 16 by 16 cells. Of each cell's pixels three levels are kept: the median, which is
//! paper wherever less than half of the cell is ink, and the levels below and above which one in 32 of them lies.

use core::array;
use core::ops::Range;

use super::Polarity;
use super::page::{Page, RUN};

/// Most rows and columns of cells.
const CELLS: usize = 16;

/// Fewest rows and columns of pixels in a cell.
const LEAST_CELL: usize = 6;

/// Of a cell's pixels, one in so many is darker than its low level.
const TAIL: u32 = 32;

/// Gray levels in a bin of the histogram, as a shift.
const BIN: u32 = 3;

/// Cells to either side that strokes and the light around them are told apart by: what is narrower than four cells
/// is a stroke, what is wider a shadow.
const REACH: usize = 2;

/// Least difference of paper and ink in gray levels.
const LEAST_CONTRAST: u32 = 12;

/// The same as a share of the paper's gray: a seventh. Light that falls off at the edge of a page stays below.
const LEAST_SHARE: u32 = 7;

/// What was measured on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Light {
    /// Rows and columns of cells.
    rows: usize,
    columns: usize,
    /// Gray of the paper in each cell; the negative's where ink is bright.
    paper: [[u8; CELLS]; CELLS],
    /// Whether ink is brighter than paper.
    negative: bool,
    /// How much of the paper's light the ink swallows, Q8: 1..=256.
    pub(super) ink: u32,
}

/// Three levels of each cell.
struct Levels {
    middle: [[u8; CELLS]; CELLS],
    low: [[u8; CELLS]; CELLS],
    high: [[u8; CELLS]; CELLS],
}

impl Light {
    /// Measures a page. `None` if no ink stands out from the paper.
    ///
    /// Not to be inlined, as no step is: the stack that it takes is given back before the next one.
    #[inline(never)]
    pub(super) fn measure(page: &Page<'_>, polarity: Polarity) -> Option<Self> {
        let count = |length: usize| (length / LEAST_CELL).clamp(1, CELLS);
        let (rows, columns) = (count(page.height()), count(page.width()));
        let mut levels = Levels::measure(page, rows, columns);
        let negative = match polarity {
            Polarity::Dark => false,
            Polarity::Bright => true,
            Polarity::Found => levels.is_negative(rows, columns),
        };
        if negative {
            levels.invert();
        }
        let paper = close(&levels.middle, rows, columns);
        let noise = levels.noise(rows, columns);
        let ink = ink(&paper, &levels.low, rows, columns, 3 * noise)?;
        Some(Self { rows, columns, paper, negative, ink })
    }

    /// Makes grays as [`positive`](Self::positive) does.
    pub(super) fn make_positive(&self, grays: &mut [u16]) {
        if self.negative {
            grays.iter_mut().for_each(|gray| *gray = (255 << 8) - *gray);
        }
    }

    /// The paper along row `y` of a page.
    pub(super) fn row(&self, page: &Page<'_>, y: usize) -> Row {
        let (row, below) = Axis::new(self.rows, page.height()).at(y);
        let next = (row + 1).min(self.rows - 1);
        let mut paper = [0; CELLS + 1];
        for (column, level) in paper[..self.columns].iter_mut().enumerate() {
            *level =
                between(self.paper[row][column].into(), self.paper[next][column].into(), below);
        }
        paper[self.columns] = paper[self.columns - 1];
        Row { paper, axis: Axis::new(self.columns, page.width()) }
    }

    /// The share of the paper's gray, Q8, below which ink has at least `strength`, Q8 of its full strength.
    pub(super) fn below(&self, strength: u32) -> u32 {
        256 - ((self.ink * strength) >> 8)
    }

    /// A gray, Q8, as it is compared with the paper's: its negative where ink is bright.
    #[inline]
    pub(super) fn positive(&self, gray: u16) -> u16 {
        if self.negative { (255 << 8) - gray } else { gray }
    }
}

/// The paper along one row of pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Its gray at the middle of each column of cells, Q8; the last one twice.
    paper: [u32; CELLS + 1],
    axis: Axis,
}

impl Row {
    /// Gray of the paper at column `x`, Q8.
    #[inline]
    pub(super) fn at(&self, x: usize) -> u32 {
        self.interpolate(&self.paper, x)
    }

    /// What the gray of the paper is not above in columns `first` to `last`, Q8.
    pub(super) fn most(&self, first: usize, last: usize) -> u32 {
        let (first, last) = (self.axis.at(first).0, self.axis.at(last).0 + 1);
        self.paper[first..=last].iter().copied().fold(0, u32::max)
    }

    /// What is between the values at the middles of the cells, at column `x`.
    #[inline]
    pub(super) fn interpolate(&self, values: &[u32; CELLS + 1], x: usize) -> u32 {
        let (column, right) = self.axis.at(x);
        between(values[column], values[column + 1], right) >> 8
    }

    /// Values at the middles of the cells, of the paper's gray there.
    pub(super) fn map(&self, value: impl Fn(u32) -> u32) -> [u32; CELLS + 1] {
        self.paper.map(value)
    }
}

/// Cells along the rows or columns of pixels.
#[derive(Debug, Clone, Copy)]
struct Axis {
    /// Cells in a pixel, Q16.
    step: u32,
    /// The middle of the last cell, behind that of the first one, Q16.
    last: u32,
}

impl Axis {
    fn new(cells: usize, pixels: usize) -> Self {
        Self { step: ((cells << 16) / pixels) as u32, last: ((cells - 1) << 16) as u32 }
    }

    /// The cell whose middle is before a pixel, and how far the pixel is on the way to the next, Q8. In front of the
    /// first middle and behind the last one the pixel counts as there.
    #[inline]
    fn at(&self, pixel: usize) -> (usize, u32) {
        let past =
            (pixel as u32 * self.step + self.step / 2).saturating_sub(1 << 15).min(self.last);
        ((past >> 16) as usize, past >> 8 & 255)
    }
}

/// The value between two, Q8.
#[inline]
fn between(a: u32, b: u32, way: u32) -> u32 {
    a * (256 - way) + b * way
}

impl Levels {
    #[inline(never)]
    fn measure(page: &Page<'_>, rows: usize, columns: usize) -> Self {
        let none = [[0; CELLS]; CELLS];
        let mut levels = Self { middle: none, low: none, high: none };
        let ends: [usize; CELLS] = array::from_fn(|cell| (cell + 1) * page.width() / columns);
        let mut grays = [0; RUN];
        for row in 0..rows {
            let mut bins = [[0u16; 256 >> BIN]; CELLS];
            let (top, bottom) = (row * page.height() / rows, (row + 1) * page.height() / rows);
            for y in top..bottom {
                let mut column = 0;
                for start in (0..page.width()).step_by(RUN) {
                    let grays = &mut grays[..RUN.min(page.width() - start)];
                    page.read(start, y, grays);
                    for (x, &mut gray) in (start..).zip(grays) {
                        if x == ends[column] {
                            column += 1;
                        }
                        bins[column][usize::from(gray >> (8 + BIN))] += 1;
                    }
                }
            }
            for (column, bins) in bins[..columns].iter().enumerate() {
                let count: u32 = bins.iter().map(|&n| u32::from(n)).sum();
                levels.middle[row][column] = quantile(bins, count / 2);
                levels.low[row][column] = quantile(bins, count / TAIL);
                levels.high[row][column] = quantile(bins, count - 1 - count / TAIL);
            }
        }
        levels
    }

    /// Whether the ink is the brighter one: whether most cells' paper lies nearer to the darkest than to the
    /// brightest around it.
    fn is_negative(&self, rows: usize, columns: usize) -> bool {
        let mut votes = 0i32;
        for row in 0..rows {
            for column in 0..columns {
                let low = extreme(&self.low, row, column, rows, columns, u8::min);
                let high = extreme(&self.high, row, column, rows, columns, u8::max);
                votes += 2 * i32::from(self.middle[row][column]) - i32::from(low) - i32::from(high);
            }
        }
        votes < 0
    }

    /// How far noise reaches: ink is darker than paper, so that noise alone makes anything brighter. At most a
    /// quarter of the cells have less of it.
    fn noise(&self, rows: usize, columns: usize) -> u32 {
        let mut bins = [0u16; 256 >> BIN];
        for (middle, high) in self.middle[..rows].iter().zip(&self.high) {
            for (middle, high) in middle[..columns].iter().zip(high) {
                bins[usize::from((high - middle) >> BIN)] += 1;
            }
        }
        quantile(&bins, (rows * columns / 4) as u32).into()
    }

    fn invert(&mut self) {
        for levels in [&mut self.middle, &mut self.low, &mut self.high] {
            levels.iter_mut().flatten().for_each(|level| *level = 255 - *level);
        }
        core::mem::swap(&mut self.low, &mut self.high);
    }
}

/// The gray level that `rank` of the pixels lie below, in between the bounds of its bin.
fn quantile(bins: &[u16], rank: u32) -> u8 {
    let mut below = 0;
    for (bin, &count) in bins.iter().enumerate() {
        let count = u32::from(count);
        if rank < below + count {
            let within = ((2 * (rank - below) + 1) << BIN) / (2 * count);
            return ((bin as u32) << BIN | within) as u8;
        }
        below += count;
    }
    255
}

/// The brightest or darkest level within reach of a cell.
fn extreme(
    levels: &[[u8; CELLS]; CELLS],
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
    pick: impl Fn(u8, u8) -> u8,
) -> u8 {
    let mut found = levels[row][column];
    for line in &levels[within_reach(row, rows)] {
        for &level in &line[within_reach(column, columns)] {
            found = pick(found, level);
        }
    }
    found
}

/// The cells within reach of one, as many before it as behind: at the page's edge, the light that falls off toward it
/// would else be taken from further in.
fn within_reach(cell: usize, cells: usize) -> Range<usize> {
    let reach = REACH.min(cell.min(cells - 1 - cell).max(1));
    cell.saturating_sub(reach)..(cell + reach + 1).min(cells)
}

/// The levels without what is dark and narrow: the brightest around each cell, then the darkest of these.
fn close(levels: &[[u8; CELLS]; CELLS], rows: usize, columns: usize) -> [[u8; CELLS]; CELLS] {
    let mut brightest = *levels;
    for (row, line) in brightest[..rows].iter_mut().enumerate() {
        for (column, level) in line[..columns].iter_mut().enumerate() {
            *level = extreme(levels, row, column, rows, columns, u8::max);
        }
    }
    let mut closed = brightest;
    for (row, line) in closed[..rows].iter_mut().enumerate() {
        for (column, level) in line[..columns].iter_mut().enumerate() {
            *level = extreme(&brightest, row, column, rows, columns, u8::min);
        }
    }
    // With fewer cells in reach at the edge, the second step may take more than the first one gave.
    closed
        .iter_mut()
        .flatten()
        .zip(levels.iter().flatten())
        .for_each(|(level, &own)| *level = own.max(*level));
    closed
}

/// How much of the paper's light the ink swallows, Q8, by the cells in which it swallows most. `None` if nowhere it is
/// at least `least` gray levels, or enough to be ink.
fn ink(
    paper: &[[u8; CELLS]; CELLS],
    low: &[[u8; CELLS]; CELLS],
    rows: usize,
    columns: usize,
    least: u32,
) -> Option<u32> {
    let least = least.max(LEAST_CONTRAST);
    // Cells by what is swallowed in them, in bins of 4.
    let mut bins = [0u16; 65];
    for row in 0..rows {
        for column in 0..columns {
            let (paper, low) = (u32::from(paper[row][column]), u32::from(low[row][column]));
            let contrast = paper.saturating_sub(low);
            if contrast >= least.max(paper / LEAST_SHARE) {
                bins[(contrast * 64 / paper) as usize] += 1;
            }
        }
    }
    // A speck of dirt may swallow more than the ink does: the very darkest few cells don't count if there are others.
    let mut beyond = rows * columns / 128;
    let darkest = (0..bins.len()).rev().find(|&bin| bins[bin] > 0)?;
    let most = (0..=darkest).rev().find(|&bin| {
        let count = usize::from(bins[bin]);
        let found = count > beyond;
        beyond = beyond.saturating_sub(count);
        found
    });
    let most = most.unwrap_or(darkest);
    let (mut sum, mut count) = (0u32, 0u32);
    for (bin, &cells) in bins.iter().enumerate().skip(most.div_ceil(2)) {
        sum += (4 * bin as u32 + 2).min(256) * u32::from(cells);
        count += u32::from(cells);
    }
    Some(sum / count)
}
