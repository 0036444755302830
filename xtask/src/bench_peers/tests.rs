//! The page, the plot and the JSON of made-up measurements.

use std::collections::BTreeMap;

use super::measure::{Agreement, Alone, Case, correlation};
use super::page::{page, table};
use super::plot::plot;

fn case(batch: usize, ours: f64) -> Case {
    let peers = BTreeMap::from([("fast", 1000.0), ("slow", 12.4)]);
    Case::new("ARC", batch, ours, peers, Agreement { floats: 2e-6, ours: 0.012, correlation: None })
}

fn alone() -> Alone {
    let answer = serde_json::json!({
        "model": "x.arc", "backend": "avx9", "threads": 1, "lanes": 4, "working_bytes": 1,
        "pairs_per_s": { "1": 1234.5, "20": 2345.4, "256": 3456.0 }, "identify20_per_s": 99.6,
        "macs_per_pair": 1_460_000, "peak_gmacs": 250.0, "share_of_peak": 0.125,
    });
    Alone { controller: "ARC", ..serde_json::from_value(answer).unwrap() }
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
    let cases = [case(1, 8500.0), case(256, 1_234_567.8)];
    let page = page(&cases, &[alone()]);
    assert!(page.contains(&table(&cases)));
    for row in [
        "| network | batch | ours | fast | slow | ours to the best |",
        "| ARC | 1 | 8,500 | 1,000 | 12 | 8.50 |",
        "| ARC | 256 | 1,234,568 | 1,000 | 12 | 1234.57 |",
        "| ARC | 1 | 2.0e-6 | 0.012 |  |",
        "| ARC | 1,234 | 2,345 | 3,456 | 100 | 1,460,000 | 12.5 % |",
    ] {
        assert!(page.lines().any(|line| line == row), "no line {row} in\n{page}");
    }
    assert!(page.contains("Kernels: avx9.") && page.contains("onnxruntime "));
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
