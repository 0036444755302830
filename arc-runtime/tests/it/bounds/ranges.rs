//! Numbers that lie within a range, whatever the others are.

use arc_runtime::Model;
use arc_runtime::format::Part;
use arc_runtime::format::body::{Body, Calibration, Layer, Lstm};
use arc_runtime::preparation::{InkPreparation, Preparation};

use super::model::{Choice, Sizes, beyond, block, context, conv, load, lstm};

const SPECIFICATION: &str = include_str!("../../../FORMAT.md");

/// A quantity of a model that lies within a range.
struct Range {
    part: Part,
    quantity: &'static str,
    allowed: (u32, u32),
    /// What loads: the range's ends, where no other check is stricter.
    sound: &'static [u32],
    /// What is refused for this quantity.
    refused: &'static [u32],
    /// A model of this quantity that is sound besides.
    body: fn(u32) -> Body<'static>,
}

fn ranges() -> Vec<Range> {
    let range = |part, quantity, (least, most), [sound, refused]: [&'static [u32]; 2], body| {
        Range { part, quantity, allowed: (least, most), sound, refused, body }
    };
    vec![
        range(Part::Image, "the side", (8, 128), [&[8, 128], &[7, 129]], |image_side| {
            Sizes { image_side, ..Sizes::default() }.body()
        }),
        range(CONV, "the number of outputs", (1, 1024), [&[1, 1024], &[0, 1025]], |outputs| {
            stem([Layer::Conv(conv(3, 1, outputs, 1))])
        }),
        range(CONV, "the stride", (1, 2), [&[1, 2], &[0, 3]], |stride| {
            stem([Layer::Conv(conv(3, 1, 1, stride))])
        }),
        range(FIRST, "the number of outputs", (1, 1024), [&[1], &[0, 1025]], |inner| {
            stem([Layer::Residual(block(1, inner, 1, 1))])
        }),
        range(FIRST, "the stride", (1, 2), [&[1, 2], &[0, 3]], |stride| {
            stem([Layer::Residual(block(1, 1, 1, stride))])
        }),
        range(SHORTCUT, "the number of outputs", (1, 1024), [&[1], &[0, 1025]], |outputs| {
            let mut block = block(1, 1, 1, 1);
            block.shortcut = Some(conv(1, 1, outputs, 1));
            stem([Layer::Residual(block)])
        }),
        range(SHORTCUT, "the stride", (1, 2), [&[1], &[0, 3]], |stride| {
            let mut block = block(1, 1, 1, 1);
            block.shortcut = Some(conv(1, 1, 1, stride));
            stem([Layer::Residual(block)])
        }),
        range(SECOND, "the number of outputs", (1, 1024), [&[1, 1024], &[0, 1025]], |outputs| {
            stem([Layer::Residual(block(1, 1, outputs, 1))])
        }),
        // Windows of 3x3 places: 229 channels are enough, and where a block's sum leaves room for
        // the shortcut, 200.
        range(
            Part::Convolution(1),
            "the number of inputs",
            (1, 2064),
            [&[9, 2061], &[2070]],
            |n| stem([Layer::Conv(conv(3, 1, n / 9, 1)), Layer::Conv(conv(3, n / 9, 1, 1))]),
        ),
        range(Part::BlockFirst(1), "the number of inputs", (1, 2064), [&[9, 2061], &[2070]], |n| {
            stem([Layer::Conv(conv(3, 1, n / 9, 1)), Layer::Residual(block(n / 9, 1, 1, 1))])
        }),
        range(SECOND, "the number of inputs", (1, 1808), [&[9, 1800], &[1809]], |inputs| {
            stem([Layer::Residual(block(1, inputs / 9, 1, 1))])
        }),
        range(Part::Stem, "the number of convolutions", (0, 24), [&[0, 24], &[25]], |count| {
            let blocks = (0..count / 3).map(|_| Layer::Residual(block(1, 1, 1, 1)));
            let others = (0..count % 3).map(|_| Layer::Conv(conv(3, 1, 1, 1)));
            Sizes { stem: blocks.chain(others).collect(), ..Sizes::default() }.body()
        }),
        range(Part::Glimpse, "the side", (1, 16), [&[1, 16], &[0, 17]], |glimpse_side| {
            Sizes { image_side: 17, glimpse_side, ..Sizes::default() }.body()
        }),
        range(Part::Glimpse, "glimpses per image", (1, 64), [&[1, 64], &[0, 65]], |per_image| {
            let mut body = Sizes::default().body();
            body.glimpse.per_image = per_image as u8;
            body
        }),
        range(
            Part::Glimpse,
            "the gain",
            (1, (1 << 23) - 1),
            [&[1, (1 << 23) - 1], &[0, 1 << 23, u32::MAX]],
            |gain| {
                let mut body = Sizes::default().body();
                body.glimpse.gain = gain;
                body
            },
        ),
        range(
            Part::Controller,
            "the number of units",
            (1, 2048),
            [&[1, 2048], &[0, 2049]],
            |hidden| Sizes { hidden, glimpse_side: 4, ..Sizes::default() }.body(),
        ),
        // A glimpse of one place, and 2048 units.
        range(Part::Controller, "the number of inputs", (1, 2064), [&[2064], &[2065]], |inputs| {
            let stem = vec![Layer::Conv(conv(3, 1, inputs - 2048, 1))];
            Sizes { stem, hidden: 2048, ..Sizes::default() }.body()
        }),
        range(Part::HeadHidden, "the number of outputs", (1, 1 << 14), ROWS, |units| {
            Sizes { choice: Choice::Pair(units), ..Sizes::default() }.body()
        }),
        range(
            Part::HeadLogit,
            "the number of inputs",
            (1, 512),
            [&[1, 512], &[513, 1 << 14]],
            |units| Sizes { choice: Choice::Pair(units), ..Sizes::default() }.body(),
        ),
        range(
            Part::ContextForward,
            "the number of units",
            (1, 2048),
            [&[1], &[0, 2049]],
            |units| context_of(lstm(2, units), lstm(2, 1)),
        ),
        range(
            Part::ContextBackward,
            "the number of units",
            (1, 2048),
            [&[1], &[0, 2049]],
            |units| context_of(lstm(2, 1), lstm(2, units)),
        ),
        range(
            Part::ContextForward,
            "the number of inputs",
            (1, 2064),
            [&[2064], &[2065]],
            |inputs| {
                let choice = Choice::Context(inputs - 2048);
                Sizes { glimpse_side: 4, hidden: 2048, choice, ..Sizes::default() }.body()
            },
        ),
        range(
            Part::ContextScore,
            "the number of inputs",
            (1, 2064),
            [&[2, 2064], &[2066, 4096]],
            |inputs| Sizes { choice: Choice::Context(inputs / 2), ..Sizes::default() }.body(),
        ),
        range(
            Part::Ways,
            "the number of outputs",
            (1, 1 << 14),
            [&[1, 1 << 14], &[0, 16_385]],
            |ways| Sizes { choice: Choice::Ways(ways), ..Sizes::default() }.body(),
        ),
        range(
            Part::Calibration,
            "the gain",
            (1 << 10, 1 << 22),
            [&[1 << 10, 1 << 22], &[(1 << 10) - 1, (1 << 22) + 1]],
            |gain| calibrated(gain, 0, 1),
        ),
        range(
            Part::Calibration,
            "the threshold's magnitude",
            (0, 1 << 30),
            [&[0, 1 << 30], &[(1 << 30) + 1]],
            |threshold| calibrated(1 << 16, threshold as i32, 1),
        ),
        range(
            Part::Calibration,
            "the threshold's magnitude",
            (0, 1 << 30),
            [&[0, 1 << 30], &[(1 << 30) + 1, 1 << 31]],
            |threshold| calibrated(1 << 16, (threshold as i32).wrapping_neg(), 1),
        ),
        range(
            Part::Calibration,
            "false accepts in a million",
            (1, 500_000),
            [&[1, 500_000], &[0, 500_001]],
            |false_accept_ppm| calibrated(1 << 16, 0, false_accept_ppm),
        ),
        range(Part::Preparation, "the margin", (0, 64), [&[0, 64], &[65, 255]], |margin| {
            let ink = InkPreparation { margin: margin as u8, ..InkPreparation::default() };
            Body { preparation: Preparation::Ink(ink), ..Sizes::default().body() }
        }),
    ]
}

