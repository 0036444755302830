//! Each stage of the integer runtime alone against the float reference.
//!
//! The runtime compares pairs of glyphs; the float form of each stage is then given what the
//! integer one was given, in the reals. So only the stage's own error shows, and it is compared
//! with a bound derived from its quantization steps for the very inputs.

use anyhow::Result;
use arc_runtime::arithmetic::cauchy::Axis;
use arc_runtime::format::Header;
use arc_runtime::format::body::{Body, Decision, Layer};
use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::layers::{Convolution, ConvolutionKind};
use arc_runtime::{Model, Role};
use arc_tests::bounds::{LayerBound, LstmBound, LstmState, TANH, filter_row};
use arc_tests::{Errors, Step, Trace, project, random_network};
use arc_trainer::config::Config;
use arc_trainer::eval;
use arc_trainer::export::units::{GAZE, LOGIT, PIXEL, PREACTIVATION, STATE};
use arc_trainer::export::{IntegerModel, Ranges, Units};
use arc_trainer::float::{self, FeatureMap, FloatModel, Gaze, PairHead, Provenance, Run};

const PAIRS: usize = 30;
/// Images that go through the stem.
const IMAGES: usize = 10;

#[test]
fn random_networks_stay_within_the_bounds() -> Result<()> {
    let residual = "model.stem=[{channels=8,stride=1},{residual=12,stride=1},\
                    {residual=16,stride=2},{residual=16,stride=1}]";
    for (seed, config, set) in [
        (1, "configs/demo.toml", "seed=1"),
        (2, "configs/omniglot-tiny.toml", "seed=1"),
        (3, "configs/demo.toml", residual),
    ] {
        let sizes = Config::load(&project(config), &[set.to_owned()])?.model;
        let name = format!("{config}, {} layers, random weights", sizes.stem.len());
        check_stages(&name, &random_network(&sizes, seed))?;
    }
    Ok(())
}

#[test]
fn the_shipped_network_stays_within_the_bounds() -> Result<()> {
    let run = project("models/omniglot-small");
    check_stages("models/omniglot-small", &Run::load(&run)?.model)
}

/// Checks every stage of a network, quantized for the glyphs that it compares.
fn check_stages(name: &str, network: &FloatModel) -> Result<()> {
    let glyphs = arc_tests::glyphs();
    let plan = eval::verify(&glyphs, PAIRS, 1)?;
    let ranges = Ranges::observe(network, &plan)?;
    let [profile, trained_on, config] = [name, "", ""].map(str::to_owned);
    let provenance = Provenance { profile, trained_on, config, seed: 0, steps: 0 };
    let file = IntegerModel::quantize(network, &ranges)?.to_bytes(&provenance)?;
    let (header, body) = Header::parse(&file)?;
    let body = Body::decode(header.version, body)?;
    let stages = Stages::new(network, Model::load(&file)?, &body, Units::new(&ranges));

    let images: Vec<_> = plan.images().iter().map(|d| d.at_side(network.image_side)).collect();
    let names = ["stem", "gaze", "filters", "glimpse", "cell", "state", "hidden", "logit"];
    let mut errors = names.map(Errors::new);
    let [stem, gaze, filters, glimpse, cell, state, hidden, logit] = &mut errors;
    for image in &images[..IMAGES] {
        stages.stem(image, stem);
    }
    for trial in &plan.trials {
        let (probe, support) = (&images[trial.probe], &images[trial.supports[0]]);
        let trace = Trace::record(&stages.integer, probe, support)?;
        for steps in trace.steps.windows(2) {
            stages.gaze(&steps[0], &steps[1], gaze);
            stages.filters(&steps[1], filters);
            stages.glimpse(&trace, &steps[1], glimpse);
            stages.lstm(&steps[0], &steps[1], cell, state);
            stages.head(&steps[1], hidden, logit);
        }
    }
    println!("{name}");
    errors.iter().for_each(Errors::report);
    Ok(())
}

/// A network in both forms, and the bounds of its layers.
struct Stages<'a> {
    float: &'a FloatModel,
    integer: Model<'a>,
    units: Units,
    stem: Vec<LayerBound>,
    attention: LayerBound,
    controller: LstmBound<'a>,
    hidden: LayerBound,
    logit: LayerBound,
    head: &'a PairHead,
}

impl<'a> Stages<'a> {
    fn new(float: &'a FloatModel, integer: Model<'a>, body: &Body<'a>, units: Units) -> Self {
        let Decision::Pair(head) = &body.decision else { panic!("a pair head") };
        let float_head = float.decision.pair().expect("a pair head");
        let stem = body.stem.iter().flat_map(Layer::convolutions);
        let convolutions = float.convolutions().zip(stem).zip(&units.stem);
        Self {
            float,
            integer,
            stem: convolutions
                .map(|((conv, body), &unit)| LayerBound::new(&conv.kernel, body.scales, unit))
                .collect(),
            attention: LayerBound::new(&float.gaze_layer, body.gaze.scales, PREACTIVATION),
            controller: LstmBound::new(
                &float.controller,
                body.controller.gates.scales,
                units.glimpse,
            ),
            hidden: LayerBound::new(&float_head.hidden, head.hidden.scales, units.head),
            logit: LayerBound::new(&float_head.logit, head.logit.scales, LOGIT),
            head: float_head,
            units,
        }
    }

