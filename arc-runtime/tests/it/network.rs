//! Each stage alone, against `ARITHMETIC.md` written out in 64 bits.

use crate::common::{CONVOLUTIONAL, FULL, ODD, RAW, RESIDUAL, Random};
use arc_runtime::Model;
use arc_runtime::arithmetic::RowScale;
use arc_runtime::arithmetic::activation::TANH;
use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::body::Decision;
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::layers::ConvolutionKind;
use arc_runtime::network::{Gaze, LstmState};

#[test]
fn a_stem_is_its_convolutions_one_after_the_other() {
    for recipe in [RAW, ODD, CONVOLUTIONAL, RESIDUAL, FULL] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let stem = &model.network().stem;
        let (mut expected, mut inner) = (recipe.pixels(1), Vec::new());
        for convolution in stem.convolutions() {
            let second = matches!(convolution.kind(), ConvolutionKind::BlockSecond(_));
            assert_eq!(convolution.adds_residual(), second);
            let input = if second { &inner } else { &expected };
            assert_eq!(convolution.input_bytes(), input.len());
            let mut output = vec![0; convolution.output_bytes()];
            match convolution.kind() {
                ConvolutionKind::BlockSecond(_) => {
                    Scalar.convolve(convolution, &inner, &mut expected);
                    continue;
                }
                _ => Scalar.convolve(convolution, &expected, &mut output),
            }
            match convolution.kind() {
                ConvolutionKind::BlockFirst => inner = output,
                _ => expected = output,
            }
        }
        // No more space than declared, and more: no two maps meet.
        for extra in [0, 1, 999] {
            let mut space = vec![99; stem.map_bytes() + extra];
            stem.extract(&Scalar, &recipe.pixels(1), &mut space);
            if !stem.convolutions().is_empty() {
                assert_eq!(space[..expected.len()], expected);
            }
        }
        assert!(expected.iter().filter(|&&value| value > 0).count() > expected.len() / 10);
    }
}

fn round_shift(x: i64, shift: u32) -> i64 {
    (x + (1 << (shift - 1))) >> shift
}

#[test]
fn a_glimpse_is_two_filters_applied_in_turn() {
    let mut random = Random(1);
    for recipe in [RAW, CONVOLUTIONAL, ODD] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let dimensions = model.dimensions();
        let (s, n, c) = (dimensions.feature_side, dimensions.glimpse_side, dimensions.channels);
        let gain = recipe.with_body(|body| i64::from(body.glimpse.gain));
        for _ in 0..200 {
            let [y, x, d] = [0; 3].map(|_| random.next() as i16);
            let features = random.signed(dimensions.feature_bytes());
            let at = |a: usize, b: usize, k: usize| i64::from(features[(a * s + b) * c + k]);
            let row = |v, i| {
                let mut weights = vec![0; s];
                let sum = Axis::new(s, n, v, d).row_weights(i, &mut weights);
                let weights: Vec<_> = weights.into_iter().map(i64::from).collect();
                (weights, i64::from(sum))
            };
            let mut expected = Vec::new();
            for i in 0..n {
                let (wy, sum_y) = row(y, i);
                let line = |b: usize, k: usize| {
                    let sum: i64 = (0..s).map(|a| wy[a] * at(a, b, k)).sum();
                    round_shift(sum * ((1 << 22) / sum_y), 22).clamp(-127, 127)
                };
                for j in 0..n {
                    let (wx, sum_x) = row(x, j);
                    for k in 0..c {
                        let sum: i64 = (0..s).map(|b| wx[b] * line(b, k)).sum();
                        let value = round_shift(sum * (gain / sum_x), 20);
                        expected.push(value.clamp(-127, 127) as i8);
                    }
                }
            }
            let mut glimpse = vec![0; dimensions.glimpse_len()];
            let mut scratch = vec![0; dimensions.glimpse_scratch_bytes()];
            let gaze = Gaze { y, x, d };
            model.network().sensor.glimpse(&Scalar, gaze, &features, &mut scratch, &mut glimpse);
            assert_eq!(glimpse, expected, "{gaze:?}");
        }
    }
}