const CONV: Part = Part::Convolution(0);
const FIRST: Part = Part::BlockFirst(0);
const SHORTCUT: Part = Part::BlockShortcut(0);
const SECOND: Part = Part::BlockSecond(0);
/// A head's rows, which its output row limits more strictly.
const ROWS: [&[u32]; 2] = [&[1, 512], &[0, (1 << 14) + 1]];

fn stem<const N: usize>(layers: [Layer<'static>; N]) -> Body<'static> {
    Sizes { stem: layers.to_vec(), ..Sizes::default() }.body()
}

fn context_of(forward: Lstm<'static>, backward: Lstm<'static>) -> Body<'static> {
    let mut body = Sizes { choice: Choice::Context(1), ..Sizes::default() }.body();
    let head = context(&mut body);
    (head.forward, head.backward) = (forward, backward);
    body
}

fn calibrated(gain: u32, threshold: i32, false_accept_ppm: u32) -> Body<'static> {
    let calibration = Some(Calibration { gain, threshold, false_accept_ppm });
    Body { calibration, ..Sizes::default().body() }
}

#[test]
fn the_ends_of_a_range_load_and_what_lies_beyond_them_does_not() {
    for Range { part, quantity, allowed, sound, refused, body } in ranges() {
        // Without a file, which would be of many megabytes: `load` goes this way, too.
        let check = |found| Model::from_body(&body(found)).map(drop);
        for &found in sound {
            assert_eq!(check(found), Ok(()), "{part}: {quantity} {found}");
        }
        for &found in refused {
            assert_eq!(check(found), Err(beyond(part, quantity, found, allowed)));
        }
    }
}

#[test]
fn the_specification_names_every_range() {
    let rows: Vec<_> = SPECIFICATION.lines().filter(|line| line.starts_with("| *")).collect();
    let stated = |range: &Range| {
        let part = range.part.to_string();
        let part = part.trim_end_matches(|c: char| c == ' ' || c.is_ascii_digit());
        let (least, most) = range.allowed;
        format!("| *{part}* | {} | {least} | {most} |", range.quantity)
    };
    let expected: Vec<_> = ranges().iter().map(stated).collect();
    for row in &expected {
        assert!(rows.contains(&row.as_str()), "FORMAT.md lacks {row}");
    }
    for row in rows {
        assert!(expected.iter().any(|expected| expected == row), "no test makes FORMAT.md's {row}");
    }
}

#[test]
fn a_glimpse_is_no_larger_than_the_features() {
    let with = |image_side, stride, glimpse_side| {
        let stem = vec![Layer::Conv(conv(3, 1, 1, stride))];
        load(&Sizes { image_side, stem, glimpse_side, ..Sizes::default() }.body())
    };
    // The features' side is half of the image's, rounded up.
    for (image_side, stride, side) in [(8, 1, 8), (9, 2, 5), (31, 2, 16), (16, 1, 16)] {
        assert_eq!(with(image_side, stride, side), Ok(()));
        let error = beyond(Part::Glimpse, "the side", side + 1, (1, side));
        assert_eq!(with(image_side, stride, side + 1), Err(error));
    }
}
