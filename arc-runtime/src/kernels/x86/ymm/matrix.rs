//! Matrix products and convolutions, in tiles of blocks (16 rows of the packed matrix) and items.
//!
//! ```text
//! a block of `Packed`      half 0: rows 0-7            half 1: rows 8-15
//! line 0..4  parameters  | r0 | r1 | ... | r7        | r8 | ... | r15       i32
//! line 4     group 0     | w[0][0..4] | w[1][0..4] .. | w[8][0..4] | ..      i8: 4 columns of each row
//! line 5     group 1     | w[0][4..8] | w[1][4..8] .. | w[8][4..8] | ..
//!
//! for each group of 4 columns:
//!     x[i]       = the 4 inputs of item i, the same in every lane
//!     acc[b][h][i] += products(half h of block b's line, x[i])          a lane for each of 8 rows
//! ```
//!
//! A tile is 4 blocks x 1 item, 2 x 2 or 1 x 4: with two halves each eight accumulators of the 16 registers. One more
//! holds the weights, others the inputs and their products.

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::LANES;
use crate::layers::{Batch, GROUP_COLUMNS, Line};
use crate::slices::lenient::{copy, front};

/// Half of a line of a block: of its first or its last eight rows.
///
/// # Safety
/// `line` is below the number of lines of the block.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) unsafe fn half_line(
    block: &[Line],
    line: usize,
    half: usize,
) -> __m256i {
    // SAFETY: the caller guarantees that the block has this line. A line is 64 bytes, aligned to 64: its halves begin
    // at 0 and 32, aligned to 32.
    unsafe {
        let line = block.get_unchecked(line);
        _mm256_load_si256(line.0.as_ptr().add(32 * (half % 2)).cast())
    }
}

/// What turns the accumulators of eight rows into outputs: the parameters of `Packed`, and numbers that follow from
/// them.
pub(in crate::kernels::x86) struct Scale {
    bias: __m256i,
    before: __m256i,
    multiplier: __m256i,
    odd_multiplier: __m256i,
    /// Half of what `after` divides by.
    half: __m256i,
    after: __m256i,
}

impl Scale {
    /// The scale of the eight rows of a block's half.
    ///
    /// # Safety
    /// The block has the [`PARAMETERS`](crate::layers::PARAMETERS) lines of its parameters, which are four.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub unsafe fn new(block: &[Line], half: usize) -> Self {
        // SAFETY: the caller guarantees four lines of parameters, so lines 0 and 1.
        let (bias, before) = unsafe { (half_line(block, 0, half), half_line(block, 1, half)) };
        // SAFETY: the caller guarantees four lines of parameters, so lines 2 and 3.
        let (multiplier, after) = unsafe { (half_line(block, 2, half), half_line(block, 3, half)) };
        let odd_multiplier = _mm256_srli_epi64::<32>(multiplier);
        let one = _mm256_set1_epi32(1);
        let half = _mm256_sllv_epi32(one, _mm256_sub_epi32(after, one));
        Self { bias, before, multiplier, odd_multiplier, half, after }
    }

    /// The outputs of eight accumulators, not saturated.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn requantize(&self, sums: __m256i) -> __m256i {
        let sums = _mm256_sllv_epi32(_mm256_add_epi32(sums, self.bias), self.before);
        let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sums, self.multiplier));
        let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), self.odd_multiplier);
        let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
        _mm256_srav_epi32(_mm256_add_epi32(high, self.half), self.after)
    }
}

/// The inputs of a group of columns, the same four in every lane.
///
/// # Safety
/// `columns` has at least `4 * (group + 1)` numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) unsafe fn inputs(columns: &[i8], group: usize) -> __m256i {
    // SAFETY: the caller guarantees the four numbers from `4 * group` on; they are read at any alignment.
    _mm256_set1_epi32(unsafe {
        columns.as_ptr().add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
    })
}

