//! Matrix products and convolutions, in tiles of blocks (16 rows of the packed matrix) and items.
//!
//! ```text
//! a block of `Packed`, 16 rows, 64 bytes a line
//! line 0..4  parameters  | r0         | r1         | ... | r15         |     i32
//! line 4     group 0     | w[0][0..4] | w[1][0..4] | ... | w[15][0..4] |     i8: 4 columns of each row
//! line 5     group 1     | w[0][4..8] | w[1][4..8] | ... | w[15][4..8] |
//!
//! for each group of 4 columns:
//!     x[i]       = the 4 inputs of item i, the same in every lane
//!     acc[b][i] += products(line of block b, x[i])                           a lane for each of 16 rows
//! ```
//!
//! Tiles are 1 block x 8 items, 2 x 8, 4 x 4, 4 x 2 or 4 x 1: up to 16 accumulators and 8 inputs, and a register of
//! weights, of 32 registers.

use core::arch::x86_64::*;

use crate::kernels::generic::windows::{bands, windows};
use crate::kernels::x86::avx512::{first, image, load};
use crate::layers::{BLOCK_ROWS, Batch, Convolution, GROUP_COLUMNS, Line, PARAMETERS, Packed};
use crate::slices::lenient::{behind, copy};

/// Most items that are multiplied with the same blocks before the next blocks follow.
const ITEMS: usize = 64;
/// These blocks: their weights stay in the first cache meanwhile.
const BLOCKS: usize = 4;

/// [`Kernels::linear`](crate::kernels::Kernels::linear).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn linear(packed: Packed<'_>, outputs: usize, x: Batch<'_>, y: &mut [i16]) {
    let shape = Shape { parts: 1, apart: 0, len: x.len() };
    product::<false, _>(packed, x.iter(), shape, &mut |scale, row, item, sums| {
        let Some(y) = y.get_mut(item * outputs + row..(item + 1) * outputs) else { return };
        let values = _mm512_cvtsepi32_epi16(scale.requantize(sums));
        match y.first_chunk_mut::<BLOCK_ROWS>() {
            // SAFETY: `y` has the 32 bytes that are written, and the instruction needs no alignment.
            Some(y) => unsafe { _mm256_storeu_si256(y.as_mut_ptr().cast(), values) },
            // SAFETY: the mask has as many lanes as `y` has numbers; masked lanes are not written.
            None => unsafe { _mm256_mask_storeu_epi16(y.as_mut_ptr(), first(y.len()), values) },
        }
    });
}

/// [`Kernels::convolve`](crate::kernels::Kernels::convolve): a matrix product, whose items are the windows of
/// neighboring pixels. A window is read where its kernel rows lie in the band, if each is whole groups of columns;
/// otherwise it is assembled. The 3x3 convolution of one channel has code of its own.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn convolve(
    packed: Packed<'_>,
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let (outputs, kernel_side) = (convolution.outputs().max(1), convolution.kernel_side());
    let len = kernel_side * convolution.inputs;
    if (kernel_side, convolution.inputs) == (3, 1) {
        return bands(convolution, input, output, |band, output| {
            image::convolve(packed, convolution, &band, output);
        });
    }
    if kernel_side > 1 && !len.is_multiple_of(GROUP_COLUMNS) {
        // Some group would have inputs of two kernel rows, which are apart in the band.
        return windows(convolution, input, output, |x, output| {
            let shape = Shape { parts: 1, apart: 0, len: x.len() };
            product::<true, _>(packed, x.iter(), shape, &mut |scale, row, item, sums| {
                store(convolution, output, scale, [row, item], sums);
            });
        });
    }
    bands(convolution, input, output, |band, output| {
        let shape = Shape { parts: kernel_side, apart: band.line, len };
        let windows =
            (0..output.len() / outputs).map(|item| behind(band.numbers, item * band.step));
        product::<true, _>(packed, windows, shape, &mut |scale, row, item, sums| {
            store(convolution, output, scale, [row, item], sums);
        });
    });
}

