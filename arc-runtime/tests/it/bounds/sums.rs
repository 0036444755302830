//! Sums next to the limit of an accumulator: the greatest bias that loads, under the greatest inputs
//! and weights, against 64 bits. In the debug profile an overflow would panic.

use arc_runtime::arithmetic::RowScale;
use arc_runtime::arithmetic::activation::TANH;
use arc_runtime::format::body::{self, Body, Conv, Layer, Linear, Lstm};
use arc_runtime::format::{BATCH, Part};
use arc_runtime::kernels::{Kernels, Native, Scalar};
use arc_runtime::layers::{Batch, Matrix};
use arc_runtime::network::PairHead;
use arc_runtime::{Comparator, Image, Model};

use super::model::{
    Choice, Field, Sizes, block, context, conv, convolution, linear, pair, residual, ways,
};

/// What every sum of a layer with i8 inputs stays within.
const MOST: i64 = (1 << 25) - 1;

/// The greatest bias that is accepted. It is looked for, so that a check that accepts too much
/// leads to a sum that is too great.
fn greatest(accepts: impl Fn(i32) -> bool) -> i32 {
    let (mut accepted, mut refused) = (0i64, 1i64 << 31);
    while refused - accepted > 1 {
        let middle = (accepted + refused) / 2;
        let bound = if accepts(middle as i32) { &mut accepted } else { &mut refused };
        *bound = middle;
    }
    accepted as i32
}

/// `sum * multiplier / 2^shift`, ties up.
fn requantized(sum: i64, multiplier: i16, shift: u8) -> i64 {
    (sum * i64::from(multiplier) + (1 << (shift - 1))) >> shift
}

fn scale(bias: i32, (multiplier, shift): (i16, u8)) -> [u8; 8] {
    RowScale { bias, multiplier, shift }.to_bytes()
}

/// Rows that are all alike.
fn rows(inputs: usize, outputs: usize, weight: i8, bias: i32, by: (i16, u8)) -> Linear<'static> {
    Linear {
        inputs: inputs as u16,
        outputs: outputs as u16,
        weights: vec![weight as u8; inputs * outputs].leak(),
        scales: scale(bias, by).repeat(outputs).leak(),
    }
}

/// The greatest bias of a row with i8 inputs.
fn greatest_of_row(inputs: usize) -> i32 {
    greatest(|bias| Matrix::new(Part::Ways, &rows(inputs, 1, 0, bias, (1 << 14, 20))).is_ok())
}

#[test]
fn a_row_sums_up_to_the_limit() {
    for inputs in [1, 9, 2063, 2064] {
        let most = greatest_of_row(inputs);
        for sign in [1, -1] {
            let (x, bias) = (vec![-127 * sign; inputs], most * i32::from(sign));
            let sum = i64::from(sign) * MOST;
            for (multiplier, shift) in
                [(1 << 14, 25), (i16::MAX, 26), (i16::MAX, 11), (1 << 14, 46)]
            {
                let linear = rows(inputs, 3, -128, bias, (multiplier, shift));
                let matrix = Matrix::new(Part::Ways, &linear).unwrap();
                let expected = requantized(sum, multiplier, shift).clamp(-32_768, 32_767) as i16;
                let mut outputs = [[0; 3]; 2];
                let [scalar, native] = &mut outputs;
                Scalar.linear(&matrix, Batch::one(&x), scalar);
                Native.linear(&matrix, Batch::one(&x), native);
                assert_eq!(outputs, [[expected; 3]; 2], "{inputs} inputs, shift {shift}");
            }
        }
    }
}

#[test]
fn the_logit_sums_up_to_the_limit() {
    for units in [1, 511, 512] {
        // Every hidden unit is 32767.
        let hidden = rows(1, units, 0, greatest_of_row(1), (i16::MAX, 11));
        let head = |weight, bias, by| {
            let logit = rows(units, 1, weight, bias, by);
            PairHead::new(&body::PairHead { hidden: hidden.clone(), logit }, 1)
        };
        let most = greatest(|bias| head(0, bias, (1 << 14, 20)).is_ok());
        for (weight, bias) in [(-128, -most), (127, most)] {
            let sum = i64::from(bias) + units as i64 * i64::from(weight) * 32_767;
            assert!(sum > -(1 << 31) && sum < 1 << 31);
            for (multiplier, shift) in [(i16::MAX, 11), (i16::MAX, 40)] {
                let expected = requantized(sum, multiplier, shift).clamp(-(1 << 30), 1 << 30);
                let head = head(weight, bias, (multiplier, shift)).unwrap();
                let score = head.score(&Scalar, &[0], &mut vec![0; units]);
                assert_eq!(i64::from(score.logit), expected, "{units} units, {weight}");
            }
        }
    }
}

