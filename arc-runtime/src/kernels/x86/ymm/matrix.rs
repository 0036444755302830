//! Matrices and convolutions: tiles of blocks and lanes.

use core::arch::x86_64::*;

use super::ROWS;
use crate::kernels::Lanes;
use crate::model::{GROUP_COLUMNS, Line};
use crate::parts::{copy, front};

/// Half of a line of a block: what belongs to eight of its rows.
///
/// # Safety
/// The block has that many lines.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) unsafe fn half_line(
    block: &[Line],
    line: usize,
    half: usize,
) -> __m256i {
    // SAFETY: the caller's promise; a line is two halves of 32 bytes, aligned.
    unsafe {
        let line = block.get_unchecked(line);
        _mm256_load_si256(line.0.as_ptr().add(32 * (half % 2)).cast())
    }
}

/// What makes outputs of the sums of eight rows: the parameters of `Packed`, and what follows from
/// them alone.
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
    /// Of the rows of a block's half.
    ///
    /// # Safety
    /// The block has the lines of its parameters.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub unsafe fn new(block: &[Line], half: usize) -> Self {
        // SAFETY: there are four lines of parameters, as the caller promises.
        let (bias, before) = unsafe { (half_line(block, 0, half), half_line(block, 1, half)) };
        // SAFETY: there are four lines of parameters, as the caller promises.
        let (multiplier, after) = unsafe { (half_line(block, 2, half), half_line(block, 3, half)) };
        let odd_multiplier = _mm256_srli_epi64::<32>(multiplier);
        let one = _mm256_set1_epi32(1);
        let half = _mm256_sllv_epi32(one, _mm256_sub_epi32(after, one));
        Self { bias, before, multiplier, odd_multiplier, half, after }
    }

    /// The outputs, not saturated.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn requantise(&self, sums: __m256i) -> __m256i {
        let sums = _mm256_sllv_epi32(_mm256_add_epi32(sums, self.bias), self.before);
        let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sums, self.multiplier));
        let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), self.odd_multiplier);
        let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
        _mm256_srav_epi32(_mm256_add_epi32(high, self.half), self.after)
    }
}

/// A group of columns, for every row.
///
/// # Safety
/// There are so many groups.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) unsafe fn inputs(columns: &[i8], group: usize) -> __m256i {
    // SAFETY: the caller's promise.
    _mm256_set1_epi32(unsafe {
        columns.as_ptr().add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
    })
}

/// How many of the first inputs no lane has negative: at least a glimpse's, behind which the state is. `None` if a
/// lane is not whole.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn leading(x: Lanes<'_>) -> Option<usize> {
    let mut least = x.len();
    for lane in x.iter() {
        if lane.len() < x.len() {
            return None;
        }
        let mut count = 0;
        for inputs in front(lane, least).chunks(32) {
            let negative = match inputs.first_chunk() {
                // SAFETY: the array has the 32 bytes of a vector.
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

/// Eight numbers as 16 bits each, saturated.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn halves(numbers: __m256i) -> __m128i {
    let low = _mm256_castsi256_si128(numbers);
    _mm_packs_epi32(low, _mm256_extracti128_si256::<1>(numbers))
}

/// Writes the eight numbers, those that there is room for.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn put_halves(to: &mut [i16], halves: __m128i) {
    match to.first_chunk_mut::<ROWS>() {
        // SAFETY: there is room for all eight.
        Some(to) => unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), halves) },
        None => {
            let mut all = [0; ROWS];
            put_halves(&mut all, halves);
            copy(to, &all);
        }
    }
}

/// Writes the first eight bytes, those that there is room for.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn put_eight(to: &mut [i8], bytes: __m128i) {
    match to.first_chunk_mut::<ROWS>() {
        // SAFETY: there is room for all eight.
        Some(to) => unsafe { _mm_storel_epi64(to.as_mut_ptr().cast(), bytes) },
        None => {
            let mut all = [0; ROWS];
            put_eight(&mut all, bytes);
            copy(to, &all);
        }
    }
}