/// Writes the outputs of a convolution for the accumulators of a block and one item: the channels from `row` on, as
/// many as there are.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn store(
    convolution: &Convolution<'_>,
    output: &mut [i8],
    scale: &Scale,
    [row, item]: [usize; 2],
    mut sums: __m512i,
) {
    let outputs = convolution.outputs();
    let Some(output) = output.get_mut(item * outputs + row..(item + 1) * outputs) else { return };
    let mask = first(output.len());
    if convolution.adds_residual() {
        let mut gains = [0; BLOCK_ROWS];
        for (channel, gain) in (row..).zip(&mut gains).take(output.len()) {
            *gain = convolution.residual_gain(channel);
        }
        // SAFETY: the mask has no more lanes than `output` has numbers, and masked lanes are not read. `gains` has the
        // 64 bytes that are read. Neither instruction needs alignment.
        let (shortcut, gains) = unsafe {
            let shortcut = _mm_maskz_loadu_epi8(mask, output.as_ptr());
            (shortcut, _mm512_loadu_si512(gains.as_ptr().cast()))
        };
        sums = _mm512_add_epi32(sums, _mm512_mullo_epi32(_mm512_cvtepi8_epi32(shortcut), gains));
    }
    let values = _mm512_max_epi32(scale.requantize(sums), _mm512_set1_epi32(convolution.least()));
    // Saturates at 127.
    let values = _mm512_cvtsepi32_epi8(values);
    match output.first_chunk_mut::<BLOCK_ROWS>() {
        // SAFETY: `output` has the 16 bytes that are written, and the instruction needs no alignment.
        Some(output) => unsafe { _mm_storeu_si128(output.as_mut_ptr().cast(), values) },
        // SAFETY: the mask has as many lanes as `output` has numbers, as these are fewer than sixteen; masked lanes are
        // not written.
        None => unsafe { _mm_mask_storeu_epi8(output.as_mut_ptr(), mask, values) },
    }
}

/// The layout of an item's inputs: `parts` parts of `len` numbers, `apart` from one start to the next. Of several
/// parts, such as the kernel rows of a window, `len` is a multiple of four.
#[derive(Debug, Clone, Copy)]
struct Shape {
    parts: usize,
    apart: usize,
    len: usize,
}

/// The product of a matrix and each item. `each` gets the scale of a block, the number of its first row, the number of
/// the item, and the accumulators of the rows, without bias. With `PLAIN`, no input of any item is negative.
///
/// ```text
/// for each 64 items:
///     for each 4 blocks:
///         for the items, by 8, 4, 2 or 1: tiles of these items and blocks
/// ```
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn product<'a, const PLAIN: bool, F: FnMut(&Scale, usize, usize, __m512i)>(
    packed: Packed<'_>,
    mut items: impl Iterator<Item = &'a [i8]>,
    shape: Shape,
    each: &mut F,
) {
    let Shape { parts, apart, len } = shape;
    // Cut to the groups that a block has, so that the parts of an item have no more.
    let len = len.min(packed.groups() * GROUP_COLUMNS / parts.max(1));
    let shape = Shape { parts, apart, len };
    let span = parts.saturating_sub(1).saturating_mul(apart).saturating_add(len);
    debug_assert!(parts == 1 || PLAIN && len.is_multiple_of(GROUP_COLUMNS), "{shape:?}");
    let mut start = 0;
    loop {
        let (mut some, mut excess): ([&[i8]; ITEMS], _) = ([&[]; ITEMS], [0; ITEMS]);
        let mut count = 0;
        for item in items.by_ref().take(ITEMS) {
            let Some(item) = item.get(..span) else { return };
            some[count] = item;
            excess[count] = if PLAIN { 0 } else { excess_of(item) };
            count += 1;
        }
        if count == 0 {
            return;
        }
        let mut blocks = packed.blocks().enumerate();
        while blocks.len() > 0 {
            let mut few: [(usize, &[Line]); BLOCKS] = [(0, &[]); BLOCKS];
            let mut rows = 0;
            for block in blocks.by_ref().take(BLOCKS) {
                few[rows] = block;
                rows += 1;
            }
            let few = &few[..rows];
            let mut item = 0;
            while item < count {
                let some = &some[item..count];
                let (excess, at) = (&excess[item..], start + item);
                // SAFETY: each item is `span` long, and so has `parts` parts of `len` numbers, `apart` from one
                // another. Each block has its parameters and a line for each group of the matrix. The groups of all
                // parts are no more: `len` was cut to that, and of several parts `accumulate` takes whole groups alone.
                item += unsafe {
                    match (rows, some.len()) {
                        (1, 8..) => tiles::<PLAIN, 1, 8, F>(few, some, shape, excess, at, each),
                        (2..4, 8..) => tiles::<PLAIN, 2, 8, F>(few, some, shape, excess, at, each),
                        (_, 4..) => tiles::<PLAIN, 4, 4, F>(few, some, shape, excess, at, each),
                        (_, 2..) => tiles::<PLAIN, 4, 2, F>(few, some, shape, excess, at, each),
                        _ => tiles::<PLAIN, 4, 1, F>(few, some, shape, excess, at, each),
                    }
                };
            }
        }
        start += count;
    }
}