/// A convolution all of whose outputs are `value`, whatever it sees.
fn constant(conv: &mut Conv<'static>, value: i32) {
    conv.scales = scale(value << 6, (1 << 14, 20)).repeat(conv.outputs.into()).leak();
}

/// The stem's features of any image are those of its last convolution, one channel: 3x3 over `inputs`
/// channels of 127, on top of `shortcut`.
fn assert_features(
    layers: &[Layer<'static>],
    last: Field<Conv<'static>>,
    [inputs, shortcut]: [i64; 2],
    [weight, sign]: [i8; 2],
) {
    const BY: (i16, u8) = (1 << 14, 33);
    let with = |bias| {
        let mut body = Sizes { stem: layers.to_vec(), ..Sizes::default() }.body();
        let conv = last(&mut body);
        conv.weights = vec![weight as u8; conv.weights.len()].leak();
        conv.scales = scale(bias, BY).to_vec().leak();
        body
    };
    let bias = i32::from(sign) * greatest(|bias| Model::from_body(&with(bias)).is_ok());
    let body = with(bias);
    let model = Model::from_body(&body).unwrap();
    let mut features = [0; 64];
    let words = vec![0; model.dimensions().workspace_words()];
    let mut comparator = Comparator::new(&model, words).unwrap();
    comparator.extract(&Image::new(8, &[127; 64]).unwrap(), &mut features).unwrap();

    let taps = |at| if at == 0 || at == 7 { 2 } else { 3 };
    for (at, &feature) in features.iter().enumerate() {
        let window = taps(at / 8) * taps(at % 8) * inputs * 127 * i64::from(weight);
        let sum = window + shortcut + i64::from(bias);
        assert!(sum.abs() <= MOST);
        let expected = requantized(sum, BY.0, BY.1).clamp(0, 127);
        assert_eq!(i64::from(feature), expected, "place {at}");
    }
}

#[test]
fn a_convolution_sums_up_to_the_limit() {
    let mut first = conv(3, 1, 229, 1);
    constant(&mut first, 127);
    let layers = [Layer::Conv(first), Layer::Conv(conv(3, 229, 1, 1))];
    for signs in [[127, 1], [-128, -1]] {
        assert_features(&layers, |body| convolution(body, 1), [229, 0], signs);
    }
}

#[test]
fn a_block_sums_up_to_the_limit() {
    for [weight, sign] in [[127, 1], [-128, -1]] {
        let mut block = block(1, 200, 1, 1);
        constant(&mut block.first, 127);
        // The shortcut times the residual gain is as great as it can be, and of the bias's sign.
        constant(block.shortcut.as_mut().unwrap(), -127 * i32::from(sign));
        block.gains = i16::MIN.to_le_bytes().to_vec().leak();
        let shortcut = 127 * 32_768 * i64::from(sign);
        let last: Field<Conv<'static>> = |body| &mut residual(body, 0).second;
        assert_features(&[Layer::Residual(block)], last, [200, shortcut], [weight, sign]);
    }
}

/// Units of the LSTMs below.
const UNITS: usize = 150;

/// An LSTM whose states all go to 127 or to -127, as `sign` says, and stay there.
fn saturating(seen: usize, sign: i8) -> Lstm<'static> {
    let inputs = seen + UNITS;
    let most = greatest_of_row(inputs);
    let by = (i16::MAX, 11);
    // The candidate has the sign of the states, the other gates are open.
    let open = rows(inputs, UNITS, 127 * sign, most, by);
    let candidate = rows(inputs, UNITS, 127, most * i32::from(sign), by);
    let gates = [&open, &open, &candidate, &open];
    let weights = gates.map(|gate| gate.weights).concat().leak();
    let scales = gates.map(|gate| gate.scales).concat().leak();
    let gates = Linear { weights, scales, ..linear(inputs as u32, 4 * UNITS as u32) };
    Lstm { hidden: UNITS as u16, gates }
}

