//! Matrices and convolutions: tiles of blocks and lanes.

use core::arch::x86_64::*;

use super::{first, image, load};
use crate::kernels::Lanes;
use crate::kernels::windows::{bands, windows};
use crate::model::{BLOCK_ROWS, GROUP_COLUMNS, Line, PARAMETERS, Packed};
use crate::parts::{behind, copy};
use crate::stages::Convolution;

/// Lanes whose sums are taken at a time, and blocks that stay in the first cache while all of them pass.
const LANES: usize = 64;
const BLOCKS: usize = 4;

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn linear(packed: Packed<'_>, outputs: usize, x: Lanes<'_>, y: &mut [i16]) {
    let shape = Shape { parts: 1, apart: 0, len: x.len() };
    product::<false, _>(packed, x.iter(), shape, &mut |scale, row, lane, sums| {
        let Some(y) = y.get_mut(lane * outputs + row..(lane + 1) * outputs) else { return };
        let values = _mm512_cvtsepi32_epi16(scale.requantise(sums));
        match y.first_chunk_mut::<BLOCK_ROWS>() {
            // SAFETY: there is room for all sixteen.
            Some(y) => unsafe { _mm256_storeu_si256(y.as_mut_ptr().cast(), values) },
            // SAFETY: the mask has as many lanes as the slice has numbers.
            None => unsafe { _mm256_mask_storeu_epi16(y.as_mut_ptr(), first(y.len()), values) },
        }
    });
}

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
        // A group would have inputs of two lines.
        return windows(convolution, input, output, |x, output| {
            let shape = Shape { parts: 1, apart: 0, len: x.len() };
            product::<true, _>(packed, x.iter(), shape, &mut |scale, row, lane, sums| {
                put(convolution, output, scale, [row, lane], sums);
            });
        });
    }
    bands(convolution, input, output, |band, output| {
        let shape = Shape { parts: kernel_side, apart: band.line, len };
        let windows =
            (0..output.len() / outputs).map(|lane| behind(band.numbers, lane * band.step));
        product::<true, _>(packed, windows, shape, &mut |scale, row, lane, sums| {
            put(convolution, output, scale, [row, lane], sums);
        });
    });
}

/// Writes what a convolution makes of the sums of a block, those channels that there are.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn put(
    convolution: &Convolution<'_>,
    output: &mut [i8],
    scale: &Scale,
    [row, lane]: [usize; 2],
    mut sums: __m512i,
) {
    let outputs = convolution.outputs();
    let Some(output) = output.get_mut(lane * outputs + row..(lane + 1) * outputs) else { return };
    let mask = first(output.len());
    if convolution.holds() {
        let mut gains = [0; BLOCK_ROWS];
        for (channel, gain) in (row..).zip(&mut gains).take(output.len()) {
            *gain = convolution.gain(channel);
        }
        // SAFETY: the mask has as many lanes as the slice has numbers, or all; the gains are sixteen.
        let (held, gains) = unsafe {
            let held = _mm_maskz_loadu_epi8(mask, output.as_ptr());
            (held, _mm512_loadu_si512(gains.as_ptr().cast()))
        };
        sums = _mm512_add_epi32(sums, _mm512_mullo_epi32(_mm512_cvtepi8_epi32(held), gains));
    }
    let values = _mm512_max_epi32(scale.requantise(sums), _mm512_set1_epi32(convolution.least()));
    // Saturates at 127.
    let values = _mm512_cvtsepi32_epi8(values);
    match output.first_chunk_mut::<BLOCK_ROWS>() {
        // SAFETY: there is room for all sixteen.
        Some(output) => unsafe { _mm_storeu_si128(output.as_mut_ptr().cast(), values) },
        // SAFETY: the mask has as many lanes as the slice has numbers, fewer than sixteen.
        None => unsafe { _mm_mask_storeu_epi8(output.as_mut_ptr(), mask, values) },
    }
}

/// How the inputs of a lane lie: `parts` times `len` numbers, `apart` from one start to the next. Where there
/// are several parts, `len` is a multiple of four.
#[derive(Debug, Clone, Copy)]
struct Shape {
    parts: usize,
    apart: usize,
    len: usize,
}

