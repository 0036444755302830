//! Sizes that follow from others: one more and one less than that are refused.

use arc_runtime::format::Part;
use arc_runtime::format::body::{Body, Layer};

use super::model::{
    Choice, Field, Sizes, block, context, conv, convolution, layered, load, lstm, pair, residual,
    unlike, ways, zeros,
};

const INPUTS: &str = "the number of inputs";
const OUTPUTS: &str = "the number of outputs";

/// Each field of a sound model has a value that its part asks for.
fn assert_follow(choice: Choice, fields: &[(Part, &'static str, u16, Field<u16>)]) {
    let sound = layered(choice).body();
    assert_eq!(load(&sound), Ok(()));
    for &(part, quantity, expected, field) in fields {
        assert_eq!(*field(&mut sound.clone()), expected, "{part}: {quantity}");
        for found in [expected - 1, expected + 1] {
            let mut body = sound.clone();
            *field(&mut body) = found;
            let error = unlike(part, quantity, found.into(), expected.into());
            assert_eq!(load(&body), Err(error));
        }
    }
}

#[test]
fn the_sizes_of_a_model_of_pairs_follow_from_each_other() {
    let gates = 2 * 2 * 7 + 6;
    assert_follow(
        Choice::Pair(9),
        &[
            (Part::Convolution(0), INPUTS, 1, |body| &mut convolution(body, 0).inputs),
            (Part::BlockFirst(1), INPUTS, 3, |body| &mut residual(body, 1).first.inputs),
            (Part::BlockSecond(1), INPUTS, 5, |body| &mut residual(body, 1).second.inputs),
            (Part::BlockShortcut(1), INPUTS, 3, |body| &mut convolution(body, 1).inputs),
            (Part::Controller, INPUTS, gates, |body| &mut body.controller.gates.inputs),
            (Part::Controller, OUTPUTS, 4 * 6, |body| &mut body.controller.gates.outputs),
            (Part::Gaze, INPUTS, 6, |body| &mut body.gaze.inputs),
            (Part::Gaze, OUTPUTS, 3, |body| &mut body.gaze.outputs),
            (Part::HeadHidden, INPUTS, 6, |body| &mut pair(body).hidden.inputs),
            (Part::HeadLogit, INPUTS, 9, |body| &mut pair(body).logit.inputs),
            (Part::HeadLogit, OUTPUTS, 1, |body| &mut pair(body).logit.outputs),
        ],
    );
}

#[test]
fn the_sizes_of_a_context_follow_from_each_other() {
    let (forward, backward) = (Part::ContextForward, Part::ContextBackward);
    assert_follow(
        Choice::Context(4),
        &[
            (forward, INPUTS, 6 + 4, |body| &mut context(body).forward.gates.inputs),
            (forward, OUTPUTS, 4 * 4, |body| &mut context(body).forward.gates.outputs),
            (backward, INPUTS, 6 + 4, |body| &mut context(body).backward.gates.inputs),
            (backward, OUTPUTS, 4 * 4, |body| &mut context(body).backward.gates.outputs),
            (Part::ContextScore, INPUTS, 2 * 4, |body| &mut context(body).score.inputs),
            (Part::ContextScore, OUTPUTS, 1, |body| &mut context(body).score.outputs),
        ],
    );
    for units in [3, 5] {
        let mut body = layered(Choice::Context(4)).body();
        context(&mut body).backward = lstm(6, units);
        let error = unlike(backward, "the number of units", units, 4);
        assert_eq!(load(&body), Err(error));
    }
}

#[test]
fn the_inputs_of_n_ways_are_the_controllers_units() {
    assert_follow(Choice::Ways(4), &[(Part::Ways, INPUTS, 6, |body| &mut ways(body).inputs)]);
}

#[test]
fn a_layer_takes_what_the_layer_before_it_gives() {
    for (inputs, loads) in [(2, false), (3, true), (4, false)] {
        let stem = vec![Layer::Conv(conv(3, 1, 3, 1)), Layer::Conv(conv(3, inputs, 1, 1))];
        let error = unlike(Part::Convolution(1), INPUTS, inputs, 3);
        let expected = if loads { Ok(()) } else { Err(error) };
        assert_eq!(load(&Sizes { stem, ..Sizes::default() }.body()), expected);
    }
}

#[test]
fn the_convolutions_of_a_block_agree_with_the_first_one() {
    let with = |change: fn(&mut Body<'static>, u32), value| {
        let mut body = layered(Choice::Pair(9)).body();
        change(&mut body, value);
        load(&body)
    };
    let (second, shortcut) = (Part::BlockSecond(1), Part::BlockShortcut(1));
    for stride in [0, 2] {
        let error = unlike(second, "the stride", stride, 1);
        let found = with(|body, stride| residual(body, 1).second.stride = stride as u8, stride);
        assert_eq!(found, Err(error));
    }
    let error = unlike(shortcut, "the stride", 1, 2);
    assert_eq!(with(|body, stride| convolution(body, 1).stride = stride as u8, 1), Err(error));
    for outputs in [6, 8] {
        let error = unlike(shortcut, OUTPUTS, outputs, 7);
        let change = |body: &mut Body<'static>, outputs| {
            *convolution(body, 1) = conv(1, 3, outputs, 2);
        };
        assert_eq!(with(change, outputs), Err(error));
    }
    for bytes in [13, 15] {
        let error = unlike(second, "the odd bytes of the gains", 1, 0);
        assert_eq!(with(|body, bytes| residual(body, 1).gains = zeros(bytes), bytes), Err(error));
    }
    for gains in [6, 8] {
        let error = unlike(second, "the number of gains", gains, 7);
        assert_eq!(
            with(|body, gains| residual(body, 1).gains = zeros(2 * gains), gains),
            Err(error)
        );
    }
}

#[test]
fn a_block_lacks_a_shortcut_only_where_it_keeps_the_shape_of_a_map() {
    let without = |before: bool, outputs, stride| {
        let inputs = if before { 3 } else { 1 };
        let mut block = block(inputs, 2, outputs, stride);
        block.shortcut = None;
        let before = before.then(|| Layer::Conv(conv(3, 1, 3, 1)));
        let stem = before.into_iter().chain([Layer::Residual(block)]).collect();
        load(&Sizes { stem, ..Sizes::default() }.body())
    };
    let error = |layer| unlike(Part::BlockShortcut(layer), "the number of convolutions", 0, 1);
    assert_eq!(without(true, 3, 1), Ok(()));
    assert_eq!(without(true, 2, 1), Err(error(1)), "other channels");
    assert_eq!(without(true, 4, 1), Err(error(1)), "other channels");
    assert_eq!(without(true, 3, 2), Err(error(1)), "another side");
    assert_eq!(without(false, 1, 1), Err(error(0)), "the image");
}
