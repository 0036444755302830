//! The weights and scales of every layer: their lengths, and the range of each row's numbers.

use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::{Body, Conv, Linear};
use arc_runtime::format::{LoadError, Part};

use super::model::{
    Choice, context, convolution, layered, load, pair, residual, unlike, ways, zeros,
};

/// A layer's weights and scales.
type Arrays = for<'a> fn(&'a mut Body<'static>) -> [&'a mut &'static [u8]; 2];

/// A layer of a model: where its arrays are, and what bounds its sums.
struct Rows {
    part: Part,
    choice: Choice,
    arrays: Arrays,
    /// Inputs and rows, as [`layered`] has them.
    size: [u32; 2],
    /// The greatest magnitude of a bias.
    limit: u32,
}

/// i8 inputs: |sum| stays below 2^25.
const fn narrow(inputs: u32) -> u32 {
    (1 << 25) - 1 - 128 * 127 * inputs
}

/// The layers of all models, each once.
fn layers() -> [Rows; 12] {
    fn conv<'a>(conv: &'a mut Conv<'static>) -> [&'a mut &'static [u8]; 2] {
        [&mut conv.weights, &mut conv.scales]
    }
    fn linear<'a>(linear: &'a mut Linear<'static>) -> [&'a mut &'static [u8]; 2] {
        [&mut linear.weights, &mut linear.scales]
    }
    let of = |choice, part, size, limit, arrays: Arrays| Rows { part, choice, arrays, size, limit };
    let (by_pair, by_context, by_ways) = (Choice::Pair(9), Choice::Context(4), Choice::Ways(4));
    let (gates, read) = (2 * 2 * 7 + 6, 6 + 4);
    // i16 inputs: |sum| stays below 2^31.
    let wide = (1 << 31) - 1 - 128 * 32_767 * 9;
    // What a block holds for its sum takes its share.
    let second = narrow(9 * 5) - 127 * 32_768;
    [
        of(by_pair, Part::Convolution(0), [9, 3], narrow(9), |body| conv(convolution(body, 0))),
        of(by_pair, Part::BlockFirst(1), [9 * 3, 5], narrow(9 * 3), |body| {
            conv(&mut residual(body, 1).first)
        }),
        of(by_pair, Part::BlockShortcut(1), [3, 7], narrow(3), |body| conv(convolution(body, 1))),
        of(by_pair, Part::BlockSecond(1), [9 * 5, 7], second, |body| {
            conv(&mut residual(body, 1).second)
        }),
        of(by_pair, Part::Controller, [gates, 24], narrow(gates), |body| {
            linear(&mut body.controller.gates)
        }),
        of(by_pair, Part::Gaze, [6, 3], narrow(6), |body| linear(&mut body.gaze)),
        of(by_pair, Part::HeadHidden, [6, 9], narrow(6), |body| linear(&mut pair(body).hidden)),
        of(by_pair, Part::HeadLogit, [9, 1], wide, |body| linear(&mut pair(body).logit)),
        of(by_context, Part::ContextForward, [read, 16], narrow(read), |body| {
            linear(&mut context(body).forward.gates)
        }),
        of(by_context, Part::ContextBackward, [read, 16], narrow(read), |body| {
            linear(&mut context(body).backward.gates)
        }),
        of(by_context, Part::ContextScore, [8, 1], narrow(8), |body| {
            linear(&mut context(body).score)
        }),
        of(by_ways, Part::Ways, [6, 4], narrow(6), |body| linear(ways(body))),
    ]
}

impl Rows {
    /// Loads a model with other arrays in this layer.
    fn load(&self, change: impl FnOnce([&mut &'static [u8]; 2])) -> Result<(), LoadError> {
        let mut body = layered(self.choice).body();
        change((self.arrays)(&mut body));
        load(&body)
    }

    /// Loads a model with another scale in one row of this layer.
    fn load_scale(&self, row: u16, scale: [u8; 8]) -> Result<(), LoadError> {
        self.load(|[_, scales]| {
            let mut all = scales.to_vec();
            all.as_chunks_mut().0[usize::from(row)] = scale;
            *scales = all.leak();
        })
    }

    fn ends(&self) -> [u16; 2] {
        [0, self.size[1] as u16 - 1]
    }
}

#[test]
fn arrays_are_as_long_as_the_sizes_ask_for() {
    for layer in layers() {
        let [inputs, rows] = layer.size;
        let (part, weights, scales) = (layer.part, inputs * rows, 8 * rows);
        assert_eq!(layer.load(|[w, s]| (*w, *s) = (zeros(weights), *s)), Ok(()), "{part}");
        for found in [0, weights - 1, weights + 1] {
            let error = unlike(part, "the length of the weights", found, weights);
            assert_eq!(layer.load(|[weights, _]| *weights = zeros(found)), Err(error));
        }
        for found in [0, scales - 8, scales - 1, scales + 1, scales + 8] {
            let error = unlike(part, "the length of the scales", found, scales);
            let change = |[_, scales]: [&mut &'static [u8]; 2]| {
                let all = scales.iter().chain([&0; 8]).copied();
                *scales = all.take(found as usize).collect::<Vec<_>>().leak();
            };
            assert_eq!(layer.load(change), Err(error));
        }
    }
}

#[test]
fn multipliers_and_shifts_lie_within_their_ranges() {
    const LEAST: i16 = 1 << 14;
    let scale = |multiplier, shift| RowScale { bias: 0, multiplier, shift }.to_bytes();
    for layer in layers() {
        for row in layer.ends() {
            let error = LoadError::Scale { part: layer.part, row };
            for (multiplier, shift) in [(LEAST, 11), (LEAST, 46), (i16::MAX, 11), (i16::MAX, 46)] {
                assert_eq!(layer.load_scale(row, scale(multiplier, shift)), Ok(()));
            }
            for multiplier in [LEAST - 1, 0, -1, -LEAST, i16::MIN] {
                assert_eq!(layer.load_scale(row, scale(multiplier, 11)), Err(error));
            }
            for shift in [0, 10, 47, u8::MAX] {
                assert_eq!(layer.load_scale(row, scale(LEAST, shift)), Err(error));
            }
            for reserved in [1, u8::MAX] {
                let mut bytes = scale(LEAST, 11);
                bytes[7] = reserved;
                assert_eq!(layer.load_scale(row, bytes), Err(error));
            }
        }
    }
}

#[test]
fn a_bias_leaves_room_for_the_greatest_sum() {
    let scale = |bias| RowScale { bias, multiplier: 1 << 14, shift: 20 }.to_bytes();
    for layer in layers() {
        let (part, limit, most) = (layer.part, layer.limit, layer.limit as i32);
        for row in layer.ends() {
            for bias in [most, -most] {
                assert_eq!(layer.load_scale(row, scale(bias)), Ok(()), "{part}: {bias}");
            }
            for found in [most + 1, -most - 1, i32::MAX, i32::MIN] {
                let error = LoadError::Bias { part, row, found, limit };
                assert_eq!(layer.load_scale(row, scale(found)), Err(error));
            }
        }
    }
}
