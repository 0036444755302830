//! AVX-512 with VNNI: four products of each of sixteen rows in one instruction.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::cauchy::{KERNEL, index_of_far};
use super::lut::{Lut, SIGMOID, TANH};
use crate::arithmetic::cauchy::Axis;
use crate::kernels::windows::windows;
use crate::kernels::{Filter, Kernels, Lanes, Scalar};
use crate::model::{BLOCK_ROWS, GROUP_COLUMNS, Line, Matrix, PARAMETERS, Packed};
use crate::stages::Convolution;

/// Kernels for processors with AVX-512 (F, BW, VL) and its VNNI.
///
/// Matrices are multiplied in their packed form; one that is not packed goes the portable way.
#[derive(Debug, Clone, Copy)]
pub struct Avx512Vnni(());

impl Avx512Vnni {
    /// `None` if the processor lacks an instruction of these kernels.
    #[cfg(feature = "std")]
    pub fn detect() -> Option<Self> {
        let has = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vl")
            && std::is_x86_feature_detected!("avx512vnni");
        has.then_some(Self(()))
    }

    /// Products in registers, so many rounds; returns the number of multiply-accumulates.
    #[cfg(feature = "std")]
    pub(crate) fn multiply(&self, rounds: usize) -> usize {
        // SAFETY: there is no such set where the processor lacks a feature.
        unsafe { multiply(rounds) }
    }
}

#[cfg(feature = "std")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply(rounds: usize) -> usize {
    // More sums than an instruction takes cycles.
    let mut sums = [_mm512_setzero_si512(); 16];
    for _ in 0..rounds {
        let x = core::hint::black_box(_mm512_set1_epi8(3));
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, x, x);
        }
    }
    core::hint::black_box(sums);
    rounds * sums.len() * 64
}

// SAFETY, of every call below: there is no `Avx512Vnni` where the processor lacks a feature that
// the functions are compiled for.
impl Kernels for Avx512Vnni {
    const LANES: usize = 64;
    const NAME: &'static str = "avx512vnni";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        match matrix.packed() {
            // SAFETY: see above.
            Some(packed) => unsafe { linear(packed, matrix.outputs(), x, y) },
            None => Scalar.linear(matrix, x, y),
        }
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        match convolution.matrix.packed() {
            // SAFETY: see above.
            Some(packed) => unsafe { convolve(packed, convolution, input, output) },
            None => Scalar.convolve(convolution, input, output),
        }
    }

    fn filter_row(&self, axis: &Axis, row: usize, weights: &mut [i8]) -> u32 {
        // SAFETY: see above.
        unsafe { filter_row(axis, row, weights) }
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        // SAFETY: see above.
        unsafe { blend(filter, input, output) }
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        // SAFETY: see above.
        unsafe { lstm_cell(sums, cell, state) }
    }
}