/// How many of the first inputs are not negative in any item. In an LSTM these are at least those of the glimpse, which
/// lie in front of the state. `None` if an item is shorter than the batch says.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn leading(x: Batch<'_>) -> Option<usize> {
    let mut least = x.len();
    for item in x.iter() {
        if item.len() < x.len() {
            return None;
        }
        let mut count = 0;
        for inputs in front(item, least).chunks(32) {
            let negative = match inputs.first_chunk() {
                // SAFETY: the array has the 32 bytes that are read, and the instruction needs no alignment.
                Some(inputs) => unsafe {
                    let inputs: *const [i8; 32] = inputs;
                    _mm256_movemask_epi8(_mm256_loadu_si256(inputs.cast()))
                },
                None => (0..).zip(inputs).fold(0, |bits, (k, &x)| bits | i32::from(x < 0) << k),
            };
            if negative != 0 {
                count += negative.trailing_zeros() as usize;
                break;
            }
            count += inputs.len();
        }
        least = count;
    }
    Some(least)
}

/// The eight lanes as i16, saturated.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn halves(numbers: __m256i) -> __m128i {
    let low = _mm256_castsi256_si128(numbers);
    _mm_packs_epi32(low, _mm256_extracti128_si256::<1>(numbers))
}

/// Writes the eight numbers, as many as fit.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn store_i16(to: &mut [i16], halves: __m128i) {
    match to.first_chunk_mut::<LANES>() {
        // SAFETY: `to` has the 16 bytes that are written, and the instruction needs no alignment.
        Some(to) => unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), halves) },
        None => {
            let mut all = [0; LANES];
            store_i16(&mut all, halves);
            copy(to, &all);
        }
    }
}

/// Writes the first eight bytes, as many as fit.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn store_i8(to: &mut [i8], bytes: __m128i) {
    match to.first_chunk_mut::<LANES>() {
        // SAFETY: `to` has the 8 bytes that are written, and the instruction needs no alignment.
        Some(to) => unsafe { _mm_storel_epi64(to.as_mut_ptr().cast(), bytes) },
        None => {
            let mut all = [0; LANES];
            store_i8(&mut all, bytes);
            copy(to, &all);
        }
    }
}

