//! The time of each kernel, in every set that this processor runs, at the sizes of the shipped models:
//! `cargo bench -p arc-runtime --features std`.

#![allow(missing_docs, reason = "the macro of criterion writes functions without any")]

#[path = "../tests/it/common/mod.rs"]
mod common;

use std::hint::black_box;

use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::Part;
use arc_runtime::format::body::Conv;
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::layers::{
    Batch, Convolution, ConvolutionKind, Filter, GlimpseFilters, Line, Matrix, Packed,
};
use common::{Layer, Random};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

criterion_group!(benches, linear, convolve, filter, resample, glimpse, lstm_cell);
criterion_main!(benches);

/// Times `work` with every set; `macs` are its multiply-accumulates.
fn each_set(c: &mut Criterion, group: &str, size: &str, macs: usize, mut work: impl FnMut(&Host)) {
    let mut group = c.benchmark_group(group);
    group.throughput(Throughput::Elements(macs as u64));
    for set in Host::available() {
        group.bench_function(BenchmarkId::new(set.name(), size), |b| b.iter(|| work(&set)));
    }
}

/// The memory in which a matrix is packed for wide vectors.
fn packing(matrix: &Matrix<'_>) -> Vec<Line> {
    vec![Line::ZERO; Packed::lines(matrix.inputs(), matrix.outputs())]
}

/// A controller's step, of one pair and of a full batch.
fn linear(c: &mut Criterion) {
    let mut random = Random(1);
    for hidden in [128, 512] {
        let (inputs, outputs) = (16 + hidden, 4 * hidden);
        let layer = Layer::random(&mut random, inputs, outputs, 74.0, 3000.0);
        let weights = layer.linear();
        let mut matrix = Matrix::new(Part::Controller, &weights).unwrap();
        let mut memory = packing(&matrix);
        matrix.pack(&mut memory).expect("memory enough");
        for lanes in [1, Host::MAX_BATCH] {
            let x = random.signed(lanes * inputs);
            let mut y = vec![0; lanes * outputs];
            let size = format!("{outputs}x{inputs}, {lanes} lanes");
            each_set(c, "linear", &size, lanes * inputs * outputs, |set| {
                set.linear(black_box(&matrix), Batch::new(&x, inputs, inputs), &mut y);
            });
        }
    }
}

/// The small model's first layers.
fn convolve(c: &mut Criterion) {
    let mut random = Random(2);
    for (side, channels, stride, outputs) in [(32, 1, 1, 16), (32, 16, 2, 32), (16, 32, 1, 32)] {
        let layer = Layer::random(&mut random, 9 * channels, outputs, 60.0, 70.0);
        let conv = Conv {
            inputs: channels as u16,
            outputs: outputs as u16,
            stride,
            weights: &layer.weights,
            scales: &layer.scales,
        };
        let mut convolution =
            Convolution::new(0, ConvolutionKind::Standalone, &conv, side, channels).unwrap();
        let mut memory = packing(convolution.matrix());
        convolution.pack(&mut memory).expect("memory enough");
        let pixels = side * side * channels;
        let input: Vec<i8> = (0..pixels).map(|_| random.within(0, 127) as i8).collect();
        let mut output = vec![0; convolution.output_bytes()];
        let size = format!("{side}x{side}x{channels} to {outputs}, stride {stride}");
        each_set(c, "convolve", &size, convolution.macs() as usize, |set| {
            set.convolve(black_box(&convolution), &input, &mut output);
        });
    }
}

/// A Cauchy filter of one axis, near the middle and half zoomed in; the throughput is in weights.
fn filter(c: &mut Criterion) {
    const ROWS: usize = 4;
    for side in [16, 32] {
        let axis = Axis::new(side, ROWS, 1000, 1 << 14);
        let (mut weights, mut factors) = (vec![0; ROWS * side], [0; ROWS]);
        each_set(c, "filter", &side.to_string(), ROWS * side, |set| {
            set.filter(black_box(&axis), 1 << 22, &mut weights, &mut factors);
        });
    }
}

/// Both axes of a glimpse: raw pixels, and the small model's features.
fn resample(c: &mut Criterion) {
    const SIDE: usize = 4;
    let mut random = Random(3);
    for (side, channels) in [(32, 1), (16, 16)] {
        let mut noise =
            |length| -> Vec<i8> { (0..length).map(|_| random.within(0, 127) as i8).collect() };
        let (weights, input) = (noise(SIDE * side), noise(side * side * channels));
        let filter = Filter::new(&weights, &[1 << 10; SIDE], 22);
        let (mut rows, mut glimpse) =
            (vec![0; SIDE * side * channels], vec![0; SIDE * SIDE * channels]);
        let size = format!("{side}x{side}x{channels} to {SIDE} rows");
        each_set(c, "resample", &size, SIDE * input.len(), |set| {
            set.resample(black_box(&filter), &input, &mut rows);
        });
        let size = format!("{SIDE}x{side}x{channels} to {SIDE} columns");
        each_set(c, "resample_each", &size, SIDE * rows.len(), |set| {
            set.resample_each(black_box(&filter), SIDE, &rows, &mut glimpse);
        });
    }
}

/// A whole glimpse of the tiny, the small and the full model; the throughput is in products with the map.
fn glimpse(c: &mut Criterion) {
    let mut random = Random(5);
    for (side, channels, count) in [(32, 1, 8), (16, 16, 4), (16, 16, 6)] {
        let axis = |v| Axis::new(side, count, v, 1 << 13);
        let filters = GlimpseFilters::new(axis(1000), axis(-2000), 1 << 20);
        let length = side * side * channels;
        let map: Vec<i8> = (0..length).map(|_| random.within(0, 127) as i8).collect();
        let mut scratch = vec![0; count * side * (1 + channels)];
        let mut glimpse = vec![0; count * count * channels];
        let size = format!("{side}x{side}x{channels} to {count}x{count}");
        each_set(c, "glimpse", &size, count * length, |set| {
            set.glimpse(black_box(&filters), &map, &mut scratch, &mut glimpse);
        });
    }
}

/// A controller's gates; the throughput is in units.
fn lstm_cell(c: &mut Criterion) {
    let mut random = Random(4);
    for hidden in [128, 512] {
        let sums: Vec<i16> = (0..4 * hidden).map(|_| random.next() as i16 >> 2).collect();
        let (mut cell, mut state) = (vec![0; hidden], vec![0; hidden]);
        each_set(c, "lstm_cell", &hidden.to_string(), hidden, |set| {
            set.lstm_cell(black_box(&sums), &mut cell, &mut state);
        });
    }
}
