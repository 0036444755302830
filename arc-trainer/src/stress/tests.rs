//! Scores under changes.

use arc_runtime::Model;
use arc_runtime::preparation::{InkPreparation, Polarity, Preparation};
use serde_json::Value;

use super::*;
use crate::data::Drawing;
use crate::data::synth::Synth;
use crate::eval::{self, Answer, IntegerBackend, Packing, Report, Trial};
use crate::float::Rating;

const GOLDEN: &[u8] = include_bytes!("../../../arc-golden/convarc.arc");

const DATA: Synth = Synth { alphabets: 2, characters: 5..=6, drawers: 3, side: 60, seed: 3 };

/// Without a margin, the share of the image that is ink is that of the cut.
const PREPARATION: &Preparation =
    &Preparation::Ink(InkPreparation { polarity: Polarity::Found, margin: 0, least: 16 });

/// Finds two images the more alike the closer their amounts of ink are.
struct InkCounter;

impl Backend for InkCounter {
    type Features = i64;
    type Worker = ();

    fn name(&self) -> &'static str {
        "ink"
    }

    fn image_side(&self) -> usize {
        32
    }

    fn preparation(&self) -> &Preparation {
        PREPARATION
    }

    fn worker(&self, _: usize) {}

    fn limit_glimpses(&mut self, _: usize) {}

    fn extract(&self, (): &mut (), pixels: &[i8]) -> i64 {
        pixels.iter().map(|&pixel| i64::from(pixel)).sum()
    }

    fn ways(&self) -> Option<usize> {
        None
    }

    fn logit(&self, (): &mut (), probe: &i64, support: &i64) -> f64 {
        -(probe - support).abs() as f64
    }

    fn rate(&self, worker: &mut (), probe: &i64, supports: &[&i64]) -> Vec<Rating> {
        let logits = supports.iter().map(|support| self.logit(worker, probe, support));
        logits.map(Rating::alone).collect()
    }

    fn probability(&self, logit: f64) -> f64 {
        logit
    }

    /// A tenth of an image full of ink.
    fn threshold(&self) -> f64 {
        -13_000.0
    }
}

/// A bar that is `longer` times as long as it is high: the longer, the less of a square around it is ink.
fn bar(longer: usize) -> Drawing {
    let inside = |k: usize| (5..15).contains(&(k / 60)) && (5..5 + 10 * longer).contains(&(k % 60));
    let ink = (0..60 * 40).map(|k| if inside(k) { 255 } else { 0 }).collect();
    Drawing { width: 60, height: 40, ink }
}

fn blank() -> Drawing {
    Drawing { width: 60, height: 40, ink: vec![0; 60 * 40] }
}

fn clean(plan: &Plan<'_>) -> Score {
    let seen = Seen::of(&InkCounter, plan, Change::Clean, Chance { seed: 0, change: 0 });
    Score::of(&InkCounter, plan, &seen, &seen)
}

#[test]
fn clean_pictures_score_as_in_eval() {
    let (model, mut packing) = (Model::load(GOLDEN).unwrap(), Packing::default());
    let backend = IntegerBackend::new(&model, &mut packing).unwrap();
    let data = DATA.dataset();
    let within = eval::within(&data, 4, 5, 1).unwrap();
    let verify = eval::verify(&data, 40, 1).unwrap();
    for plan in [within, verify] {
        let ratings = eval::rate(&backend, &plan);
        let report = Report::new(&plan, &ratings, backend.threshold());
        let rows = run(&backend, &plan, 7);
        let Row { change, both, probe } = &rows[0];
        assert_eq!((*change, both), (Change::Clean, probe));
        assert_eq!((both.trials, both.refused), (report.trials, 0));
        let pairs = report.verification;
        let accuracy = pairs.map_or(report.accuracy, |pairs| pairs.threshold_accuracy);
        assert_eq!(both.accuracy, accuracy);
        assert_eq!(both.false_accepts, pairs.map(|pairs| pairs.false_accept_rate));
        assert_eq!(rows.len(), 1 + CHANGES.len());
    }
}