/// The kernels of matrices and convolutions of a set.
macro_rules! matrix {
    ($enable:literal, $products:expr) => {
        #[target_feature(enable = $enable)]
        pub(super) fn linear(packed: Packed<'_>, outputs: usize, x: Batch<'_>, y: &mut [i16]) {
            let Some(plain) = leading(x) else { return };
            product(packed, outputs, x, plain, &mut |scale, row, item, sums| {
                let Some(y) = y.get_mut(item * outputs + row..(item + 1) * outputs) else {
                    return;
                };
                store_i16(y, halves(scale.requantize(sums)));
            });
        }

        #[target_feature(enable = $enable)]
        pub(super) fn convolve(
            packed: Packed<'_>,
            convolution: &Convolution<'_>,
            input: &[i8],
            output: &mut [i8],
        ) {
            let outputs = convolution.outputs();
            let least = _mm_set1_epi16(convolution.least() as i16);
            let adds_residual = convolution.adds_residual();
            windows(convolution, input, output, |x, output| {
                product(packed, outputs, x, x.len(), &mut |scale, row, item, mut sums| {
                    let Some(out) = output.get_mut(item * outputs + row..(item + 1) * outputs)
                    else {
                        return;
                    };
                    if adds_residual {
                        let mut residuals = [0; LANES];
                        for (residual, (channel, &out)) in
                            residuals.iter_mut().zip((row..).zip(&*out))
                        {
                            *residual = convolution.residual_gain(channel) * i32::from(out);
                        }
                        sums = _mm256_add_epi32(sums, vector(residuals));
                    }
                    let values = _mm_max_epi16(halves(scale.requantize(sums)), least);
                    // Saturates at 127.
                    store_i8(out, _mm_packs_epi16(values, values));
                });
            });
        }

        /// The product of a matrix and each item. `each` gets the scale of eight rows, the number of the first of
        /// these rows, the number of the item, and the accumulators of the rows, without bias. The first `plain`
        /// inputs of every item are not negative.
        #[inline]
        #[target_feature(enable = $enable)]
        fn product<F: FnMut(&Scale, usize, usize, __m256i)>(
            packed: Packed<'_>,
            outputs: usize,
            x: Batch<'_>,
            plain: usize,
            each: &mut F,
        ) {
            match x.iter().len() {
                0 => {}
                1 => strips::<4, 1, F>(packed, outputs, x, plain, each),
                2 | 3 => strips::<2, 2, F>(packed, outputs, x, plain, each),
                _ => strips::<1, 4, F>(packed, outputs, x, plain, each),
            }
        }

        /// The same in tiles of `B` blocks and `I` items. The weights of the `B` blocks stay in the first cache while
        /// all items are multiplied with them.
        ///
        /// ```text
        /// for each B blocks:
        ///     for each I items:
        ///         tile of B x I
        ///     for each item that is left: tiles of 1 x 1
        /// ```
        #[inline]
        #[target_feature(enable = $enable)]
        fn strips<const B: usize, const I: usize, F: FnMut(&Scale, usize, usize, __m256i)>(
            packed: Packed<'_>,
            outputs: usize,
            x: Batch<'_>,
            plain: usize,
            each: &mut F,
        ) {
            let len = x.len().min(packed.groups() * GROUP_COLUMNS);
            let mut first = 0;
            while first < outputs {
                // Where the last rows fill no more than half a block, the other half is left out.
                let rows = outputs - first;
                let (blocks, halves) = match rows {
                    ..=LANES => (1, 1),
                    _ if rows + LANES > B * BLOCK_ROWS => (B, 2),
                    _ => (1, 2),
                };
                let mut items = x.iter().enumerate();
                while items.len() >= I {
                    let mut some: [(usize, &[i8]); I] = [(0, &[]); I];
                    for (to, (number, item)) in some.iter_mut().zip(&mut items) {
                        *to = (number, &item[..len]);
                    }
                    // SAFETY: every item of the tile is cut to `len`, at most the columns of all groups.
                    unsafe {
                        match (blocks, halves) {
                            (_, 1) => tile::<1, I, 1, F>(packed, first, &some, plain, each),
                            (1, _) => tile::<1, I, 2, F>(packed, first, &some, plain, each),
                            _ => tile::<B, I, 2, F>(packed, first, &some, plain, each),
                        }
                    }
                }
                for (number, item) in items {
                    for block in 0..blocks {
                        let (row, one) = (first + BLOCK_ROWS * block, [(number, &item[..len])]);
                        // SAFETY: the item is cut to `len`, at most the columns of all groups.
                        unsafe { tile::<1, 1, 2, F>(packed, row, &one, plain, each) }
                    }
                }
                first += blocks * BLOCK_ROWS;
            }
        }

        /// The accumulators of `B` blocks from row `row` on, the first `H` halves of each, with `I` items, and what
        /// `each` makes of them.
        ///
        /// # Safety
        /// All items are equally long, and no longer than the columns of all groups of the matrix.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn tile<
            const B: usize,
            const I: usize,
            const H: usize,
            F: FnMut(&Scale, usize, usize, __m256i),
        >(
            packed: Packed<'_>,
            row: usize,
            items: &[(usize, &[i8]); I],
            plain: usize,
            each: &mut F,
        ) {
            let mut blocks: [&[Line]; B] = [&[]; B];
            for (b, block) in blocks.iter_mut().enumerate() {
                let Some(lines) = packed.block(row / BLOCK_ROWS + b) else { return };
                *block = lines;
            }
            // SAFETY: `Packed::block` gives a block's parameters and a line for each group. The caller guarantees that
            // the items are equally long and have no more groups.
            let sums = unsafe { accumulate::<B, I, H>(&blocks, items, plain) };
            for (b, (sums, block)) in sums.iter().zip(blocks).enumerate() {
                for (half, sums) in sums.iter().enumerate() {
                    // SAFETY: `Packed::block` gives a block with the four lines of its parameters.
                    let scale = unsafe { Scale::new(block, half) };
                    for (&sums, &(item, _)) in sums.iter().zip(items) {
                        each(&scale, row + BLOCK_ROWS * b + LANES * half, item, sums);
                    }
                }
            }
        }

        /// The accumulators of the first `H` halves of `B` blocks with `I` items, a group of four columns at a time.
        ///
        /// A product needs an unsigned and a signed factor. Weights are packed 128 greater: their sign bit is
        /// flipped. Where the inputs are not negative, these are the unsigned factor. Behind them it is the
        /// absolute value of the weights, and the inputs get the weights' sign.
        ///
        /// A function of its own, so that all accumulators stay in registers: the caller takes them one by one, and
        /// so keeps them in memory.
        ///
        /// # Safety
        /// All items are equally long. Each block has its parameters and, behind them, a line for each group of an
        /// item's columns, the last of which may be less than four.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn accumulate<const B: usize, const I: usize, const H: usize>(
            blocks: &[&[Line]; B],
            items: &[(usize, &[i8]); I],
            plain: usize,
        ) -> [[[__m256i; I]; H]; B] {
            let len = items[0].1.len();
            let whole = len / GROUP_COLUMNS;
            // The columns behind the whole groups, filled up with zeros.
            let (mut starts, mut last) = ([&[][..]; I], [[0; GROUP_COLUMNS]; I]);
            for ((start, last), (_, x)) in starts.iter_mut().zip(&mut last).zip(items) {
                let (whole, rest) = x.split_at(GROUP_COLUMNS * whole);
                *start = whole;
                copy(last, rest);
            }
            let (mut rest, some) = ([&[][..]; I], usize::from(!len.is_multiple_of(GROUP_COLUMNS)));
            for (rest, last) in rest.iter_mut().zip(&last) {
                *rest = last;
            }
            let sign = _mm256_set1_epi8(i8::MIN);
            let mut sums = [[[_mm256_setzero_si256(); I]; H]; B];
            // The loops are written out, without a closure, so that the accumulators stay in registers.
            let plain = whole.min(plain / GROUP_COLUMNS);
            for group in 0..plain {
                for (sums, block) in sums.iter_mut().zip(blocks) {
                    for (half, sums) in sums.iter_mut().enumerate() {
                        // SAFETY: `group` is one of the items' whole groups, for each of which the caller guarantees a
                        // line behind the parameters.
                        let line = unsafe { half_line(block, PARAMETERS + group, half) };
                        let weights = _mm256_xor_si256(line, sign);
                        for (sum, columns) in sums.iter_mut().zip(starts) {
                            // SAFETY: `group` is below `whole`, and each of `starts` has `whole` groups of columns.
                            let inputs = unsafe { inputs(columns, group) };
                            *sum = $products(*sum, inputs, weights);
                        }
                    }
                }
            }
            // Behind the first inputs, which are not negative, and at last the columns of no whole group.
            for (first, groups, columns) in [(0, plain..whole, starts), (whole, 0..some, rest)] {
                for group in groups {
                    for (sums, block) in sums.iter_mut().zip(blocks) {
                        for (half, sums) in sums.iter_mut().enumerate() {
                            // SAFETY: `first + group` is below the number of groups of an item, `whole + some`, for
                            // each of which the caller guarantees a line behind the parameters.
                            let line =
                                unsafe { half_line(block, PARAMETERS + first + group, half) };
                            let weights = _mm256_xor_si256(line, sign);
                            let sizes = _mm256_abs_epi8(weights);
                            for (sum, columns) in sums.iter_mut().zip(columns) {
                                // SAFETY: each of `starts` has `whole` groups of columns, and `group` is below `whole`
                                // with them; each of `rest` has one, and `group` is then 0.
                                let inputs = unsafe { inputs(columns, group) };
                                let inputs = _mm256_sign_epi8(inputs, weights);
                                *sum = $products(*sum, sizes, inputs);
                            }
                        }
                    }
                }
            }
            sums
        }
    };
}
pub(in crate::kernels::x86) use matrix;