/// Rows over states of 127 or -127 whose sums are as great as they can be, of the other sign.
fn extreme(inputs: usize, outputs: usize, sign: i8, by: (i16, u8)) -> Linear<'static> {
    rows(inputs, outputs, -128, -greatest_of_row(inputs) * i32::from(sign), by)
}

/// A model whose controller's states are 127 or -127 in the end.
fn extreme_body(choice: Choice, sign: i8) -> Body<'static> {
    let mut body = Sizes { hidden: UNITS as u32, choice, ..Sizes::default() }.body();
    body.glimpse.per_image = 4;
    body.controller = saturating(1, sign);
    body.gaze = extreme(UNITS, 3, sign, (1 << 14, 25));
    body
}

const SUPPORTS: usize = 12;

/// The logits of a blank image's ratings against as many supports.
fn logits(body: &Body<'_>, supports: usize) -> Vec<i64> {
    let model = Model::from_body(body).unwrap();
    let words = vec![0; model.dimensions().identify_words(supports, BATCH)];
    let mut comparator = Comparator::new(&model, words).unwrap();
    let mut logits = Vec::new();
    let blank: &[i8] = &[0; 64];
    let supports = std::iter::repeat_n(blank, supports);
    let each = |rating: arc_runtime::Rating| logits.push(rating.score.logit.into());
    comparator.identify_features(blank, supports, each).unwrap();
    logits
}

#[test]
fn a_comparison_runs_at_the_limit() {
    for sign in [1, -1] {
        let mut body = extreme_body(Choice::Pair(512), sign);
        // The hidden units are 32767 of a sum that is the greatest, or 0 of the least.
        let hidden = extreme(UNITS, 512, sign, (i16::MAX, 11));
        let head = |bias| {
            let logit = rows(512, 1, 127, bias, (i16::MAX, 30));
            body::PairHead { hidden: hidden.clone(), logit }
        };
        let most = greatest(|bias| PairHead::new(&head(bias), UNITS).is_ok());
        *pair(&mut body) = head(most);

        let model = Model::from_body(&body).unwrap();
        let words = vec![0; model.dimensions().workspace_words()];
        let mut comparator = Comparator::new(&model, words).unwrap();
        let blank = Image::new(8, &[0; 64]).unwrap();
        let mut steps = Vec::new();
        let score = comparator.compare_traced(&blank, &blank, |step| {
            steps.push((step.gaze, step.state.to_vec()));
        });
        let [.., (_, before), (gaze, last)] = steps.as_slice() else { panic!("eight steps") };
        let state = 127 * sign;
        assert_eq!((before, last), (&vec![state; UNITS], &vec![state; UNITS]));
        let sum = -MOST * i64::from(sign);
        let v = TANH.at(requantized(sum, 1 << 14, 25).clamp(-32_768, 32_767) as i16);
        assert_eq!([gaze.y, gaze.x, gaze.d], [v; 3]);
        let hidden = if sum > 0 { 32_767 } else { 0 };
        let logit = requantized(512 * 127 * hidden + i64::from(most), i16::MAX, 30);
        assert_eq!(i64::from(score.unwrap().logit), logit);
    }
}

#[test]
fn n_ways_are_scored_at_the_limit() {
    for sign in [1, -1] {
        let mut body = extreme_body(Choice::Ways(3), sign);
        *ways(&mut body) = extreme(UNITS, 3, sign, (i16::MAX, 11));
        let expected = requantized(-MOST * i64::from(sign), i16::MAX, 11);
        assert_eq!(logits(&body, 3), [expected; 3]);
    }
}

#[test]
fn a_context_corrects_at_the_limit() {
    for sign in [1, -1] {
        let mut body = Sizes { choice: Choice::Context(UNITS as u32), ..Sizes::default() }.body();
        let head = context(&mut body);
        // The pairs' embeddings are zero.
        (head.forward, head.backward) = (saturating(2, sign), saturating(2, sign));
        head.score = extreme(2 * UNITS, 1, sign, (i16::MAX, 11));
        let expected = requantized(-MOST * i64::from(sign), i16::MAX, 11);
        let logits = logits(&body, SUPPORTS);
        // In the middle both directions have seen pairs enough.
        assert_eq!(logits[5..7], [expected; 2]);
    }
}
