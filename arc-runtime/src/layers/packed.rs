//! Weights laid out for wide vectors, in memory that the caller gives.
//!
//! A file holds each row of a matrix in one piece, as microcontrollers want it. Wide vectors
//! want sixteen rows at a time: an instruction then multiplies four inputs, the same for all rows,
//! with four weights of each row, and every row's sum stays in a lane of its own.

use core::fmt;

use crate::layers::Matrix;
use crate::slices::split_mut;

/// Rows of a block.
pub const BLOCK_ROWS: usize = 16;

/// Columns of a group: the products that one lane sums at a time.
pub const GROUP_COLUMNS: usize = 4;

/// 64 bytes at an address that is a multiple of 64: the unit of packed weights.
///
/// ```
/// use arc_runtime::{Line, Model};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let mut lines = vec![Line::ZERO; model.packed_lines()];
/// assert!(model.pack(&mut lines)?.is_packed());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Line(pub [u8; 64]);

impl Line {
    /// All zero.
    pub const ZERO: Self = Self([0; 64]);

    /// Sixteen numbers of 32 bits, in the machine's byte order.
    fn of(numbers: impl Iterator<Item = i32>) -> Self {
        let mut line = Self::ZERO;
        let (words, _) = line.0.as_chunks_mut();
        words.iter_mut().zip(numbers).for_each(|(word, number)| *word = number.to_ne_bytes());
        line
    }
}

/// A matrix in blocks of 16 rows. Each block is [`PARAMETERS`] lines, then a line for each group
/// of 4 columns: 4 weights of each of the 16 rows, as unsigned numbers that are 128 greater. Rows
/// and columns that fill up the last block and group are zero.
///
/// Kernels rely on its sizes. Only [`Matrix::pack`] makes one, for that matrix.
///
/// ```
/// use arc_runtime::arithmetic::RowScale;
/// use arc_runtime::format::{Part, body::Linear};
/// use arc_runtime::layers::{Line, Matrix, PARAMETERS, Packed};
///
/// let scales = [RowScale { bias: 0, multiplier: 1 << 14, shift: 14 }.to_bytes(); 20].concat();
/// let linear = Linear { inputs: 5, outputs: 20, weights: &[1; 100], scales: &scales };
/// let mut matrix = Matrix::new(Part::Controller, &linear)?;
/// let mut lines = vec![Line::ZERO; Packed::lines(5, 20)];
/// matrix.pack(&mut lines)?;
/// // 20 rows are two blocks, 5 columns two groups.
/// let packed = matrix.packed().unwrap();
/// assert_eq!((packed.blocks().len(), packed.groups()), (2, 2));
/// assert!(packed.blocks().all(|block| block.len() == PARAMETERS + 2));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Packed<'m> {
    /// As many as [`Packed::lines`] says for the matrix.
    lines: &'m [Line],
    groups: usize,
}

/// Lines in front of a block's weights: bias, shift before the multiplication, multiplier, shift
/// after it, each 16 numbers of 32 bits. With them a sum `a` becomes
/// `round_shift(high word of ((a + bias) << before) * multiplier, after)`, which is
/// [`RowScale::requantize`](crate::arithmetic::RowScale::requantize) to the bit.
pub const PARAMETERS: usize = 4;

impl<'m> Packed<'m> {
    /// Lines that a matrix of `inputs` and `outputs` takes.
    pub const fn lines(inputs: usize, outputs: usize) -> usize {
        outputs.div_ceil(BLOCK_ROWS) * (PARAMETERS + inputs.div_ceil(GROUP_COLUMNS))
    }

    /// Packs a matrix at the front of `memory`, and returns the rest of it.
    ///
    /// # Errors
    /// If the memory is too small.
    pub(super) fn new(
        matrix: &Matrix<'_>,
        memory: &'m mut [Line],
    ) -> Result<(Self, &'m mut [Line]), PackError> {
        let (inputs, outputs) = (matrix.inputs(), matrix.outputs());
        let groups = inputs.div_ceil(GROUP_COLUMNS);
        let too_small = PackError { needed: Self::lines(inputs, outputs), given: memory.len() };
        let (lines, rest) = memory.split_at_mut_checked(too_small.needed).ok_or(too_small)?;
        for (b, block) in lines.chunks_exact_mut(PARAMETERS + groups).enumerate() {
            let rows = || matrix.rows().skip(b * BLOCK_ROWS).take(BLOCK_ROWS);
            let (parameters, weights) = split_mut(block, PARAMETERS);
            let lines = [
                Line::of(rows().map(|(_, scale)| scale.bias)),
                Line::of(rows().map(|(_, scale)| before(scale.shift).0)),
                Line::of(rows().map(|(_, s)| i32::from(s.multiplier) << before(s.shift).1)),
                Line::of(rows().map(|(_, scale)| i32::from(scale.shift).max(33) - 32)),
            ];
            parameters.iter_mut().zip(lines).for_each(|(to, line)| *to = line);
            weights.fill(Line::ZERO);
            for (r, (row, _)) in rows().enumerate() {
                for (group, line) in row.chunks(GROUP_COLUMNS).zip(&mut *weights) {
                    let lane = line.0.iter_mut().skip(GROUP_COLUMNS * r);
                    lane.zip(group).for_each(|(to, &weight)| *to = weight as u8 ^ 0x80);
                }
            }
        }
        Ok((Self { lines, groups }, rest))
    }

    /// The lines of each block: [`PARAMETERS`], and one for each of the [`groups`](Self::groups).
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &'m [Line]> + Clone + use<'m> {
        self.lines.chunks_exact(PARAMETERS + self.groups)
    }

    /// The lines of one block, as many as of each; `None` behind the last.
    #[inline]
    pub fn block(&self, number: usize) -> Option<&'m [Line]> {
        let len = PARAMETERS + self.groups;
        self.lines.get(number * len..)?.get(..len)
    }

    /// Groups of columns in each block.
    pub fn groups(&self) -> usize {
        self.groups
    }
}

/// How the `33 - shift` bits of a product that must be gained before its high word is taken are
/// shared: by the accumulator, which is below 2^25, and by the multiplier, which is below 2^15.
fn before(shift: u8) -> (i32, u32) {
    let gained = 33u8.saturating_sub(shift);
    let multiplier = gained.min(16);
    (i32::from(gained - multiplier), multiplier.into())
}

/// The memory for packed weights is too small.
///
/// ```
/// use arc_runtime::{Line, Model, PackError};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let error = model.pack(&mut [Line::ZERO; 10]).unwrap_err();
/// assert_eq!(error, PackError { needed: model.packed_lines(), given: 10 });
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PackError {
    /// Lines needed.
    pub needed: usize,
    /// Lines given.
    pub given: usize,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, given } = self;
        write!(
            f,
            "the packed weights take {needed} lines of 64 bytes and there are {given}; give them \
             Model::packed_lines"
        )
    }
}

impl core::error::Error for PackError {}