/// The product of a matrix and each lane; `each` gets the scale of a block, the first row's number, the
/// lane's, and the rows' sums, without bias. With `PLAIN`, no lane holds anything negative.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn product<'a, const PLAIN: bool, F: FnMut(&Scale, usize, usize, __m512i)>(
    packed: Packed<'_>,
    mut lanes: impl Iterator<Item = &'a [i8]>,
    shape: Shape,
    each: &mut F,
) {
    let Shape { parts, apart, len } = shape;
    // A block has no group less than `strip` is told, and a lane no part.
    let len = len.min(packed.groups() * GROUP_COLUMNS / parts.max(1));
    let shape = Shape { parts, apart, len };
    let span = parts.saturating_sub(1).saturating_mul(apart).saturating_add(len);
    debug_assert!(parts == 1 || PLAIN && len.is_multiple_of(GROUP_COLUMNS), "{shape:?}");
    let mut start = 0;
    loop {
        let (mut some, mut excess): ([&[i8]; LANES], _) = ([&[]; LANES], [0; LANES]);
        let mut count = 0;
        for lane in lanes.by_ref().take(LANES) {
            let Some(lane) = lane.get(..span) else { return };
            some[count] = lane;
            excess[count] = if PLAIN { 0 } else { excess_of(lane) };
            count += 1;
        }
        if count == 0 {
            return;
        }
        let mut blocks = packed.blocks().enumerate();
        while blocks.len() > 0 {
            let mut tile: [(usize, &[Line]); BLOCKS] = [(0, &[]); BLOCKS];
            let mut rows = 0;
            for block in blocks.by_ref().take(BLOCKS) {
                tile[rows] = block;
                rows += 1;
            }
            let tile = &tile[..rows];
            let mut lane = 0;
            while lane < count {
                let some = &some[lane..count];
                let (excess, at) = (&excess[lane..], start + lane);
                // SAFETY: each lane is `span` long, and so has `parts` of `len` numbers. Each block has a line for each of the
                // matrix's groups: not fewer than those of all parts, as `len` was cut to that. Where there is more
                // than one part, there is no other group: `len` behind the last whole group is left out.
                lane += unsafe {
                    match (rows, some.len()) {
                        (1, 8..) => strip::<PLAIN, 1, 8, F>(tile, some, shape, excess, at, each),
                        (2..4, 8..) => strip::<PLAIN, 2, 8, F>(tile, some, shape, excess, at, each),
                        (_, 4..) => strip::<PLAIN, 4, 4, F>(tile, some, shape, excess, at, each),
                        (_, 2..) => strip::<PLAIN, 4, 2, F>(tile, some, shape, excess, at, each),
                        _ => strip::<PLAIN, 4, 1, F>(tile, some, shape, excess, at, each),
                    }
                };
            }
        }
        start += count;
    }
}

/// What the weights being 128 greater adds to each sum of a lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn excess_of(x: &[i8]) -> i32 {
    let ones = _mm512_set1_epi8(1);
    let mut sums = _mm512_setzero_si512();
    for x in x.chunks(64) {
        let mask = u64::MAX >> (64 - x.len());
        // SAFETY: the mask has as many lanes as the chunk has numbers, 1 to 64.
        let x = unsafe { _mm512_maskz_loadu_epi8(mask, x.as_ptr()) };
        sums = _mm512_dpbusd_epi32(sums, ones, x);
    }
    128 * _mm512_reduce_add_epi32(sums)
}

/// The sums of all `blocks` with the first `L` lanes, in tiles of `B` blocks; returns `L`.
///
/// As large a tile as the registers hold the sums of: the more, the fewer loads for each product.
///
/// # Safety
/// As of [`accumulate`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn strip<
    const PLAIN: bool,
    const B: usize,
    const L: usize,
    F: FnMut(&Scale, usize, usize, __m512i),
>(
    blocks: &[(usize, &[Line])],
    x: &[&[i8]],
    shape: Shape,
    excess: &[i32],
    at: usize,
    each: &mut F,
) -> usize {
    let (tiles, rest) = blocks.as_chunks::<B>();
    for tile in tiles {
        // SAFETY: `tile` is some of the blocks, for which the caller keeps the contract of `accumulate`.
        unsafe { tile_of::<PLAIN, B, L, F>(tile, x, shape, excess, at, each) }
    }
    for one in rest {
        // SAFETY: `one` is one of the blocks, for which the caller keeps the contract of `accumulate`.
        unsafe { tile_of::<PLAIN, 1, L, F>(&[*one], x, shape, excess, at, each) }
    }
    L
}