#[test]
fn what_is_refused_counts_as_a_wrong_answer() {
    let bars = [1, 2, 4].map(bar);
    let score = |supports: &[Drawing], probes: &[Drawing]| {
        let mut plan = Plan::new("within", supports.len(), 1);
        plan.ask(supports, probes.iter().enumerate());
        clean(&plan)
    };
    let of = |accuracy, refused| Score { accuracy, trials: 3, refused, false_accepts: None };
    assert_eq!(score(&bars, &bars.clone()), of(1.0, 0));
    let [one, two, four] = bars.clone();
    assert_eq!(score(&bars, &[one.clone(), blank(), four.clone()]), of(2.0 / 3.0, 1));
    assert_eq!(score(&[one.clone(), two, blank()], &bars), of(2.0 / 3.0, 1));
    let (supports, probes) = ([blank(), blank(), blank()], [blank(), one, four]);
    assert_eq!(score(&supports, &probes), of(0.0, 3), "not even where all is blank");
}

#[test]
fn a_refused_pair_is_wrong_and_no_false_accept() {
    let images = [bar(1), bar(1), bar(4), blank()];
    let mut plan = Plan::new("verify", 1, 4);
    let places: Vec<usize> = images.iter().map(|image| plan.place(image)).collect();
    let pairs = [(0, 1, true), (0, 2, false), (0, 1, false), (3, 0, false), (0, 3, true)];
    plan.trials = pairs
        .map(|(probe, support, same)| Trial {
            probe: places[probe],
            supports: vec![places[support]],
            answer: Answer::Same(same),
        })
        .into();
    let expected =
        Score { accuracy: 2.0 / 5.0, trials: 5, refused: 2, false_accepts: Some(1.0 / 3.0) };
    assert_eq!(clean(&plan), expected);
}

#[test]
fn seeds_decide_and_threads_do_not() {
    let data = DATA.dataset();
    let rows = |seed: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&InkCounter, &eval::within(&data, 5, 8, 1).unwrap(), seed))
    };
    let once = rows(1, 1);
    assert_eq!(once, rows(1, 3));
    assert_ne!(once, rows(2, 3));
    let negative = once.iter().find(|row| row.change == Change::Negative).unwrap();
    assert_eq!(negative.both.accuracy, once[0].both.accuracy, "found to be bright");
}

#[test]
fn json_is_an_array_of_lines_and_the_table_names_the_worst() {
    let score = |accuracy, refused| Score { accuracy, trials: 8, refused, false_accepts: None };
    let row = |change, both, probe| Row { change, both, probe };
    let stress = Stress {
        rows: vec![
            row(Change::Clean, score(1.0, 0), score(1.0, 0)),
            row(Change::Pen { width: 8.0 }, score(0.5, 2), score(0.25, 1)),
        ],
        protocol: "within",
        way: 20,
        model: "x.arc".into(),
        data: "data".into(),
        backend: "scalar",
        seconds: 2.0,
    };
    let found = serde_json::to_value(&stress).unwrap();
    let lines = found.as_array().unwrap();
    assert_eq!(lines.len(), 4);
    let expected: Value = serde_json::json!({
        "change": "pen", "strength": "8", "where": "probe", "accuracy": 0.25, "trials": 8, "refused": 1,
    });
    assert_eq!(lines[3], expected);
    assert_eq!((&lines[0]["where"], &lines[0]["strength"]), (&"both".into(), &"".into()));

    let text = stress.to_string();
    let table: Vec<_> = text.lines().collect();
    assert_eq!(
        table[2],
        format!("{:<16}    50.0     25.0  {}  refused 2", "pen 8 px", "█".repeat(15))
    );
    assert_eq!(table[3], "worst: pen 8 px on the probe alone, 25.0 % right");
    assert_eq!(table[4], "within, 20-way, 8 trials each; x.arc on data, scalar backend, 2 s");
}