/// Lanes whose sums are taken at a time, and the most in one tile of accumulators.
const LANES: usize = 64;
const TILE: usize = 4;

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn linear(packed: Packed<'_>, outputs: usize, x: Lanes<'_>, y: &mut [i16]) {
    product(packed, x, &mut |block, b, lane, sums| {
        let row = BLOCK_ROWS * b;
        let Some(y) = y.get_mut(lane * outputs + row..(lane + 1) * outputs) else { return };
        let values = _mm512_cvtsepi32_epi16(requantise(block, sums));
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe { _mm256_mask_storeu_epi16(y.as_mut_ptr(), first(y.len()), values) }
    });
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn convolve(packed: Packed<'_>, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = convolution.outputs();
    let least = _mm512_set1_epi32(convolution.least());
    let holds = convolution.holds();
    windows(convolution, input, output, &mut |x, output| {
        product(packed, x, &mut |block, b, lane, mut sums| {
            let row = BLOCK_ROWS * b;
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
            let values = _mm512_max_epi32(requantise(block, sums), least);
            // Saturates at 127.
            let values = _mm512_cvtsepi32_epi8(values);
            // SAFETY: the mask leaves out what is behind the slice.
            unsafe { _mm_mask_storeu_epi8(out.as_mut_ptr(), mask, values) }
        });
    });
}

/// The first `len` of sixteen lanes.
#[inline]
fn first(len: usize) -> __mmask16 {
    ((1u32 << len.min(16)) - 1) as __mmask16
}

/// The product of a matrix and each lane; `each` gets a block's lines, its number, the lane's
/// number and the block's sixteen sums, without bias.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn product<F: FnMut(&[Line], usize, usize, __m512i)>(
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
            let mut tile: [(usize, &[Line]); TILE] = [(0, &[]); TILE];
            let mut rows = 0;
            for block in blocks.by_ref().take(TILE) {
                tile[rows] = block;
                rows += 1;
            }
            let mut lane = 0;
            while lane < count {
                let some = &some[lane..count];
                let (excess, at) = (&excess[lane..], start + lane);
                // Whole tiles, and what is left.
                lane += match (rows, some.len()) {
                    (TILE, TILE..) => tile_of::<TILE, TILE, F>(&tile, some, excess, at, each),
                    (TILE, 2..) => tile_of::<TILE, 2, F>(&tile, some, excess, at, each),
                    (TILE, _) => tile_of::<TILE, 1, F>(&tile, some, excess, at, each),
                    (_, TILE..) => {
                        for one in &tile[..rows] {
                            tile_of::<1, TILE, F>(&[*one], some, excess, at, each);
                        }
                        TILE
                    }
                    _ => {
                        for one in &tile[..rows] {
                            tile_of::<1, 1, F>(&[*one], some, excess, at, each);
                        }
                        1
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
        // SAFETY: the mask leaves out what is behind the slice.
        let x = unsafe { _mm512_maskz_loadu_epi8(mask, x.as_ptr()) };
        sums = _mm512_dpbusd_epi32(sums, ones, x);
    }
    128 * _mm512_reduce_add_epi32(sums)
}

/// The sums of `B` blocks with the first `L` lanes; returns `L`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn tile_of<const B: usize, const L: usize, F: FnMut(&[Line], usize, usize, __m512i)>(
    blocks: &[(usize, &[Line]); B],
    x: &[&[i8]],
    excess: &[i32],
    at: usize,
    each: &mut F,
) -> usize {
    let (Some(x), Some(excess)) = (x.first_chunk::<L>(), excess.first_chunk::<L>()) else {
        return L;
    };
    let len = x[0].len();
    let mut sums = [[_mm512_setzero_si512(); L]; B];
    let mut add = |group: usize, x: [i32; L]| {
        let x = x.map(|x| _mm512_set1_epi32(x));
        for (sums, (_, block)) in sums.iter_mut().zip(blocks) {
            // SAFETY: a block has a line for each group of columns.
            let line = unsafe { block.get_unchecked(PARAMETERS + group) };
            let weights = load(line);
            for (sum, &x) in sums.iter_mut().zip(&x) {
                *sum = _mm512_dpbusd_epi32(*sum, weights, x);
            }
        }
    };
    let whole = len / GROUP_COLUMNS;
    for group in 0..whole {
        // SAFETY: all lanes are `len` long.
        add(
            group,
            x.map(|x| unsafe {
                x.as_ptr().add(GROUP_COLUMNS * group).cast::<i32>().read_unaligned()
            }),
        );
    }
    if len % GROUP_COLUMNS != 0 {
        add(
            whole,
            x.map(|x| {
                let mut last = [0; GROUP_COLUMNS];
                let rest = x[GROUP_COLUMNS * whole..].iter();
                last.iter_mut().zip(rest).for_each(|(last, &x)| *last = x as u8);
                i32::from_le_bytes(last)
            }),
        );
    }
    for (sums, (b, block)) in sums.iter().zip(blocks) {
        for (lane, (&sums, &excess)) in (at..).zip(sums.iter().zip(excess)) {
            each(block, *b, lane, _mm512_sub_epi32(sums, _mm512_set1_epi32(excess)));
        }
    }
    L
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &Line) -> __m512i {
    // SAFETY: a line is 64 bytes, aligned.
    unsafe { _mm512_load_si512(core::ptr::from_ref(line).cast()) }
}

/// Sums to outputs, as the parameters of `Packed` have it.
#[inline]
#[target_feature(enable = "avx512f")]
fn requantise(block: &[Line], sums: __m512i) -> __m512i {
    let [bias, before, multiplier, after, ..] = block else { return sums };
    let sums = _mm512_sllv_epi32(_mm512_add_epi32(sums, load(bias)), load(before));
    let multiplier = load(multiplier);
    let even = _mm512_srli_epi64::<32>(_mm512_mul_epi32(sums, multiplier));
    let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(sums), _mm512_srli_epi64::<32>(multiplier));
    let high = _mm512_mask_blend_epi32(0xaaaa, even, odd);
    let after = load(after);
    let one = _mm512_set1_epi32(1);
    let half = _mm512_sllv_epi32(one, _mm512_sub_epi32(after, one));
    _mm512_srav_epi32(_mm512_add_epi32(high, half), after)
}

