//! Every set of kernels of the host against the definition: single kernels with sound shapes of any
//! kind, then sound models, whose numbers are as extreme as the checks let them be.
//!
//! All buffers are as long as they have to be, so that the sanitizer sees what is read and written
//! beyond them.
#![no_main]

use arc_fuzz::compare::every_set;
use arc_fuzz::noise::Noise;
use arc_fuzz::sound::{self, Layer};
use arc_runtime::Model;
use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::Part;
use arc_runtime::format::body::{MAX_GLIMPSE_SIDE, MAX_RESIDUAL};
use arc_runtime::kernels::{Host, Kernels, Scalar};
use arc_runtime::layers::{
    Batch, Convolution, ConvolutionKind, Filter, GlimpseFilters, Line, Matrix, Packed,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // An input that ends early is no finding.
    let _ = attack(&mut Unstructured::new(data));
});

fn attack(input: &mut Unstructured<'_>) -> Result<()> {
    match input.int_in_range(0..=7)? {
        0 => linear(input),
        1 => convolve(input),
        2 => filter(input),
        3 => resample(input),
        4 => resample_each(input),
        5 => glimpse(input),
        6 => lstm_cell(input),
        _ => model(input),
    }
}

/// Holds what every set makes of the same buffers against what the definition makes of them.
fn same<T: PartialEq + std::fmt::Debug>(compute: impl Fn(&Host) -> T) {
    let expected = compute(&Host::Scalar(Scalar));
    for set in Host::available() {
        assert_eq!(compute(&set), expected, "{}", set.name());
    }
}

/// The memory in which a matrix is packed for wide vectors.
fn packing(matrix: &Matrix<'_>) -> Vec<Line> {
    vec![Line::ZERO; Packed::lines(matrix.inputs(), matrix.outputs())]
}

fn linear(input: &mut Unstructured<'_>) -> Result<()> {
    let most = if input.ratio(1, 8)? { 2064 } else { 150 };
    let inputs = input.int_in_range(1..=most)?;
    let outputs = input.int_in_range(1..=80)?;
    let items = input.int_in_range(1..=18)?;
    let (apart, known) = (input.int_in_range(0..=5)?, input.int_in_range(0..=inputs)?);
    let layer = Layer::new(input, inputs, outputs, 0)?;
    let stride = inputs + apart;
    // The last lane may end where its numbers do.
    let len = if input.arbitrary()? { items * stride } else { (items - 1) * stride + known };
    let x = Noise::new(input)?.signed(len);
    let x: Vec<i8> = x.into_iter().map(|x| x.max(-127)).collect();
    if x.is_empty() {
        return Ok(());
    }
    let linear = layer.linear();
    let mut matrix = Matrix::new(Part::Controller, &linear).expect("a sound layer");
    let mut lines = packing(&matrix);
    if input.ratio(7, 8)? {
        matrix.pack(&mut lines).expect("as many lines as it asks for");
    }
    same(|kernels| {
        let mut y = vec![0; items * outputs];
        kernels.linear(&matrix, Batch::new(&x, stride, known), &mut y);
        y
    });
    Ok(())
}

fn convolve(input: &mut Unstructured<'_>) -> Result<()> {
    let wide = input.ratio(1, 8)?;
    let side = input.int_in_range(1..=if wide { 70 } else { 20 })?;
    let inputs = input.int_in_range(1..=if wide { 8 } else { 40 })?;
    let outputs = input.int_in_range(1..=40)?;
    let stride = input.int_in_range(1..=2)?;
    let number = input.int_in_range(0..=3)?;
    let held = if number == 3 { MAX_RESIDUAL } else { 0 };
    let kernel_side = if number == 2 { 1 } else { 3 };
    let layer = Layer::new(input, kernel_side * kernel_side * inputs, outputs, held)?;
    let gains = Noise::new(input)?.numbers::<i16>(outputs, -32768, 32767);
    let gains: Vec<_> = gains.into_iter().map(i16::to_le_bytes).collect();
    let kind = [
        ConvolutionKind::Standalone,
        ConvolutionKind::BlockFirst,
        ConvolutionKind::BlockShortcut,
        ConvolutionKind::BlockSecond(&gains),
    ][number];
    let conv = layer.conv(inputs, stride);
    let mut convolution = Convolution::new(0, kind, &conv, side, inputs).expect("a sound layer");
    let mut lines = packing(convolution.matrix());
    if input.ratio(7, 8)? {
        convolution.pack(&mut lines).expect("as many lines as it asks for");
    }
    let mut noise = Noise::new(input)?;
    let map = noise.pixels(convolution.input_bytes());
    let before: Vec<i8> = noise.numbers(convolution.output_bytes(), -127, 127);
    same(|kernels| {
        let mut output = before.clone();
        kernels.convolve(&convolution, &map, &mut output);
        output
    });
    Ok(())
}