    /// Each convolution, on the map that the integer one before it left.
    fn stem(&self, pixels: &[i8], errors: &mut Errors) {
        // What goes from layer to layer, and what lies inside of a block, with their units.
        let mut stream = (pixels.to_vec(), PIXEL);
        let mut inner = (Vec::new(), PIXEL);
        let convolutions =
            self.integer.network().stem.convolutions().iter().zip(self.float.convolutions());
        let bounds = self.stem.iter().zip(&self.units.stem);
        for ((integer, float), (bound, &unit)) in convolutions.zip(bounds) {
            let adds = matches!(integer.kind(), ConvolutionKind::BlockSecond(_));
            let (input, input_unit) = if adds { &inner } else { &stream };
            let mut output = if adds { stream.0.clone() } else { vec![0; integer.output_bytes()] };
            Scalar.convolve(integer, input, &mut output);

            let (side, channels) = (integer.input_side(), integer.inputs());
            let map = FeatureMap { side, channels, values: reals(input, *input_unit) };
            let mut expected = float.apply(&map);
            if adds {
                let shortcut = reals(&stream.0, stream.1);
                expected.values.iter_mut().zip(shortcut).for_each(|(value, add)| *value += add);
            }
            if !matches!(integer.kind(), ConvolutionKind::BlockShortcut) {
                expected = expected.relu();
            }
            let outputs = integer.outputs();
            for (at, values) in output.chunks(outputs).enumerate() {
                let (row, column) = (at / integer.output_side(), at % integer.output_side());
                let corner = (row * integer.stride(), column * integer.stride());
                let window = window(input, integer, corner);
                let mut bounds = bound.rows(integers(&window), &reals(&window, *input_unit));
                if adds {
                    bound.add_shortcut(&mut bounds, &stream.0[at * outputs..], stream.1);
                }
                let expected = &expected.values[at * outputs..];
                for ((&value, &expected), bound) in values.iter().zip(expected).zip(bounds) {
                    errors.add(f64::from(value) * unit, clamped(expected, unit), bound);
                }
            }
            let map = (output, unit);
            match integer.kind() {
                ConvolutionKind::BlockFirst => inner = map,
                _ => stream = map,
            }
        }
    }

    /// Where a state sends the next step.
    fn gaze(&self, before: &Step, step: &Step, errors: &mut Errors) {
        let state = reals(&before.state, STATE);
        let bounds = self.attention.rows(integers(&before.state), &state);
        let (sums, gaze) = (self.float.gaze_layer.apply(&state), self.float.gaze(&state));
        let expected = [gaze.y, gaze.x, gaze.d];
        for (k, value) in [step.gaze.y, step.gaze.x, step.gaze.d].into_iter().enumerate() {
            let bound = TANH.bound(sums[k].into(), bounds[k]);
            errors.add(f64::from(value) * GAZE, expected[k].into(), bound);
        }
    }

    /// The filters of a step's gaze.
    fn filters(&self, step: &Step, errors: &mut Errors) {
        for v in [step.gaze.y, step.gaze.x] {
            let filter = self.filter(v, step.gaze.d);
            let (v, d) = (f64::from(v) * GAZE, f64::from(step.gaze.d) * GAZE);
            for (row, (taps, expected)) in filter.integer.iter().zip(&filter.float).enumerate() {
                let bounds = filter_row(taps.len(), filter.integer.len(), v, d, row);
                for ((tap, expected), bound) in taps.iter().zip(expected).zip(bounds) {
                    errors.add(*tap, *expected, bound);
                }
            }
        }
    }

    /// Both forms of an axis' filter.
    fn filter(&self, v: i16, d: i16) -> Filter {
        let sizes = self.integer.dimensions();
        let (side, rows) = (sizes.feature_side, sizes.glimpse_side);
        let axis = Axis::new(side, rows, v, d);
        let taps = |row| {
            let mut weights = vec![0; side];
            let sum = f64::from(axis.row_weights(row, &mut weights));
            weights.into_iter().map(|w| f64::from(w) / sum).collect()
        };
        let real = |q15: i16| (f64::from(q15) * GAZE) as f32;
        let float = float::filter_bank(real(v), real(d), side, rows);
        let float = float.chunks(side).map(|row| row.iter().map(|&f| f.into()).collect());
        Filter { integer: (0..rows).map(taps).collect(), float: float.collect() }
    }

