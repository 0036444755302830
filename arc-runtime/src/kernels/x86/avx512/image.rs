//! The 3x3 convolution of a map of one channel, such as an image: its nine inputs are joined in registers.
//!
//! The tile is 16 rows (output channels) x 1 pixel, with one accumulator. Nine inputs are three groups of four columns,
//! the last filled up with zeros:
//!
//! ```text
//! window       a0 a1 a2      inputs, the same in every pixel      weights of the block, a pixel for each row
//!              b0 b1 b2      [0]  a0 a1 a2 b0                    line 4   w[0][0..4]  | w[1][0..4]  | ...
//!              c0 c1 c2      [1]  b1 b2 c0 c1                    line 5   w[0][4..8]  | ...
//!                            [2]  c2  0  0  0                    line 6   w[0][8], 0  | ...
//! ```

use core::arch::x86_64::*;

use crate::kernels::generic::windows::Band;
use crate::kernels::x86::avx512::load;
use crate::kernels::x86::avx512::matrix::{Scale, store};
use crate::layers::{BLOCK_ROWS, Convolution, Line, Packed};
use crate::slices::lenient::behind;

/// The convolution of neighboring pixels, all channels.
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

/// The outputs of one block of sixteen channels, pixel by pixel.
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
    // The inputs are the unsigned factor, so that the weights are made signed again.
    let sign = _mm512_set1_epi8(i8::MIN);
    let weights = [load(a), load(b), load(c)];
    // A fourth pixel is read and masked out; behind a line of the band there are zeros for it.
    let line = |k| behind(band.numbers, k * band.line).windows(4).step_by(band.step.max(1));
    let windows = line(0).zip(line(1)).zip(line(2)).enumerate();
    for (pixel, ((a, b), c)) in windows.take(output.len() / convolution.outputs().max(1)) {
        let [a, b, c] = [three(a), three(b), three(c)];
        let inputs = [a | b << 24, b >> 8 | c << 16, c >> 16];
        let mut sums = _mm512_setzero_si512();
        for (inputs, weights) in inputs.into_iter().zip(weights) {
            let weights = _mm512_xor_si512(weights, sign);
            sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi32(inputs as i32), weights);
        }
        store(convolution, output, &scale, [row, pixel], sums);
    }
}

/// The first three numbers, one byte each.
#[inline]
fn three(numbers: &[i8]) -> u32 {
    let four = numbers.first_chunk().copied().unwrap_or([0; 4]);
    u32::from_le_bytes(four.map(|number| number as u8)) & 0xff_ffff
}