/// [`Axis::weigh`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn filter_row(axis: &Axis, row: usize, weights: &mut [i8]) -> u32 {
    let mu = _mm512_set1_epi32(axis.mu(row));
    let gamma = _mm512_set1_epi32(axis.inverse_gamma());
    let scale = _mm512_set1_epi32(axis.scale(row, weights.len()) as i32);
    let mut pixels = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let mut sum = _mm512_setzero_si512();
    for weights in weights.chunks_mut(16) {
        let mask = first(weights.len());
        let distance = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_slli_epi32::<8>(pixels), mu));
        let t = _mm512_add_epi32(_mm512_mullo_epi32(distance, gamma), _mm512_set1_epi32(1 << 13));
        let near = _mm512_srai_epi32::<14>(t);
        let far = _mm512_min_epi32(_mm512_srli_epi32::<6>(near), _mm512_set1_epi32(255));
        let far = _mm512_add_epi32(far, _mm512_set1_epi32(index_of_far()));
        let is_far = _mm512_cmpgt_epi32_mask(near, _mm512_set1_epi32(1023));
        let index = _mm512_mask_blend_epi32(is_far, near, far);
        // SAFETY: the index is below 1280, and the table has two entries more than that, so that
        // 32 bits can be read at each.
        let kernel = unsafe { _mm512_i32gather_epi32::<2>(index, KERNEL.as_ptr().cast()) };
        let kernel = _mm512_and_si512(kernel, _mm512_set1_epi32(0xffff));
        let scaled =
            _mm512_add_epi32(_mm512_mullo_epi32(kernel, scale), _mm512_set1_epi32(1 << 15));
        let scaled = _mm512_srli_epi32::<16>(scaled);
        sum = _mm512_mask_add_epi32(sum, mask, sum, scaled);
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe {
            _mm_mask_storeu_epi8(weights.as_mut_ptr(), mask, _mm512_cvtepi32_epi8(scaled));
        }
        pixels = _mm512_add_epi32(pixels, _mm512_set1_epi32(16));
    }
    _mm512_reduce_add_epi32(sum) as u32
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn blend(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len().max(1);
    let (lines, width) = (filter.weights.len() / outputs, output.len() / outputs);
    if lines == 0 || width == 0 {
        return;
    }
    if width == 1 {
        return dots(filter, input, output);
    }
    let mut column = 0;
    while column < width {
        let columns = (width - column).min(32);
        for first in (0..outputs).step_by(TILE) {
            let rows = (outputs - first).min(TILE);
            blend_columns(filter, input, output, [lines, width], [column, columns], [first, rows]);
        }
        column += columns;
    }
}

