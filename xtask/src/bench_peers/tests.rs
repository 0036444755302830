//! The page, the plot and the JSON of made-up measurements.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arc_runtime::Dimensions;

use super::measure::{Agreement, Case, correlation};
use super::omniglot::Evaluation;
use super::page::{Measured, page, table};
use super::plot::plot;
use super::speed::{Network, Speed, threads};
use super::subject::{Question, Task};
use super::work::Work;

fn case(batch: usize, ours: f64) -> Case {
    let peers = BTreeMap::from([("fast", 1000.0), ("slow", 12.4)]);
    let question = Question { task: Task::Compare, batch, aim: 50.0 };
    let agreement = Agreement { floats: 2e-6, ours: 0.012, correlation: None };
    Case::new("ARC", question, ours, peers, agreement)
}

fn speed(backend: &str, threads: usize, scale: f64) -> Speed {
    let answer = serde_json::json!({
        "model": "x.arc", "backend": backend, "threads": threads, "lanes": 4, "working_bytes": 1,
        "pairs_per_s": { "1": 1234.5 * scale, "20": 2345.4 * scale, "256": 3456.0 * scale },
        "identify20_per_s": 99.6 * scale, "macs_per_pair": 1_460_000, "peak_gmacs": 250.0 * scale,
        "weight_bytes": 81_920, "read_gbytes_per_s": 100.0 * scale,
        "share_of_peak": 0.125,
    });
    Speed { network: "ARC", ..serde_json::from_value(answer).unwrap() }
}

fn measured() -> Measured {
    let evaluation = serde_json::json!({
        "backend": "avx9", "seconds": 0.5, "images": 100, "way": 20, "trials": 50, "correct": 49,
    });
    // 5 million each pair that shares nothing, so that the peak is 50,000 of them, and as many are read.
    let work =
        Work { stem: 1_000_000, first: 1_000_000, rest: 4_000_000, steps: 16, weights: 2_000_000 };
    let network = Network { name: "ARC", model: PathBuf::new(), work, every_set: true };
    let evaluation = Evaluation { threads: 1, ..serde_json::from_value(evaluation).unwrap() };
    Measured {
        cases: vec![case(1, 8500.0), case(256, 1_234_567.8)],
        networks: vec![network],
        kernels: "avx9",
        speeds: vec![speed("avx9", 1, 1.0), speed("avx9", 2, 1.9), speed("abacus", 1, 0.01)],
        omniglot: Some(("ARC", vec![evaluation])),
    }
}

#[test]
fn the_ratio_is_to_the_best() {
    assert_eq!(case(1, 8500.0).ratio, 8.5);
    let json = serde_json::to_value([case(20, 2500.0)]).unwrap();
    let expected = serde_json::json!([{
        "controller": "ARC", "batch": 20, "ours_pairs_per_s": 2500.0,
        "peers": { "fast": 1000.0, "slow": 12.4 }, "ratio": 2.5,
    }]);
    assert_eq!(json, expected);
}

#[test]
fn the_page_has_a_row_for_everything() {
    let measured = measured();
    let page = page(&measured);
    assert!(page.contains(&table(&measured.cases)));
    for row in [
        "| network | batch | ours | fast | slow | ours to the best |",
        "| ARC | 1 | 8,500 | 1,000 | 12 | 8.50 |",
        "| ARC | 256 | 1,234,568 | 1,000 | 12 | 1234.57 |",
        "| ARC | 1 | 2.0e-6 | 0.012 |  |",
        "| ARC | 1,234 | 2,345 | 3,456 | 100 | 1,460,000 | 12.5 % | 82 | 100 |",
        "| ARC | 1 | 8.50 | 50.0 | 50.00 | 50.00 |",
        "| ARC | 256 | 1234.57 | 50.0 | 50.00 |  |",
        "| ARC | 1 | 3,456 | 100 % | 100 | 100 % | 250 | 100 % |",
        "| ARC | 2 | 6,566 | 95 % | 189 | 95 % | 475 | 95 % |",
        "| ARC | abacus | 12 | 23 | 35 | 1 | 2 |",
        // 100 stems, and 50 times a first step and 20 others, in half a second.
        "| avx9 | 1 | 0.50 | 2,000 | 8.3 | 3.3 % |",
    ] {
        assert!(page.lines().any(|line| line == row), "no line {row} in\n{page}");
    }
    assert!(page.contains("Kernels: avx9.") && page.contains("onnxruntime "));
    assert!(page.contains("1,000 pairs of 100 images. 49 of the trials are right, 98.00 %"));
}