/// What is too much in every accumulator of an item, as packed weights are 128 greater: 128 times the sum of its
/// inputs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn excess_of(x: &[i8]) -> i32 {
    let ones = _mm512_set1_epi8(1);
    let mut sums = _mm512_setzero_si512();
    for x in x.chunks(64) {
        let mask = u64::MAX >> (64 - x.len());
        // SAFETY: the mask has as many lanes as the chunk has numbers, 1 to 64; masked lanes are not read.
        let x = unsafe { _mm512_maskz_loadu_epi8(mask, x.as_ptr()) };
        sums = _mm512_dpbusd_epi32(sums, ones, x);
    }
    128 * _mm512_reduce_add_epi32(sums)
}

/// All `blocks` with the first `I` items, in tiles of `B` blocks, and of one block for those that are left; returns
/// `I`.
///
/// Tiles are as large as the registers allow: the larger, the fewer loads for each product.
///
/// # Safety
/// Each item has `parts` times `len` numbers, `apart` from one start to the next, as `shape` says. Each block has its
/// parameters and, behind them, a line for each group of columns: `len / 4` of each part, and one for the columns that
/// are left of a single part.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tiles<
    const PLAIN: bool,
    const B: usize,
    const I: usize,
    F: FnMut(&Scale, usize, usize, __m512i),
>(
    blocks: &[(usize, &[Line])],
    x: &[&[i8]],
    shape: Shape,
    excess: &[i32],
    at: usize,
    each: &mut F,
) -> usize {
    let (whole, rest) = blocks.as_chunks::<B>();
    for some in whole {
        // SAFETY: `some` are some of the blocks. The caller guarantees that all blocks have a line for each group, and
        // that all items have the numbers of `shape`.
        unsafe { tile::<PLAIN, B, I, F>(some, x, shape, excess, at, each) }
    }
    for one in rest {
        // SAFETY: `one` is one of the blocks. The caller guarantees that all blocks have a line for each group, and
        // that all items have the numbers of `shape`.
        unsafe { tile::<PLAIN, 1, I, F>(&[*one], x, shape, excess, at, each) }
    }
    I
}

/// The accumulators of `B` blocks with the first `I` items, and what `each` makes of them.
///
/// # Safety
/// Each item has `parts` times `len` numbers, `apart` from one start to the next, as `shape` says. Each block has its
/// parameters and, behind them, a line for each group of columns: `len / 4` of each part, and one for the columns that
/// are left of a single part.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tile<
    const PLAIN: bool,
    const B: usize,
    const I: usize,
    F: FnMut(&Scale, usize, usize, __m512i),
>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]],
    shape: Shape,
    excess: &[i32],
    at: usize,
    each: &mut F,
) {
    let (Some(x), Some(excess)) = (x.first_chunk::<I>(), excess.first_chunk::<I>()) else {
        return;
    };
    // SAFETY: `x` are the first `I` of the items. The caller guarantees that all items have the numbers of `shape`, and
    // that all blocks have a line for each group.
    let sums = unsafe { accumulate::<PLAIN, B, I>(blocks, x, shape, excess) };
    for (sums, (b, block)) in sums.iter().zip(blocks) {
        let Some(scale) = Scale::of(block) else { return };
        for (item, &sums) in (at..).zip(sums) {
            each(&scale, BLOCK_ROWS * b, item, sums);
        }
    }
}

