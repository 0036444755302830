//! The stages of a comparison, one after the other, with the shipped models and each set of kernels that
//! the processor runs: what `cargo xtask instructions` and `cargo xtask simd` count the instructions of.
//!
//! Prints a line for each: model, kernels, stage, its multiply-accumulates (0 where they are not what takes
//! the time), and a number that has to be the same for all kernels.

// SAFETY: this file has two functions that the counter finds by their names.
#![allow(unsafe_code)]

use std::error::Error;
use std::hint::black_box;

use arc_golden::shipped::{SIDE, SMALL, SUPPORTS, TINY, glyph};
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::layers::Line;
use arc_runtime::network::{Gaze, LstmState};
use arc_runtime::{Comparator, Image, Model, Rating};

/// A drawing by another drawer than that of the one it is compared with.
const PROBE: u8 = 20;
/// The same character.
const SUPPORT: u8 = 0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut pixels = [[0; SIDE * SIDE]; SUPPORTS];
    let supports = (SUPPORT..).zip(&mut pixels).map(|(number, pixels)| glyph(number, pixels));
    let supports = supports.collect::<Result<Vec<_>, _>>()?;
    let mut pixels = [0; SIDE * SIDE];
    let probe = glyph(PROBE, &mut pixels)?;
    for golden in [TINY, SMALL] {
        let model = Model::load(golden.model)?;
        let mut lines = vec![Line::ZERO; model.packed_lines()];
        let model = model.pack(&mut lines)?;
        for kernels in Host::available() {
            let counted = Counted { model: &model, kernels, name: golden.name };
            counted.stages(&probe, &supports[0])?;
            counted.whole(&probe, &supports)?;
        }
    }
    Ok(())
}

/// A model whose stages are counted with a set of kernels.
struct Counted<'a> {
    model: &'a Model<'a>,
    kernels: Host,
    name: &'static str,
}

impl Counted<'_> {
    /// Each stage once, on what those before it have left.
    fn stages(&self, probe: &Image<'_>, support: &Image<'_>) -> Result<(), Box<dyn Error>> {
        let (model, kernels) = (self.model, &self.kernels);
        let (sensor, controller) = (model.network().sensor, model.network().controller);
        let d = model.dimensions();

        let mut map = vec![0; model.network().stem.map_bytes()];
        let raw = map.is_empty();
        if !raw {
            counted(|| model.network().stem.extract(kernels, black_box(probe.pixels()), &mut map));
            self.print("stem", d.stem_macs, total(&map[..d.feature_bytes()]));
        }
        let features = if raw { support.pixels() } else { &map[..d.feature_bytes()] };

        let (seen, hidden) = (d.glimpse_len(), d.hidden);
        let (mut input, mut cell) = (vec![0; seen + hidden], vec![0; hidden]);
        let (mut scratch, mut sums) =
            (vec![0; d.glimpse_scratch_bytes()], vec![0; d.preactivation_len()]);
        let mut memory = LstmState::new(hidden, &mut input, &mut cell);
        // A first step, so that there is a state to take the next gaze from.
        let start = Gaze { y: 0, x: 0, d: 0 };
        sensor.glimpse(kernels, start, features, &mut scratch, memory.input_mut(0));
        controller.step(kernels, &mut memory, 1, &mut sums);

        let gaze = counted(|| controller.gazes(kernels, &memory, 1, &mut sums).next());
        let gaze = gaze.ok_or("a gaze for each pair")?;
        let coordinates = [gaze.y, gaze.x, gaze.d];
        self.print("gaze", 3 * hidden as u64, coordinates.into_iter().map(i64::from).sum());

        let seen_now = memory.input_mut(0);
        counted(|| sensor.glimpse(kernels, black_box(gaze), features, &mut scratch, seen_now));
        self.print("glimpse", 0, total(memory.input(0)));

        counted(|| controller.step(kernels, &mut memory, 1, &mut sums));
        self.print("step", (4 * hidden * (seen + hidden)) as u64, total(memory.state(0)));

        // The step's nonlinear half alone.
        let (mut cell, mut state) = (vec![100; hidden], vec![0; hidden]);
        counted(|| kernels.lstm_cell(black_box(&sums[..4 * hidden]), &mut cell, &mut state));
        self.print("cell", 0, total(&state));

        let head = model.network().decision.pair().ok_or("the shipped models compare pairs")?;
        let score = counted(|| head.score(kernels, black_box(memory.state(0)), &mut sums));
        self.print("head", (d.head_hidden * (hidden + 1)) as u64, score.logit.into());
        Ok(())
    }

    /// A pair, and a probe among the enrolled, from images to scores.
    fn whole(&self, probe: &Image<'_>, supports: &[Image<'_>]) -> Result<(), Box<dyn Error>> {
        let d = self.model.dimensions();
        let words = d.identify_words(supports.len(), Host::MAX_BATCH);
        let mut comparator = Comparator::with_kernels(self.model, vec![0; words], self.kernels)?;
        let mut features = vec![vec![0; d.feature_bytes()]; supports.len()];
        for (features, support) in features.iter_mut().zip(supports) {
            comparator.extract(support, features)?;
        }
        let score = counted(|| comparator.compare(black_box(probe), black_box(&supports[0])))?;
        self.print("pair", d.pair_macs(), score.logit.into());

        let (mut sum, features) = (0, features.iter().map(Vec::as_slice));
        let each = |rating: Rating| sum += i64::from(rating.score.logit);
        counted(|| comparator.identify(black_box(probe), features, each))?;
        self.print("identify", d.identify_macs(supports.len()), sum);
        Ok(())
    }

    fn print(&self, stage: &str, macs: u64, result: i64) {
        println!("{} {} {stage} {macs} {result}", self.name, self.kernels.name());
    }
}

/// Some work, between the marks.
fn counted<T>(work: impl FnOnce() -> T) -> T {
    count_begin();
    let result = work();
    count_end();
    result
}

/// A sum in which every number has a weight of its own.
fn total(numbers: &[i8]) -> i64 {
    (1..).zip(numbers).map(|(k, &number)| k * i64::from(number)).sum()
}

/// Instructions are counted from here ...
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn count_begin() {
    black_box("begin");
}

/// ... to here; equal functions would be made one.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn count_end() {
    black_box("end");
}