#[test]
fn a_blank_memory_is_one_of_zeros() {
    let mut random = Random(2);
    let file = FULL.file();
    let model = Model::load(&file).unwrap();
    let dimensions = model.dimensions();
    let glimpse = random.signed(dimensions.glimpse_len());
    let step = |touch: bool| {
        let mut input = vec![1; dimensions.glimpse_len() + dimensions.hidden];
        let mut cell = vec![1; dimensions.hidden];
        let mut sums = vec![1; dimensions.preactivation_len()];
        let mut memory = LstmState::new(dimensions.hidden, &mut input, &mut cell);
        if touch {
            memory.state_mut(0).fill(0); // no longer known to be blank
        }
        let gaze = model.network().controller.gazes(&Scalar, &memory, 1, &mut sums).next().unwrap();
        memory.input_mut(0).copy_from_slice(&glimpse);
        model.network().controller.step(&Scalar, &mut memory, 1, &mut sums);
        (gaze, memory.state(0).to_vec(), memory.cell(0).to_vec())
    };
    let blank = step(false);
    assert_eq!(blank, step(true));
    assert!(blank.1.iter().any(|&h| h != 0));
}

#[test]
fn each_lane_of_a_memory_has_its_own_place() {
    let (hidden, seen, pairs) = (3, 5, 4);
    let (mut input, mut cell) = (vec![9; pairs * (seen + hidden)], vec![9; pairs * hidden]);
    let mut memory = LstmState::new(hidden, &mut input, &mut cell);
    for pair in 0..pairs {
        memory.input_mut(pair).fill(10 + pair as i8);
        memory.state_mut(pair).fill(20 + pair as i8);
        memory.cell_mut(pair).fill(30 + pair as i16);
    }
    for pair in 0..pairs {
        assert_eq!(memory.input(pair), [10 + pair as i8; 5]);
        assert_eq!(memory.state(pair), [20 + pair as i8; 3]);
        assert_eq!(memory.cell(pair), [30 + pair as i16; 3]);
    }
}

#[test]
fn place_and_score_are_linear_layers_and_their_functions() {
    let mut random = Random(3);
    for recipe in [RAW, FULL] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let dimensions = model.dimensions();
        let state = random.signed(dimensions.hidden);
        let layer = |weights: &[u8], scales: &[u8], x: &[i64]| {
            let rows = weights.chunks(x.len()).zip(scales.chunks(8));
            let outputs = rows.map(|(weights, scale)| {
                let scale = RowScale::from_bytes(scale.try_into().unwrap()).unwrap();
                let products = weights.iter().zip(x).map(|(&w, x)| i64::from(w as i8) * x);
                let sum = i64::from(scale.bias) + products.sum::<i64>();
                round_shift(sum * i64::from(scale.multiplier), scale.shift.into())
            });
            outputs.collect::<Vec<_>>()
        };
        let x: Vec<_> = state.iter().map(|&h| i64::from(h)).collect();
        let sat16 = |v: &i64| (*v).clamp(-32_768, 32_767);
        recipe.with_body(|body| {
            let sums = layer(body.gaze.weights, body.gaze.scales, &x);
            let [y, x_, d] = [0, 1, 2].map(|k: usize| TANH.at(sat16(&sums[k]) as i16));
            let mut input = vec![0; dimensions.glimpse_len() + dimensions.hidden];
            let mut cell = vec![0; dimensions.hidden];
            let mut memory = LstmState::new(dimensions.hidden, &mut input, &mut cell);
            memory.state_mut(0).copy_from_slice(&state);
            let mut places = [0; 3];
            let mut places = model.network().controller.gazes(&Scalar, &memory, 1, &mut places);
            assert_eq!(places.next(), Some(Gaze { y, x: x_, d }));
            assert_eq!(places.next(), None);

            let Decision::Pair(head) = &body.decision else { panic!("a pair head") };
            let hidden = layer(head.hidden.weights, head.hidden.scales, &x);
            let hidden: Vec<_> = hidden.iter().map(|h| sat16(h).max(0)).collect();
            let logit = layer(head.logit.weights, head.logit.scales, &hidden)[0];
            let mut room = vec![0; dimensions.head_hidden];
            let score = model.network().decision.pair().unwrap().score(&Scalar, &state, &mut room);
            assert_eq!(i64::from(score.logit), logit.clamp(-(1 << 30), 1 << 30));
        });
    }
}