/// The sums of `B` blocks with the first `L` lanes.
///
/// # Safety
/// As of [`accumulate`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tile_of<
    const PLAIN: bool,
    const B: usize,
    const L: usize,
    F: FnMut(&Scale, usize, usize, __m512i),
>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]],
    shape: Shape,
    excess: &[i32],
    at: usize,
    each: &mut F,
) {
    let (Some(x), Some(excess)) = (x.first_chunk::<L>(), excess.first_chunk::<L>()) else {
        return;
    };
    // SAFETY: `x` is the first `L` of the lanes, for which the caller keeps the contract of `accumulate`.
    let sums = unsafe { accumulate::<PLAIN, B, L>(blocks, x, shape, excess) };
    for (sums, (b, block)) in sums.iter().zip(blocks) {
        let Some(scale) = Scale::of(block) else { return };
        for (lane, &sums) in (at..).zip(sums) {
            each(&scale, BLOCK_ROWS * b, lane, sums);
        }
    }
}

/// The sums of some blocks with some lanes, which are equally long. Weights count 128 more than they are,
/// but not with `PLAIN` lanes; the sums begin with the excess that this makes, less than nothing.
///
/// A function of its own, so that all sums stay in registers: what takes them one by one keeps them in
/// memory.
///
/// # Safety
/// Each lane has `parts` times `len` numbers, `apart` from one start to the next. Each block has its parameters and,
/// behind them, a line for each group of columns: `len / 4` of each part, and one for what is left of a single part.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn accumulate<const PLAIN: bool, const B: usize, const L: usize>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]; L],
    shape: Shape,
    excess: &[i32; L],
) -> [[__m512i; L]; B] {
    let Shape { parts, apart, len } = shape;
    let whole = len / GROUP_COLUMNS;
    // The columns behind the whole groups, filled up with zeros.
    let mut last = [[0; GROUP_COLUMNS]; L];
    let mut some = 0;
    if parts == 1 && !len.is_multiple_of(GROUP_COLUMNS) {
        some = 1;
        for (last, x) in last.iter_mut().zip(x) {
            copy(last, &x[GROUP_COLUMNS * whole..]);
        }
    }
    let mut sums = [[_mm512_setzero_si512(); L]; B];
    for sums in &mut sums {
        for (sum, excess) in sums.iter_mut().zip(excess) {
            *sum = _mm512_set1_epi32(-excess);
        }
    }
    let mut line = PARAMETERS;
    for part in 0..parts + some {
        let groups = if part < parts { whole } else { some };
        let mut columns = [[].as_ptr(); L];
        for ((columns, x), last) in columns.iter_mut().zip(x).zip(&last) {
            *columns = match part < parts {
                // SAFETY: there are `parts` starts, `apart` from one another.
                true => unsafe { x.as_ptr().add(part * apart) },
                false => last.as_ptr(),
            };
        }
        // In place and without a closure: so the sums stay in registers.
        for group in 0..groups {
            let mut inputs = [_mm512_setzero_si512(); L];
            for (inputs, columns) in inputs.iter_mut().zip(columns) {
                // SAFETY: a part has `whole` groups, and `last` one.
                *inputs = _mm512_set1_epi32(unsafe {
                    columns.add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
                });
            }
            for (sums, (_, block)) in sums.iter_mut().zip(blocks) {
                // SAFETY: `line` counts the parameters and the groups before this one, each of which has a line.
                let mut weights = load(unsafe { block.get_unchecked(line + group) });
                if PLAIN {
                    // As they are: the inputs take the place of what is unsigned.
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

/// What makes outputs of the sums of a block: the parameters of `Packed`, and what follows from them alone.
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
    /// Of the rows of a block; `None` without its parameters.
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

    /// The outputs, not saturated.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn requantise(&self, sums: __m512i) -> __m512i {
        let sums = _mm512_sllv_epi32(_mm512_add_epi32(sums, self.bias), self.before);
        let even = _mm512_mul_epi32(sums, self.multiplier);
        let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(sums), self.odd_multiplier);
        // The high words of both, in order.
        let high = _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even);
        _mm512_srav_epi32(_mm512_add_epi32(high, self.half), self.after)
    }
}