fn any_axis(input: &mut Unstructured<'_>, side: usize, rows: usize) -> Result<Axis> {
    Ok(Axis::new(side, rows, input.arbitrary()?, input.arbitrary()?))
}

fn any_gain(input: &mut Unstructured<'_>) -> Result<i32> {
    input.int_in_range(1..=(1 << 23) - 1)
}

fn filter(input: &mut Unstructured<'_>) -> Result<()> {
    let side = input.int_in_range(1..=128)?;
    let rows = input.int_in_range(1..=MAX_GLIMPSE_SIDE.min(side))?;
    let (axis, gain) = (any_axis(input, side, rows)?, any_gain(input)?);
    same(|kernels| {
        let (mut weights, mut factors) = (vec![-1; rows * side], vec![-1; rows]);
        kernels.filter(&axis, gain, &mut weights, &mut factors);
        (weights, factors)
    });
    Ok(())
}

/// The rows of a filter as the definition writes them, and what the sums are shifted by.
fn any_filter(
    input: &mut Unstructured<'_>,
    lines: usize,
    rows: usize,
) -> Result<(Vec<i8>, Vec<i32>, u32)> {
    let (axis, shift) = (any_axis(input, lines, rows)?, *input.choose(&[20, 22])?);
    let gain = if shift == 22 { 1 << 22 } else { any_gain(input)? };
    let (mut weights, mut factors) = (vec![0; rows * lines], vec![0; rows]);
    axis.filter(gain, &mut weights, &mut factors);
    Ok((weights, factors, shift))
}

fn resample(input: &mut Unstructured<'_>) -> Result<()> {
    let lines = input.int_in_range(1..=128)?;
    let rows = input.int_in_range(1..=MAX_GLIMPSE_SIDE.min(lines))?;
    let width = input.int_in_range(1..=300)?;
    let (weights, factors, shift) = any_filter(input, lines, rows)?;
    let map = Noise::new(input)?.pixels(lines * width);
    same(|kernels| {
        let mut output = vec![99; rows * width];
        kernels.resample(&Filter::new(&weights, &factors, shift), &map, &mut output);
        output
    });
    Ok(())
}

fn resample_each(input: &mut Unstructured<'_>) -> Result<()> {
    let lines = input.int_in_range(1..=128)?;
    let rows = input.int_in_range(1..=MAX_GLIMPSE_SIDE.min(lines))?;
    let (count, width) = (input.int_in_range(1..=MAX_GLIMPSE_SIDE)?, input.int_in_range(1..=40)?);
    let (weights, factors, shift) = any_filter(input, lines, rows)?;
    let map = Noise::new(input)?.pixels(count * lines * width);
    same(|kernels| {
        let mut output = vec![99; count * rows * width];
        let filter = Filter::new(&weights, &factors, shift);
        kernels.resample_each(&filter, count, &map, &mut output);
        output
    });
    Ok(())
}

fn glimpse(input: &mut Unstructured<'_>) -> Result<()> {
    let side = input.int_in_range(1..=40)?;
    let count = input.int_in_range(1..=MAX_GLIMPSE_SIDE.min(side))?;
    // Sixteen channels, which the models that are shipped have, go a way of their own.
    let channels = if input.arbitrary()? { 16 } else { input.int_in_range(1..=40)? };
    let (lines, columns) = (any_axis(input, side, count)?, any_axis(input, side, count)?);
    let filters = GlimpseFilters::new(lines, columns, any_gain(input)?);
    let map = Noise::new(input)?.pixels(side * side * channels);
    same(|kernels| {
        let mut scratch = vec![99; count * side * (1 + channels)];
        let mut glimpse = vec![99; count * count * channels];
        kernels.glimpse(&filters, &map, &mut scratch, &mut glimpse);
        glimpse
    });
    Ok(())
}

fn lstm_cell(input: &mut Unstructured<'_>) -> Result<()> {
    let hidden = input.int_in_range(1..=300)?;
    let units = if input.arbitrary()? { hidden } else { input.int_in_range(0..=hidden)? };
    let mut noise = Noise::new(input)?;
    let sums: Vec<i16> = noise.numbers(4 * hidden, -32768, 32767);
    let before: Vec<i16> = noise.numbers(hidden, -32768, 32767);
    same(|kernels| {
        let (mut cell, mut state) = (before.clone(), vec![99; units]);
        kernels.lstm_cell(&sums, &mut cell, &mut state);
        (cell, state)
    });
    Ok(())
}

fn model(input: &mut Unstructured<'_>) -> Result<()> {
    let mut pixels = Noise::new(input)?;
    sound::model(input, |body| {
        let model = Model::from_body(body).expect("a sound model");
        every_set(&model, |side| pixels.pixels(side * side));
    })
}
