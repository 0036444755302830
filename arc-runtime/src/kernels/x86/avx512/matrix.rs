//! Matrices and convolutions: tiles of blocks and lanes.

use core::arch::x86_64::*;

use super::{first, load};
use crate::kernels::Lanes;
use crate::kernels::windows::windows;
use crate::model::{BLOCK_ROWS, GROUP_COLUMNS, Line, PARAMETERS, Packed};
use crate::parts::copy;
use crate::stages::Convolution;

/// Lanes whose sums are taken at a time, and blocks that stay in the first cache while all of them pass.
const LANES: usize = 64;
const BLOCKS: usize = 4;

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn linear(packed: Packed<'_>, outputs: usize, x: Lanes<'_>, y: &mut [i16]) {
    product(packed, x, &mut |scale, row, lane, sums| {
        let Some(y) = y.get_mut(lane * outputs + row..(lane + 1) * outputs) else { return };
        let values = _mm512_cvtsepi32_epi16(scale.requantise(sums));
        match y.first_chunk_mut::<BLOCK_ROWS>() {
            // SAFETY: there is room for all sixteen.
            Some(y) => unsafe { _mm256_storeu_si256(y.as_mut_ptr().cast(), values) },
            // SAFETY: the mask leaves out what is behind the slice.
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
    let outputs = convolution.outputs();
    let least = _mm512_set1_epi32(convolution.least());
    let holds = convolution.holds();
    windows(convolution, input, output, |x, output| {
        product(packed, x, &mut |scale, row, lane, mut sums| {
            let Some(out) = output.get_mut(lane * outputs + row..(lane + 1) * outputs) else {
                return;
            };
            let mask = first(out.len());
            if holds {
                let mut gains = [0; BLOCK_ROWS];
                for (channel, gain) in (row..).zip(&mut gains).take(out.len()) {
                    *gain = convolution.gain(channel);
                }
                // SAFETY: the mask leaves out what is behind the slice; the gains are sixteen.
                let (held, gains) = unsafe {
                    let held = _mm_maskz_loadu_epi8(mask, out.as_ptr());
                    (held, _mm512_loadu_si512(gains.as_ptr().cast()))
                };
                let held = _mm512_mullo_epi32(_mm512_cvtepi8_epi32(held), gains);
                sums = _mm512_add_epi32(sums, held);
            }
            let values = _mm512_max_epi32(scale.requantise(sums), least);
            // Saturates at 127.
            let values = _mm512_cvtsepi32_epi8(values);
            // SAFETY: the mask leaves out what is behind the slice.
            unsafe { _mm_mask_storeu_epi8(out.as_mut_ptr(), mask, values) }
        });
    });
}

/// The product of a matrix and each lane; `each` gets the scale of a block, the first row's number, the
/// lane's, and the rows' sums, without bias.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn product<F: FnMut(&Scale, usize, usize, __m512i)>(
    packed: Packed<'_>,
    x: Lanes<'_>,
    each: &mut F,
) {
    let len = x.len().min(packed.groups() * GROUP_COLUMNS);
    let mut lanes = x.iter();
    let mut start = 0;
    loop {
        let (mut some, mut excess): ([&[i8]; LANES], _) = ([&[]; LANES], [0; LANES]);
        let mut count = 0;
        for lane in lanes.by_ref().take(LANES) {
            some[count] = &lane[..len];
            excess[count] = excess_of(some[count]);
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
                lane += match (rows, some.len()) {
                    (2..4, 8..) => strip::<2, 8, F>(tile, some, excess, at, each),
                    (_, 4..) => strip::<4, 4, F>(tile, some, excess, at, each),
                    (_, 2..) => strip::<4, 2, F>(tile, some, excess, at, each),
                    _ => strip::<4, 1, F>(tile, some, excess, at, each),
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
        // SAFETY: the mask leaves out what is behind the slice.
        let x = unsafe { _mm512_maskz_loadu_epi8(mask, x.as_ptr()) };
        sums = _mm512_dpbusd_epi32(sums, ones, x);
    }
    128 * _mm512_reduce_add_epi32(sums)
}

/// The sums of all `blocks` with the first `L` lanes, in tiles of `B` blocks; returns `L`.
///
/// As large a tile as the registers hold the sums of: the more, the fewer loads for each product.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn strip<const B: usize, const L: usize, F: FnMut(&Scale, usize, usize, __m512i)>(
    blocks: &[(usize, &[Line])],
    x: &[&[i8]],
    excess: &[i32],
    at: usize,
    each: &mut F,
) -> usize {
    let (tiles, rest) = blocks.as_chunks::<B>();
    for tile in tiles {
        tile_of::<B, L, F>(tile, x, excess, at, each);
    }
    for one in rest {
        tile_of::<1, L, F>(&[*one], x, excess, at, each);
    }
    L
}

/// The sums of `B` blocks with the first `L` lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn tile_of<const B: usize, const L: usize, F: FnMut(&Scale, usize, usize, __m512i)>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]],
    excess: &[i32],
    at: usize,
    each: &mut F,
) {
    let (Some(x), Some(excess)) = (x.first_chunk::<L>(), excess.first_chunk::<L>()) else {
        return;
    };
    let sums = accumulate::<B, L>(blocks, x);
    for (sums, (b, block)) in sums.iter().zip(blocks) {
        let Some(scale) = Scale::of(block) else { return };
        for (lane, (&sums, &excess)) in (at..).zip(sums.iter().zip(excess)) {
            let sums = _mm512_sub_epi32(sums, _mm512_set1_epi32(excess));
            each(&scale, BLOCK_ROWS * b, lane, sums);
        }
    }
}

/// The sums of some blocks with some lanes, which are equally long; weights count 128 more than they are.
///
/// A function of its own, so that all sums stay in registers: what takes them one by one keeps them in
/// memory.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn accumulate<const B: usize, const L: usize>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]; L],
) -> [[__m512i; L]; B] {
    let len = x[0].len();
    let whole = len / GROUP_COLUMNS;
    // The columns behind the whole groups, filled up with zeros.
    let (mut starts, mut last) = ([&[][..]; L], [[0; GROUP_COLUMNS]; L]);
    for ((start, last), x) in starts.iter_mut().zip(&mut last).zip(x) {
        let (whole, rest) = x.split_at(GROUP_COLUMNS * whole);
        *start = whole;
        copy(last, rest);
    }
    let (mut rest, some) = ([&[][..]; L], usize::from(!len.is_multiple_of(GROUP_COLUMNS)));
    for (rest, last) in rest.iter_mut().zip(&last) {
        *rest = last;
    }
    let mut sums = [[_mm512_setzero_si512(); L]; B];
    for (first, groups, columns) in [(0, whole, starts), (whole, some, rest)] {
        // In place and without a closure: so the sums stay in registers.
        for group in 0..groups {
            let mut inputs = [_mm512_setzero_si512(); L];
            for (inputs, columns) in inputs.iter_mut().zip(columns) {
                // SAFETY: there are so many groups of columns.
                *inputs = _mm512_set1_epi32(unsafe {
                    columns.as_ptr().add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
                });
            }
            for (sums, (_, block)) in sums.iter_mut().zip(blocks) {
                // SAFETY: a block has a line for each group of columns.
                let line = unsafe { block.get_unchecked(PARAMETERS + first + group) };
                let weights = load(line);
                for (sum, &inputs) in sums.iter_mut().zip(&inputs) {
                    *sum = _mm512_dpbusd_epi32(*sum, weights, inputs);
                }
            }
        }
    }
    sums
}

/// What makes outputs of the sums of a block: the parameters of `Packed`, and what follows from them alone.
struct Scale {
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
    fn of(block: &[Line]) -> Option<Self> {
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