/// Blends up to 32 columns of all lines to up to four outputs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn blend_columns(
    filter: &Filter<'_>,
    input: &[i8],
    output: &mut [i8],
    [lines, width]: [usize; 2],
    [column, columns]: [usize; 2],
    [first, rows]: [usize; 2],
) {
    let mask = u32::MAX >> (32 - columns);
    let mut sums = [[_mm256_setzero_si256(); 4]; TILE];
    for line in (0..lines).step_by(4) {
        let some = (lines - line).min(4);
        let mut weights = [0; TILE];
        for (r, weights) in weights.iter_mut().enumerate().take(rows) {
            let mut four = [0; 4];
            let row = &filter.weights[(first + r) * lines + line..][..some];
            four.iter_mut().zip(row).for_each(|(to, &weight)| *to = weight as u8);
            *weights = i32::from_le_bytes(four);
        }
        if weights == [0; TILE] {
            continue; // most of a narrow filter
        }
        let mut loaded = [_mm256_setzero_si256(); 4];
        for (l, loaded) in loaded.iter_mut().enumerate().take(some) {
            let values = &input[(line + l) * width + column..][..columns];
            // SAFETY: the mask leaves out what is behind the slice.
            *loaded = unsafe { _mm256_maskz_loadu_epi8(mask, values.as_ptr()) };
        }
        // Four lines of a column side by side; `packs` brings the columns back into order.
        let [a, b, c, d] = loaded;
        let low = [_mm256_unpacklo_epi8(a, b), _mm256_unpacklo_epi8(c, d)];
        let high = [_mm256_unpackhi_epi8(a, b), _mm256_unpackhi_epi8(c, d)];
        let values = [
            _mm256_unpacklo_epi16(low[0], low[1]),
            _mm256_unpackhi_epi16(low[0], low[1]),
            _mm256_unpacklo_epi16(high[0], high[1]),
            _mm256_unpackhi_epi16(high[0], high[1]),
        ];
        for (sums, weights) in sums.iter_mut().zip(weights) {
            let weights = _mm256_set1_epi32(weights);
            for (sum, &values) in sums.iter_mut().zip(&values) {
                *sum = _mm256_dpbusd_epi32(*sum, values, weights);
            }
        }
    }
    let shift = _mm256_set1_epi32(filter.shift as i32);
    let half = _mm256_set1_epi32(1 << (filter.shift - 1));
    for (r, sums) in (first..).zip(&sums).take(rows) {
        let factor = _mm256_set1_epi32(filter.factors[r]);
        let mut scaled = [_mm256_setzero_si256(); 4];
        for (scaled, &sum) in scaled.iter_mut().zip(sums) {
            let product = _mm256_add_epi32(_mm256_mullo_epi32(sum, factor), half);
            *scaled = _mm256_srav_epi32(product, shift);
        }
        let low = _mm256_packs_epi32(scaled[0], scaled[1]);
        let high = _mm256_packs_epi32(scaled[2], scaled[3]);
        // Saturates at 127; no value is negative.
        let values = _mm256_packs_epi16(low, high);
        let out = &mut output[r * width + column..][..columns];
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe { _mm256_mask_storeu_epi8(out.as_mut_ptr(), mask, values) };
    }
}

