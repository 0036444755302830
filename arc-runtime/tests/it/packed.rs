//! Weights packed for wide vectors, read in the memory that they are packed into.

use crate::common::{CONTEXT, RAW, RESIDUAL, Recipe};
use arc_runtime::Model;
use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::{Body, Decision, Layer};
use arc_runtime::layers::{Line, PackError};

/// What a line holds where nothing is packed.
const UNTOUCHED: Line = Line([0xa5; 64]);

/// The weights and scales of each matrix that kernels multiply with, in order.
fn matrices<'a>(body: &Body<'a>) -> Vec<(&'a [u8], &'a [u8])> {
    let mut all = Vec::new();
    for conv in body.stem.iter().flat_map(Layer::convolutions) {
        all.push((conv.weights, conv.scales));
    }
    let mut linears = vec![&body.controller.gates, &body.gaze];
    match &body.decision {
        Decision::Pair(head) => linears.push(&head.hidden),
        Decision::Context(head) => {
            linears.extend([&head.pair.hidden, &head.forward.gates, &head.backward.gates]);
        }
        Decision::Ways(_) => {}
    }
    all.extend(linears.into_iter().map(|linear| (linear.weights, linear.scales)));
    all
}

fn numbers(line: &Line) -> [i32; 16] {
    let (words, _) = line.0.as_chunks();
    std::array::from_fn(|lane| i32::from_ne_bytes(words[lane]))
}

/// Checks a matrix against its blocks at the front of `lines`; the lines behind them.
fn assert_packed<'l>(weights: &[u8], scales: &[u8], mut lines: &'l [Line]) -> &'l [Line] {
    let (scales, _) = scales.as_chunks::<8>();
    let inputs = weights.len() / scales.len();
    for (block, scales) in scales.chunks(16).enumerate() {
        let (parameters, rest) = lines.split_at(4);
        let (groups, rest) = rest.split_at(inputs.div_ceil(4));
        lines = rest;
        let [bias, before, multiplier, after] =
            [0, 1, 2, 3].map(|k: usize| numbers(&parameters[k]));
        for lane in 0..16 {
            let scale = scales.get(lane).map(|&bytes| RowScale::from_bytes(bytes).unwrap());
            for column in 0..groups.len() * 4 {
                let there = scale.is_some() && column < inputs;
                let weight = || weights[(block * 16 + lane) * inputs + column] as i8;
                let expected = if there { (i32::from(weight()) + 128) as u8 } else { 0 };
                assert_eq!(groups[column / 4].0[lane * 4 + column % 4], expected);
            }
            let Some(scale) = scale else { continue };
            assert_eq!(bias[lane], scale.bias);
            // What a kernel makes of them: the high word of a product of 32 bits, then a rounding.
            for sum in [0, 1, -1, 77, -4321, 1_234_567, (1 << 25) - 1, 1 - (1 << 25)] {
                let gained = sum << before[lane];
                assert_eq!(gained >> before[lane], sum, "no bit is lost");
                let high = (i64::from(gained) * i64::from(multiplier[lane])) >> 32;
                let result = (high + (1 << (after[lane] - 1))) >> after[lane];
                assert_eq!(result, scale.requantize_wide(sum), "{scale:?}, {sum}");
            }
        }
    }
    lines
}

fn assert_model(body: &Body<'_>) {
    let model = Model::from_body(body).unwrap();
    let needed = model.packed_lines();
    for more in [0, 3] {
        let mut lines = vec![UNTOUCHED; needed + more];
        model.pack(&mut lines).unwrap();
        let mut rest = lines.as_slice();
        for (weights, scales) in matrices(body) {
            rest = assert_packed(weights, scales, rest);
        }
        assert_eq!(rest.len(), more);
        assert!(rest.iter().all(|line| line.0 == UNTOUCHED.0), "they are not its own");
    }
    let mut lines = vec![UNTOUCHED; needed - 1];
    let error = PackError { needed, given: needed - 1 };
    assert_eq!(model.pack(&mut lines).unwrap_err(), error);
    assert!(error.to_string().contains(&format!("take {needed} lines")), "{error}");
    assert!(lines.iter().all(|line| line.0 == UNTOUCHED.0), "nothing is packed");
}

#[test]
fn every_matrix_is_packed_in_blocks() {
    for recipe in [RAW, RESIDUAL, CONTEXT] {
        recipe.with_body(assert_model);
    }
}

#[test]
fn every_shift_and_multiplier_is_kept_to_the_bit() {
    let shifts = RowScale::LEAST_SHIFT..=RowScale::GREATEST_SHIFT;
    let recipe = Recipe { head_hidden: shifts.clone().count(), ..RAW };
    for multiplier in [RowScale::LEAST_MULTIPLIER, 20_001, i16::MAX] {
        let scale = |shift| RowScale { bias: 5, multiplier, shift }.to_bytes();
        let scales: Vec<u8> = shifts.clone().flat_map(scale).collect();
        recipe.with_body(|body| {
            let mut body = body.clone();
            let Decision::Pair(head) = &mut body.decision else { panic!("a pair head") };
            head.hidden.scales = scales.clone().leak();
            assert_model(&body);
        });
    }
}

/// Kernels with wide vectors multiply packed weights: a model without them would run the scalar way in silence.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[test]
fn a_model_that_is_not_packed_is_refused_by_kernels_that_need_it() {
    use arc_runtime::kernels::{Host, Kernels, Scalar};
    use arc_runtime::{Comparator, ComparatorError};

    for kernels in Host::available() {
        let file = RAW.file();
        let model = Model::load(&file).unwrap();
        let words = || vec![0; model.dimensions().workspace_words()];
        let refused = Comparator::with_kernels(&model, words(), kernels).err();
        let name = kernels.name();
        let expected =
            (name != Scalar::NAME).then_some(ComparatorError::NotPacked { kernels: name });
        assert_eq!(refused, expected);
        let mut lines = vec![Line::ZERO; model.packed_lines()];
        let packed = model.pack(&mut lines).unwrap();
        assert!(Comparator::with_kernels(&packed, words(), kernels).is_ok());
    }
}

#[test]
fn a_packed_model_says_so() {
    let file = RAW.file();
    let model = Model::load(&file).unwrap();
    assert!(!model.is_packed());
    assert!(model.pack(&mut vec![Line::ZERO; model.packed_lines()]).unwrap().is_packed());
}