/// The kernels of matrices and convolutions of a set.
macro_rules! matrix {
    ($enable:literal, $products:expr) => {
        #[target_feature(enable = $enable)]
        pub(super) fn linear(packed: Packed<'_>, outputs: usize, x: Lanes<'_>, y: &mut [i16]) {
            let Some(plain) = leading(x) else { return };
            product(packed, outputs, x, plain, &mut |scale, row, lane, sums| {
                let Some(y) = y.get_mut(lane * outputs + row..(lane + 1) * outputs) else {
                    return;
                };
                put_halves(y, halves(scale.requantise(sums)));
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
            let holds = convolution.holds();
            windows(convolution, input, output, |x, output| {
                product(packed, outputs, x, x.len(), &mut |scale, row, lane, mut sums| {
                    let Some(out) = output.get_mut(lane * outputs + row..(lane + 1) * outputs)
                    else {
                        return;
                    };
                    if holds {
                        let mut held = [0; ROWS];
                        for (held, (channel, &out)) in held.iter_mut().zip((row..).zip(&*out)) {
                            *held = convolution.gain(channel) * i32::from(out);
                        }
                        sums = _mm256_add_epi32(sums, vector(held));
                    }
                    let values = _mm_max_epi16(halves(scale.requantise(sums)), least);
                    // Saturates at 127.
                    put_eight(out, _mm_packs_epi16(values, values));
                });
            });
        }

        /// The product of a matrix and each lane; `each` gets the scale of eight rows, the first row's
        /// number, the lane's, and the rows' sums, without bias. Of each lane so many of the first inputs
        /// are `plain`, not negative.
        #[inline]
        #[target_feature(enable = $enable)]
        fn product<F: FnMut(&Scale, usize, usize, __m256i)>(
            packed: Packed<'_>,
            outputs: usize,
            x: Lanes<'_>,
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

        /// The same in tiles of `B` blocks, which stay in the first cache while all lanes pass, and
        /// `L` lanes: eight sums of a vector each, as there are registers for, with what is multiplied.
        #[inline]
        #[target_feature(enable = $enable)]
        fn strips<const B: usize, const L: usize, F: FnMut(&Scale, usize, usize, __m256i)>(
            packed: Packed<'_>,
            outputs: usize,
            x: Lanes<'_>,
            plain: usize,
            each: &mut F,
        ) {
            let len = x.len().min(packed.groups() * GROUP_COLUMNS);
            let mut first = 0;
            while first < outputs {
                // Where the last rows fill no more than half a block, the other half is left out.
                let rows = outputs - first;
                let (blocks, halves) = match rows {
                    ..=ROWS => (1, 1),
                    _ if rows + ROWS > B * BLOCK_ROWS => (B, 2),
                    _ => (1, 2),
                };
                let mut lanes = x.iter().enumerate();
                while lanes.len() >= L {
                    let mut tile: [(usize, &[i8]); L] = [(0, &[]); L];
                    for (to, (number, lane)) in tile.iter_mut().zip(&mut lanes) {
                        *to = (number, &lane[..len]);
                    }
                    // SAFETY: the lanes are cut to the columns of all groups.
                    unsafe {
                        match (blocks, halves) {
                            (_, 1) => tile_of::<1, L, 1, F>(packed, first, &tile, plain, each),
                            (1, _) => tile_of::<1, L, 2, F>(packed, first, &tile, plain, each),
                            _ => tile_of::<B, L, 2, F>(packed, first, &tile, plain, each),
                        }
                    }
                }
                for (number, lane) in lanes {
                    for block in 0..blocks {
                        let (row, tile) = (first + BLOCK_ROWS * block, [(number, &lane[..len])]);
                        // SAFETY: the lane is cut to the columns of all groups.
                        unsafe { tile_of::<1, 1, 2, F>(packed, row, &tile, plain, each) }
                    }
                }
                first += blocks * BLOCK_ROWS;
            }
        }

        /// The sums of `B` blocks from row `row` on, the first `H` halves of each, with `L` lanes,
        /// which are equally long.
        ///
        /// # Safety
        /// The lanes have no more columns than the matrix's groups.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn tile_of<
            const B: usize,
            const L: usize,
            const H: usize,
            F: FnMut(&Scale, usize, usize, __m256i),
        >(
            packed: Packed<'_>,
            row: usize,
            lanes: &[(usize, &[i8]); L],
            plain: usize,
            each: &mut F,
        ) {
            let mut blocks: [&[Line]; B] = [&[]; B];
            for (b, block) in blocks.iter_mut().enumerate() {
                let Some(lines) = packed.block(row / BLOCK_ROWS + b) else { return };
                *block = lines;
            }
            // SAFETY: each block has its parameters and a line for each group, and the lanes no more groups, as the
            // caller promises.
            let sums = unsafe { accumulate::<B, L, H>(&blocks, lanes, plain) };
            for (b, (sums, block)) in sums.iter().zip(blocks).enumerate() {
                for (half, sums) in sums.iter().enumerate() {
                    // SAFETY: every block of `Packed` begins with its parameters.
                    let scale = unsafe { Scale::new(block, half) };
                    for (&sums, &(lane, _)) in sums.iter().zip(lanes) {
                        each(&scale, row + BLOCK_ROWS * b + ROWS * half, lane, sums);
                    }
                }
            }
        }

        /// The sums of the first `H` halves of some blocks with some lanes.
        ///
        /// A function of its own, so that all sums stay in registers: what takes them one by one keeps
        /// them in memory.
        ///
        /// # Safety
        /// Each block has its parameters and a line for each group of the columns of a lane, the last of which may not
        /// be whole.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn accumulate<const B: usize, const L: usize, const H: usize>(
            blocks: &[&[Line]; B],
            lanes: &[(usize, &[i8]); L],
            plain: usize,
        ) -> [[[__m256i; L]; H]; B] {
            let len = lanes[0].1.len();
            let whole = len / GROUP_COLUMNS;
            // The columns behind the whole groups, filled up with zeros.
            let (mut starts, mut last) = ([&[][..]; L], [[0; GROUP_COLUMNS]; L]);
            for ((start, last), (_, x)) in starts.iter_mut().zip(&mut last).zip(lanes) {
                let (whole, rest) = x.split_at(GROUP_COLUMNS * whole);
                *start = whole;
                copy(last, rest);
            }
            let (mut rest, some) = ([&[][..]; L], usize::from(!len.is_multiple_of(GROUP_COLUMNS)));
            for (rest, last) in rest.iter_mut().zip(&last) {
                *rest = last;
            }
            let sign = _mm256_set1_epi8(i8::MIN);
            let mut sums = [[[_mm256_setzero_si256(); L]; H]; B];
            // In place and without a closure: so the sums stay in registers.
            let plain = whole.min(plain / GROUP_COLUMNS);
            for group in 0..plain {
                for (sums, block) in sums.iter_mut().zip(blocks) {
                    for (half, sums) in sums.iter_mut().enumerate() {
                        // SAFETY: a block has a line for each group, as the caller promises.
                        let line = unsafe { half_line(block, PARAMETERS + group, half) };
                        let weights = _mm256_xor_si256(line, sign);
                        for (sum, columns) in sums.iter_mut().zip(starts) {
                            // SAFETY: each of `starts` has `whole` groups of columns.
                            let inputs = unsafe { inputs(columns, group) };
                            *sum = $products(*sum, inputs, weights);
                        }
                    }
                }
            }
            // The sizes of the weights are what is not negative where the inputs may be.
            for (first, groups, columns) in [(0, plain..whole, starts), (whole, 0..some, rest)] {
                for group in groups {
                    for (sums, block) in sums.iter_mut().zip(blocks) {
                        for (half, sums) in sums.iter_mut().enumerate() {
                            // SAFETY: a block has a line for each group; there are `whole` and `some`.
                            let line =
                                unsafe { half_line(block, PARAMETERS + first + group, half) };
                            let weights = _mm256_xor_si256(line, sign);
                            let sizes = _mm256_abs_epi8(weights);
                            for (sum, columns) in sums.iter_mut().zip(columns) {
                                // SAFETY: each of `starts` has `whole` groups of columns, each of `rest` has one.
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