/// Blends lines of one number each: a dot product for each output.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn dots(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let lines = input.len();
    let half = 1 << (filter.shift - 1);
    let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
    for ((weights, factor), output) in rows.zip(output) {
        let mut sums = _mm256_setzero_si256();
        for (weights, values) in weights.chunks(32).zip(input.chunks(32)) {
            let mask = u32::MAX >> (32 - weights.len());
            // SAFETY: the mask leaves out what is behind the slices, which are equally long.
            let (weights, values) = unsafe {
                let weights = _mm256_maskz_loadu_epi8(mask, weights.as_ptr());
                (weights, _mm256_maskz_loadu_epi8(mask, values.as_ptr()))
            };
            sums = _mm256_dpbusd_epi32(sums, values, weights);
        }
        let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b01_00_11_10>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b10_11_00_01>(sums));
        let sum = _mm_cvtsi128_si32(sums);
        *output = ((sum * factor + half) >> filter.shift).min(127) as i8;
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn lstm_cell(sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    let gate = |g: usize| &sums[g * hidden..][..hidden];
    let gates = [0, 1, 2, 3].map(gate);
    let units = cell.chunks_mut(32).zip(state.chunks_mut(32));
    for (k, (cell, state)) in units.enumerate() {
        let mask = u32::MAX >> (32 - cell.len());
        // SAFETY: the mask leaves out what is behind the slices; each gate is as long as the cell.
        let ([i, f, u, o], c) = unsafe {
            let mut sums = [_mm512_setzero_si512(); 4];
            for (sums, gate) in sums.iter_mut().zip(gates) {
                *sums = _mm512_maskz_loadu_epi16(mask, gate.as_ptr().add(32 * k));
            }
            (sums, _mm512_maskz_loadu_epi16(mask, cell.as_ptr()))
        };
        let (i, f, o) = (at(&SIGMOID, i), at(&SIGMOID, f), at(&SIGMOID, o));
        let u = at(&TANH, u);
        // f * c + (i * u >> 4), rounded: halves of a vector at a time, which `packs` joins again.
        let half = _mm512_set1_epi32(1 << 14);
        let next = |[fc, iu]: [__m512i; 2]| {
            let sum = _mm512_add_epi32(fc, _mm512_srai_epi32::<4>(iu));
            _mm512_srai_epi32::<15>(_mm512_add_epi32(sum, half))
        };
        let ([fc_low, fc_high], [iu_low, iu_high]) = (products(f, c), products(i, u));
        let c = _mm512_packs_epi32(next([fc_low, iu_low]), next([fc_high, iu_high]));
        let squashed = at(&TANH, _mm512_adds_epi16(c, c));
        let half = _mm512_set1_epi32(1 << 22);
        let round = |h| _mm512_srai_epi32::<23>(_mm512_add_epi32(h, half));
        let [low, high] = products(o, squashed);
        let h = _mm512_packs_epi32(round(low), round(high));
        let h =
            _mm512_max_epi16(_mm512_min_epi16(h, _mm512_set1_epi16(127)), _mm512_set1_epi16(-127));
        // SAFETY: as above; the state is as long as the cell.
        unsafe {
            _mm512_mask_storeu_epi16(cell.as_mut_ptr(), mask, c);
            _mm256_mask_storeu_epi8(state.as_mut_ptr(), mask, _mm512_cvtepi16_epi8(h));
        }
    }
}

/// The products of numbers of 16 bits, in the order of `unpack`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn products(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let (low, high) = (_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
    [_mm512_unpacklo_epi16(low, high), _mm512_unpackhi_epi16(low, high)]
}

/// An activation function of 32 numbers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn at(lut: &Lut, x: __m512i) -> __m512i {
    let entry = _mm512_srli_epi16::<8>(_mm512_xor_si512(x, _mm512_set1_epi16(i16::MIN)));
    // `(difference * between + 128) >> 8`, as a rounded high half.
    let between = _mm512_slli_epi16::<7>(_mm512_and_si512(x, _mm512_set1_epi16(255)));
    let difference = entries(&lut.difference, entry);
    _mm512_add_epi16(entries(&lut.low, entry), _mm512_mulhrs_epi16(difference, between))
}

/// Entries of a table of 256, which eight vectors hold.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn entries(table: &[Line; 8], entry: __m512i) -> __m512i {
    let two = |k: usize| _mm512_permutex2var_epi16(load(&table[k]), entry, load(&table[k + 1]));
    let odd = _mm512_test_epi16_mask(entry, _mm512_set1_epi16(64));
    let upper = _mm512_test_epi16_mask(entry, _mm512_set1_epi16(128));
    let low = _mm512_mask_blend_epi16(odd, two(0), two(2));
    let high = _mm512_mask_blend_epi16(odd, two(4), two(6));
    _mm512_mask_blend_epi16(upper, low, high)
}
