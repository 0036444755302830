//! A small bitmap of a page, and the connected parts of what is set in it.

use core::ops::Range;

/// Most rows and columns.
pub(super) const SIDE: usize = 64;

/// A bit for each part of a page; column 0 is the lowest bit of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bitmap(pub(super) [u64; SIDE]);

/// A connected part of a bitmap: bits that touch each other, corners included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) bits: Bitmap,
    /// First and last row with a bit.
    pub(super) top: usize,
    pub(super) bottom: usize,
}

impl Bitmap {
    pub(super) const EMPTY: Self = Self([0; SIDE]);

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|row| row.count_ones()).sum()
    }

    /// Bits that another one has, too.
    pub(super) fn common(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(row, other)| (row & other).count_ones()).sum()
    }

    /// Whether no bit is set in these rows and columns.
    pub(super) fn is_empty_within(&self, rows: Range<usize>, columns: Range<usize>) -> bool {
        let mask = match columns.len() {
            0 => 0,
            count => u64::MAX >> (SIDE - count) << columns.start,
        };
        self.0.iter().skip(rows.start).take(rows.len()).all(|row| row & mask == 0)
    }

    /// Sets the bits of another one.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(row, other)| *row |= other);
    }

    /// Every bit and its eight neighbors.
    #[inline(never)]
    pub(super) fn dilate(&self) -> Self {
        let mut wide = *self;
        wide.0.iter_mut().for_each(|row| *row = beside(*row));
        let mut dilated = wide;
        for y in 0..SIDE - 1 {
            dilated.0[y] |= wide.0[y + 1];
            dilated.0[y + 1] |= wide.0[y];
        }
        dilated
    }

    /// Takes a connected part out, the topmost one.
    pub(super) fn take_component(&mut self) -> Option<Component> {
        let top = self.0.iter().position(|&row| row != 0)?;
        let mut bits = Self::EMPTY;
        bits.0[top] = self.0[top] & self.0[top].wrapping_neg();
        // No bit of the part lies above its first row. Sweeps down and up let it grow until it is whole.
        let mut bottom = top;
        loop {
            let mut grown = false;
            let mut y = top;
            let mut above = 0;
            while y < SIDE {
                let row = fill(beside(above) & self.0[y] | bits.0[y], self.0[y]);
                if row == 0 && y > bottom {
                    break;
                }
                grown |= row != bits.0[y];
                bits.0[y] = row;
                above = row;
                y += 1;
            }
            bottom = y - 1;
            let mut below = 0;
            for y in (top..=bottom).rev() {
                let row = fill(beside(below) & self.0[y] | bits.0[y], self.0[y]);
                grown |= row != bits.0[y];
                bits.0[y] = row;
                below = row;
            }
            if !grown {
                break;
            }
        }
        let bottom = (top..=bottom).rev().find(|&y| bits.0[y] != 0).unwrap_or(top);
        self.0.iter_mut().zip(&bits.0).for_each(|(row, taken)| *row &= !taken);
        Some(Component { bits, top, bottom })
    }
}

impl Component {
    pub(super) fn area(&self) -> u32 {
        self.bits.0[self.top..=self.bottom].iter().map(|row| row.count_ones()).sum()
    }

    /// First and last column with a bit.
    pub(super) fn columns(&self) -> (usize, usize) {
        let all = self.bits.0[self.top..=self.bottom].iter().fold(0, |all, row| all | row);
        (all.trailing_zeros() as usize, 63 - all.leading_zeros() as usize)
    }
}

/// A row's bits and their neighbors.
fn beside(row: u64) -> u64 {
    row | row << 1 | row >> 1
}

/// The runs of `ground` that `seeds`, bits of it, lie in.
fn fill(seeds: u64, ground: u64) -> u64 {
    if seeds == 0 {
        return 0;
    }
    let mut filled = seeds;
    loop {
        let wider = beside(filled) & ground;
        if wider == filled {
            return filled;
        }
        filled = wider;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bitmap of one bit in `sparse`, by a small generator.
    fn random(seed: u32, sparse: u32) -> Bitmap {
        let mut state = seed;
        let mut bit = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from((state >> 16).is_multiple_of(sparse))
        };
        Bitmap(core::array::from_fn(|_| (0..SIDE).fold(0, |row, x| row | bit() << x)))
    }

    /// The bits connected with the topmost one, the leftmost of its row, one at a time.
    fn naive(bitmap: &Bitmap) -> Option<Bitmap> {
        let top = bitmap.0.iter().position(|&row| row != 0)?;
        let mut part = Bitmap::EMPTY;
        part.0[top] = 1 << bitmap.0[top].trailing_zeros();
        loop {
            let mut grown = part.dilate();
            grown.0.iter_mut().zip(bitmap.0).for_each(|(row, ground)| *row &= ground);
            if grown == part {
                return Some(part);
            }
            part = grown;
        }
    }

    #[test]
    fn components_are_those_that_grow_bit_by_bit() {
        for (seed, sparse) in [(1, 2), (2, 3), (3, 3), (4, 5), (5, 20)] {
            let mut rest = random(seed, sparse);
            let mut sum = Bitmap::EMPTY;
            while let Some(expected) = naive(&rest) {
                let before = rest;
                let part = rest.take_component().unwrap();
                assert_eq!(part.bits, expected, "seed {seed}");
                assert!(part.bits.0[part.top] != 0 && part.bits.0[part.bottom] != 0);
                assert_eq!(part.area(), part.bits.count());
                let (left, right) = part.columns();
                let columns = |x: usize| part.bits.0.iter().any(|row| row >> x & 1 == 1);
                assert!(columns(left) && columns(right));
                assert!((0..left).chain(right + 1..SIDE).all(|x| !columns(x)));
                sum.add(&part.bits);
                assert_eq!(before.count(), rest.count() + part.area());
            }
            assert_eq!((rest, sum), (Bitmap::EMPTY, random(seed, sparse)));
        }
        assert!(Bitmap::EMPTY.clone().take_component().is_none());
    }

    #[test]
    fn a_winding_line_is_one_component() {
        // A spiral of one bit, with one bit of ground between its turns.
        let (mut spiral, mut x, mut y) = (Bitmap::EMPTY, 0usize, 0usize);
        let lengths = core::iter::once(63).chain((1..32).rev().flat_map(|k| [2 * k; 2]));
        spiral.0[0] = 1;
        for (direction, length) in lengths.enumerate() {
            for _ in 0..length {
                match direction % 4 {
                    0 => x += 1,
                    1 => y += 1,
                    2 => x -= 1,
                    _ => y -= 1,
                }
                spiral.0[y] |= 1 << x;
            }
        }
        assert_eq!(spiral.take_component().map(|part| part.area()), Some(naive_area(&spiral)));
    }

    fn naive_area(taken: &Bitmap) -> u32 {
        assert_eq!(*taken, Bitmap::EMPTY, "all of it is one part");
        1 + 63 + (1..32).map(|k| 4 * k).sum::<u32>()
    }

    #[test]
    fn a_part_of_a_bitmap_is_empty_where_no_bit_is() {
        let mut bitmap = Bitmap::EMPTY;
        bitmap.0[5] = 1 << 9;
        assert!(!bitmap.is_empty_within(5..6, 9..10) && !bitmap.is_empty_within(0..64, 0..64));
        for (rows, columns) in
            [(0..5, 0..64), (6..64, 0..64), (5..6, 0..9), (5..6, 10..64), (5..6, 9..9)]
        {
            assert!(bitmap.is_empty_within(rows, columns));
        }
    }
}