#[test]
fn the_page_says_what_is_out_of_reach_and_what_was_not_measured() {
    let mut measured = measured();
    assert!(!page(&measured).contains("out of this machine's reach"));
    measured.cases[1].question.aim = 50.1;
    measured.omniglot = None;
    let page = page(&measured);
    assert!(page.contains("the aim is out of this machine's reach: ARC at batch 256."));
    assert!(page.contains("Not measured here") && page.contains("ARC_OMNIGLOT"));
}

#[test]
fn threads_go_up_to_all() {
    let threads = threads().unwrap();
    assert!(threads[0] == 1 && threads.is_sorted(), "{threads:?}");
    assert_eq!(*threads.last().unwrap(), std::thread::available_parallelism().unwrap().get());
}

#[test]
fn work_that_the_zero_state_and_a_common_probe_save_is_not_counted() {
    let dimensions = Dimensions {
        image_side: 8,
        feature_side: 8,
        channels: 1,
        stem_map_bytes: 0,
        stem_macs: 100,
        glimpse_side: 2,
        glimpses_per_image: 1,
        hidden: 4,
        head_hidden: 3,
        context_units: 0,
        ways: 0,
    };
    let work = Work::from(&dimensions);
    // Resampling twice, then 16 gates and 3 numbers of the gaze for 4 of the glimpse and 4 of the state.
    assert_eq!(work.first, 128 + 32 + 16 * 4);
    assert_eq!(work.weights, 16 * 4 + 16 * 8 + 3 * 4 + 3 * (4 + 1));
    assert_eq!(work.rest, 128 + 32 + 16 * 8 + 3 * 4 + 3 * (4 + 1));
    let question = |task| Question { task, batch: 20, aim: 1.0 };
    assert_eq!(work.answer(&question(Task::Compare)), 20 * (224 + 315));
    assert_eq!(work.answer(&question(Task::Identify)), 100 + 224 + 20 * 315);
}

#[test]
fn the_plot_has_a_bar_for_each_rate_and_a_key() {
    let svg = plot(&[case(1, 8500.0), case(20, 2500.0)]).unwrap();
    for name in ["ours", "fast", "slow", "ARC, 20"] {
        assert!(svg.lines().any(|line| line.trim() == name), "no {name} in\n{svg}");
    }
    // Two cases of three, three keys, and the frame of the key.
    assert!(svg.matches("<rect").count() >= 2 * 3 + 3);
}

#[test]
fn logits_that_do_not_follow_the_reference_are_refused() {
    let reference: Vec<f64> = (0..20).map(f64::from).collect();
    let near: Vec<f64> = reference.iter().map(|x| 2.0 * x + 1.0).collect();
    assert!((correlation(&reference, &near) - 1.0).abs() < 1e-12);
    assert_eq!(Agreement::of_ours(&reference, &near).unwrap().ours, 20.0);
    let turned: Vec<f64> = reference.iter().map(|x| -x).collect();
    assert!((correlation(&reference, &turned) + 1.0).abs() < 1e-12);
    Agreement::of_ours(&reference, &turned).unwrap_err();
    Agreement::of_ours(&reference, &near[1..]).unwrap_err();
    assert_eq!(Agreement::of_ours(&[1.0], &[1.5]).unwrap().correlation, None);
}