/// The accumulators of `B` blocks with `I` items, a group of four columns at a time.
///
/// A product needs an unsigned and a signed factor. With `PLAIN` the inputs are the unsigned one, and the weights are
/// made signed again. Otherwise the weights are the unsigned one, 128 greater than they are; `excess` is what this
/// adds, and the accumulators begin with minus `excess`.
///
/// A function of its own, so that all accumulators stay in registers: the caller takes them one by one, and so keeps
/// them in memory.
///
/// # Safety
/// Each item has `parts` times `len` numbers, `apart` from one start to the next, as `shape` says. Each block has its
/// parameters and, behind them, a line for each group of columns: `len / 4` of each part, and one for the columns that
/// are left of a single part.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn accumulate<const PLAIN: bool, const B: usize, const I: usize>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]; I],
    shape: Shape,
    excess: &[i32; I],
) -> [[__m512i; I]; B] {
    let Shape { parts, apart, len } = shape;
    let whole = len / GROUP_COLUMNS;
    // The columns behind the whole groups, filled up with zeros.
    let mut last = [[0; GROUP_COLUMNS]; I];
    let mut some = 0;
    if parts == 1 && !len.is_multiple_of(GROUP_COLUMNS) {
        some = 1;
        for (last, x) in last.iter_mut().zip(x) {
            copy(last, &x[GROUP_COLUMNS * whole..]);
        }
    }
    let mut sums = [[_mm512_setzero_si512(); I]; B];
    for sums in &mut sums {
        for (sum, excess) in sums.iter_mut().zip(excess) {
            *sum = _mm512_set1_epi32(-excess);
        }
    }
    let mut line = PARAMETERS;
    for part in 0..parts + some {
        let groups = if part < parts { whole } else { some };
        let mut columns = [[].as_ptr(); I];
        for ((columns, x), last) in columns.iter_mut().zip(x).zip(&last) {
            *columns = match part < parts {
                // SAFETY: `part` is below `parts`, and the caller guarantees that an item has a part at `part * apart`.
                true => unsafe { x.as_ptr().add(part * apart) },
                false => last.as_ptr(),
            };
        }
        // The loops are written out, without a closure, so that the accumulators stay in registers.
        for group in 0..groups {
            let mut inputs = [_mm512_setzero_si512(); I];
            for (inputs, columns) in inputs.iter_mut().zip(columns) {
                // SAFETY: `group` is below `groups`. `columns` points to a part, which has `whole` groups, or to
                // `last`, which has one; `groups` says so. The four bytes are read at any alignment.
                *inputs = _mm512_set1_epi32(unsafe {
                    columns.add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
                });
            }
            for (sums, (_, block)) in sums.iter_mut().zip(blocks) {
                // SAFETY: `line` counts the parameters and the groups of the parts before this one. The caller
                // guarantees a line for each of the parameters and groups, so for `group` of this part.
                let mut weights = load(unsafe { block.get_unchecked(line + group) });
                if PLAIN {
                    // The inputs are the unsigned factor, so that the weights are made signed again.
                    weights = _mm512_xor_si512(weights, _mm512_set1_epi8(i8::MIN));
                }
                for (sum, &inputs) in sums.iter_mut().zip(&inputs) {
                    *sum = match PLAIN {
                        true => _mm512_dpbusd_epi32(*sum, inputs, weights),
                        false => _mm512_dpbusd_epi32(*sum, weights, inputs),
                    };
                }
            }
        }
        line += groups;
    }
    sums
}

/// What turns the accumulators of a block into outputs: the parameters of `Packed`, and numbers that follow from them.
pub(super) struct Scale {
    bias: __m512i,
    before: __m512i,
    multiplier: __m512i,
    odd_multiplier: __m512i,
    /// Half of what `after` divides by.
    half: __m512i,
    after: __m512i,
}

impl Scale {
    /// The scale of a block's rows; `None` if the block has no parameters.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn of(block: &[Line]) -> Option<Self> {
        let [bias, before, multiplier, after, ..] = block else { return None };
        let (multiplier, after) = (load(multiplier), load(after));
        let one = _mm512_set1_epi32(1);
        Some(Self {
            bias: load(bias),
            before: load(before),
            multiplier,
            odd_multiplier: _mm512_srli_epi64::<32>(multiplier),
            half: _mm512_sllv_epi32(one, _mm512_sub_epi32(after, one)),
            after,
        })
    }

    /// The outputs of sixteen accumulators, not saturated.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn requantize(&self, sums: __m512i) -> __m512i {
        let sums = _mm512_sllv_epi32(_mm512_add_epi32(sums, self.bias), self.before);
        let even = _mm512_mul_epi32(sums, self.multiplier);
        let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(sums), self.odd_multiplier);
        // The high words of both, in order.
        let high = _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even);
        _mm512_srav_epi32(_mm512_add_epi32(high, self.half), self.after)
    }
}
