//! The convolution that sees an image, of one channel: its nine inputs are put together in registers.

use core::arch::x86_64::*;

use super::load;
use super::matrix::{Scale, put};
use crate::kernels::windows::Band;
use crate::model::{BLOCK_ROWS, Line, Packed};
use crate::parts::behind;
use crate::stages::Convolution;

/// A convolution of three by three pixels at neighbouring places.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn convolve(
    packed: Packed<'_>,
    convolution: &Convolution<'_>,
    band: &Band<'_>,
    output: &mut [i8],
) {
    for (b, block) in packed.blocks().enumerate() {
        convolve_block(block, BLOCK_ROWS * b, convolution, band, output);
    }
}

/// The outputs of a block.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn convolve_block(
    block: &[Line],
    row: usize,
    convolution: &Convolution<'_>,
    band: &Band<'_>,
    output: &mut [i8],
) {
    let (Some(scale), [_, _, _, _, weights @ ..]) = (Scale::of(block), block) else { return };
    let [a, b, c] = weights else { return };
    // As they are: the inputs take the place of what is unsigned.
    let sign = _mm512_set1_epi8(i8::MIN);
    let weights = [load(a), load(b), load(c)];
    // A fourth pixel is read and not taken: there is room behind a line.
    let line = |k| behind(band.numbers, k * band.line).windows(4).step_by(band.step.max(1));
    let places = line(0).zip(line(1)).zip(line(2)).enumerate();
    for (lane, ((a, b), c)) in places.take(output.len() / convolution.outputs().max(1)) {
        let [a, b, c] = [three(a), three(b), three(c)];
        let inputs = [a | b << 24, b >> 8 | c << 16, c >> 16];
        let mut sums = _mm512_setzero_si512();
        for (inputs, weights) in inputs.into_iter().zip(weights) {
            let weights = _mm512_xor_si512(weights, sign);
            sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi32(inputs as i32), weights);
        }
        put(convolution, output, &scale, [row, lane], sums);
    }
}

/// The first three numbers, one byte each.
#[inline]
fn three(numbers: &[i8]) -> u32 {
    let four = numbers.first_chunk().copied().unwrap_or([0; 4]);
    u32::from_le_bytes(four.map(|number| number as u8)) & 0xff_ffff
}