    /// What a step saw of its map. The filters are a stage of their own: what they are off by
    /// enters this bound as it is.
    fn glimpse(&self, trace: &Trace, step: &Step, errors: &mut Errors) {
        let features = if step.role == Role::Probe { &trace.probe } else { &trace.support };
        let sizes = self.integer.dimensions();
        let (side, channels) = (sizes.feature_side, sizes.channels);
        let map = FeatureMap { side, channels, values: reals(features, self.units.features()) };
        let [y, x, d] = [step.gaze.y, step.gaze.x, step.gaze.d].map(|p| f64::from(p) * GAZE);
        let gaze = Gaze { y: y as f32, x: x as f32, d: d as f32 };
        let expected = float::glimpse(&map, gaze, sizes.glimpse_side);

        let [rows, columns] = [step.gaze.y, step.gaze.x].map(|v| self.filter(v, step.gaze.d));
        let unit = self.units.glimpse;
        for (k, (&value, &expected)) in step.glimpse.iter().zip(&expected).enumerate() {
            let (cell, channel) = (k / channels, k % channels);
            let (i, j) = (cell / sizes.glimpse_side, cell % sizes.glimpse_side);
            let filters = product(&map, &rows.off(i), &columns.float[j], channel)
                + product(&map, &rows.integer[i], &columns.off(j), channel);
            let bound = filters + self.glimpse_rounding();
            errors.add(f64::from(value) * unit, clamped(expected, unit), bound);
        }
    }

    /// Bound on a glimpse's fixed-point steps.
    fn glimpse_rounding(&self) -> f64 {
        // An axis' factor is truncated by less than 1; the sum that it multiplies:
        let most = 127.0 * 127.0 * self.integer.dimensions().feature_side as f64;
        let rows = 0.5 + most / 2f64.powi(22);
        // The columns' factor has the glimpse gain in it, rounded in Q20.
        let columns = 0.5 + (most + 0.5 * 127.0) / 2f64.powi(20);
        rows * self.units.features() + columns * self.units.glimpse
    }

    /// Cell and state after a step.
    fn lstm(&self, before: &Step, step: &Step, cells: &mut Errors, states: &mut Errors) {
        let before = LstmState { cell: &before.cell, state: &before.state };
        let after = LstmState { cell: &step.cell, state: &step.state };
        self.controller.step(&step.glimpse, before, after, cells, states);
    }

    /// The head's two layers on a step's state, the second on the units that the integer first
    /// layer left.
    fn head(&self, step: &Step, hidden: &mut Errors, logits: &mut Errors) {
        let mut units = vec![0; self.integer.dimensions().head_hidden];
        let score = self.integer.network().decision.pair().expect("a pair head").score(
            &Scalar,
            &step.state,
            &mut units,
        );
        let units: Vec<i16> = units.into_iter().map(|unit| unit.max(0)).collect(); // ReLU

        let (state, head) = (reals(&step.state, STATE), self.head);
        let bounds = self.hidden.rows(integers(&step.state), &state);
        let values = reals(&units, self.units.head);
        for ((value, expected), bound) in values.iter().zip(head.hidden_units(&state)).zip(bounds) {
            let most = 32767.0 * self.units.head;
            hidden.add((*value).into(), f64::from(expected).min(most), bound);
        }

        let bound = self.logit.rows(integers(&units), &values)[0];
        let expected = head.logit.apply(&values)[0];
        logits.add(f64::from(score.logit) * LOGIT, expected.into(), bound);
    }
}

/// The taps of an axis, `[row][pixel]`.
struct Filter {
    integer: Vec<Vec<f64>>,
    float: Vec<Vec<f64>>,
}

impl Filter {
    /// What the taps of a row are off by.
    fn off(&self, row: usize) -> Vec<f64> {
        let taps = self.integer[row].iter().zip(&self.float[row]);
        taps.map(|(integer, float)| (integer - float).abs()).collect()
    }
}

/// `rows * map * columns` of one channel.
fn product(map: &FeatureMap, rows: &[f64], columns: &[f64], channel: usize) -> f64 {
    let lines = map.values.chunks(map.side * map.channels).zip(rows);
    let line = |(line, weight): (&[f32], &f64)| {
        let values = line.iter().skip(channel).step_by(map.channels).zip(columns);
        weight * values.map(|(value, weight)| f64::from(*value) * weight).sum::<f64>()
    };
    lines.map(line).sum()
}

/// What a convolution sees of a map from a gaze on, 0 outside of it.
fn window(map: &[i8], over: &Convolution<'_>, (row, column): (usize, usize)) -> Vec<i8> {
    let (side, channels) = (over.kernel_side(), over.inputs());
    let inside = side / 2..over.input_side() + side / 2; // of the padded map
    let mut window = vec![0; side * side * channels];
    for (tap, values) in window.chunks_exact_mut(channels).enumerate() {
        let (y, x) = (row + tap / side, column + tap % side);
        if inside.contains(&y) && inside.contains(&x) {
            let gaze = (y - inside.start) * over.input_side() + x - inside.start;
            values.copy_from_slice(&map[gaze * channels..][..channels]);
        }
    }
    window
}

/// What integers stand for.
fn reals<T: Copy + Into<f64>>(values: &[T], unit: f64) -> Vec<f32> {
    values.iter().map(|&value| (value.into() * unit) as f32).collect()
}

fn integers<T: Copy + Into<i32>>(values: &[T]) -> impl Iterator<Item = i32> {
    values.iter().map(|&value| value.into())
}

/// A real number, saturated as an i8 of this unit is.
fn clamped(value: f32, unit: f64) -> f64 {
    f64::from(value).clamp(-127.0 * unit, 127.0 * unit)
}
