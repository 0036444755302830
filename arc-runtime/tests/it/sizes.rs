//! Sizes that kernels rely on are checked where they are set, once and for all.
//!
//! What a call makes of wrong buffers, `arc-golden` tests, for every set of kernels.

use crate::common::{Layer, Random};
use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::Conv;
use arc_runtime::format::{LoadError, Part};
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::layers::{
    Batch, Convolution, ConvolutionKind, Filter, Line, Matrix, PackError, Packed,
};

#[test]
fn a_matrix_is_packed_whole_or_not_at_all() {
    for (inputs, outputs) in [(1, 1), (5, 17), (144, 40)] {
        let layer = Layer::random(&mut Random(1), inputs, outputs, 74.0, 3000.0);
        let linear = layer.linear();
        let matrix = Matrix::new(Part::Controller, &linear).unwrap();
        let needed = Packed::lines(inputs, outputs);
        for given in [0, 1, needed - 1, needed, needed + 2] {
            let (mut memory, mut packed) = (vec![Line::ZERO; given], matrix);
            match packed.pack(&mut memory).map(|rest| rest.len()) {
                Ok(rest) => assert_eq!(given, needed + rest),
                Err(error) => {
                    assert!(given < needed);
                    assert_eq!(error, PackError { needed, given });
                }
            }
            let lines = packed.packed().map(|packed| packed.blocks().map(<[Line]>::len).sum());
            assert_eq!(lines, (given >= needed).then_some(needed), "{inputs} {outputs} {given}");
        }
    }
}

#[test]
fn maps_have_at_most_128_lines_and_the_channels_of_the_weights() {
    let scale = RowScale { bias: 0, multiplier: 20_000, shift: 25 }.to_bytes();
    let conv = Conv { inputs: 3, outputs: 1, stride: 1, weights: &[1; 27], scales: &scale };
    let checked =
        |side, inputs| Convolution::new(0, ConvolutionKind::Standalone, &conv, side, inputs);
    for side in [1, 128] {
        let convolution = checked(side, 3).unwrap();
        assert_eq!((convolution.input_side(), convolution.inputs()), (side, 3));
    }
    for stride in [1, 2] {
        let conv = Conv { stride, ..conv };
        let kind = ConvolutionKind::Standalone;
        let convolution = Convolution::new(0, kind, &conv, 8, 3).unwrap();
        assert_eq!(convolution.stride(), usize::from(stride));
    }
    for side in [0, 129, 1 << 16, usize::MAX / 256 + 2, usize::MAX] {
        let error = checked(side, 3).unwrap_err();
        assert!(
            matches!(error, LoadError::OutOfRange { part: Part::Convolution(0), .. }),
            "{side}"
        );
    }
    // The last one is 3 again where it is cut to 32 bits.
    for inputs in [0, 2, 4, usize::MAX, (1usize << 16 << 16).wrapping_add(3)] {
        let same = inputs == 3;
        assert_eq!(checked(8, inputs).is_ok(), same, "{inputs}");
    }
}

#[test]
fn an_item_that_is_not_whole_counts_nothing() {
    let numbers = [1; 10];
    // Stride, length, and the lengths of the items.
    let cases: [(usize, usize, &[usize]); 6] = [
        (5, 5, &[5, 5]),
        (4, 2, &[2, 2, 2]),
        (4, 3, &[3, 3, 0]),
        (3, 9, &[0; 4]),
        (11, 11, &[0]),
        (0, 4, &[0; 10]),
    ];
    for (stride, len, expected) in cases {
        let batch = Batch::new(&numbers, stride, len);
        assert_eq!((batch.len(), batch.is_empty()), (len, len == 0));
        assert_eq!(batch.iter().map(<[i8]>::len).collect::<Vec<_>>(), expected, "{stride} {len}");
    }
    assert!(Batch::new(&numbers, 4, 0).is_empty());
}

#[test]
fn a_shift_is_from_1_to_31() {
    let shifted = |shift| {
        let mut output = [0; 1];
        Scalar.resample(&Filter::new(&[64], &[1 << 22], shift), &[1], &mut output);
        output
    };
    assert_eq!(shifted(0), shifted(1));
    assert_eq!(shifted(32), shifted(31));
    assert_eq!(shifted(u32::MAX), shifted(31));
    assert_ne!(shifted(22), shifted(23));
}
