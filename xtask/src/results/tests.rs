//! The page and the plot of made-up measurements.

use super::measure::{GALLERIES, Glimpses, Measured, Results, System};
use super::page::{page, replace_summary, summary};
use super::plot::plot;
use crate::trainer::Evaluation;

/// An answer of `eval --json`.
fn eval(correct: u64, trials: u64) -> Evaluation {
    let accuracy = correct as f64 / trials as f64;
    let answer = serde_json::json!({
        "protocol": "within", "way": 20, "trials": trials, "correct": correct,
        "accuracy": accuracy, "ci95": [accuracy - 0.0121, accuracy + 0.0052], "model": "x.arc",
    });
    serde_json::from_value(answer).unwrap()
}

fn verify(correct: u64) -> Evaluation {
    let answer = serde_json::json!({
        "accuracy": correct as f64 / 4000.0, "ci95": [0.9, 1.0], "trials": 4000,
        "equal_error_rate": 0.0525, "best_accuracy": 0.95, "best_threshold": 0.1,
        "threshold": 2.5, "false_accept_rate": 0.011, "false_reject_rate": 0.0875,
        "threshold_accuracy": 0.9507,
    });
    serde_json::from_value(answer).unwrap()
}

fn open() -> Evaluation {
    let answer = serde_json::json!({
        "accuracy": 0.8, "ci95": [0.79, 0.81], "trials": 4000, "threshold": 2.5,
        "known_rejected": 0.08, "known_mistaken": 0.02, "unknown_accepted": 0.15,
    });
    serde_json::from_value(answer).unwrap()
}

fn measured(lake: u64, ram: bool) -> Measured {
    let mut inspection = serde_json::json!({
        "file_bytes": 239_683, "dimensions": { "glimpses_per_image": 8, "hidden": 128 },
        "macs": { "pair": 17_900_000, "gallery_20": 77_040_000 }, "weights": { "stem": 30_000 },
    });
    if ram {
        inspection["ram"] = serde_json::json!({ "workspace": 28_672, "gallery_20": 110_592 });
    }
    Measured {
        inspection: serde_json::from_value(inspection).unwrap(),
        lake: Some(eval(lake, 400)),
        within: Some(eval(3556, 4000)),
        verify: Some(verify(3794)),
    }
}

fn results() -> Results {
    let small = System {
        name: "omniglot-small".to_owned(),
        integer: measured(395, true),
        float: Some(measured(394, false)),
        open: Some(open()),
        reordered: None,
        galleries: GALLERIES.iter().map(|&(_, way)| Some(eval(1000 - way as u64, 1000))).collect(),
    };
    let mut tiny = System { name: "tiny".to_owned(), float: None, ..small.clone() };
    tiny.integer.inspection.weights.stem = 0;
    tiny.integer.inspection.dimensions.context_units = 64;
    let answer = serde_json::json!({
        "accuracy": 0.889, "ci95": [0.88, 0.9], "trials": 4000,
        "reordered": { "accuracy": 0.888, "changed": 0.004 },
    });
    tiny.reordered = Some(serde_json::from_value(answer).unwrap());
    let mut ways = System { name: "ways".to_owned(), float: None, open: None, ..small.clone() };
    ways.integer.verify = None;
    ways.integer.inspection.dimensions.ways = 20;
    ways.integer.inspection.macs.pair = None;
    ways.galleries = GALLERIES.iter().map(|&(_, way)| (way == 20).then(|| eval(5, 10))).collect();
    let counted = [1, 2, 8].map(|per_image| Glimpses {
        per_image,
        verify: Some(verify(3000 + 100 * per_image)),
        within: Some(eval(2000 + 200 * per_image, 4000)),
    });
    let seeds = [(1, 390), (2, 394), (3, 398)];
    Results {
        systems: vec![tiny, small, ways],
        glimpses: Some(("omniglot-small".to_owned(), counted.to_vec())),
        seeds: seeds.map(|(seed, lake)| (format!("seed-{seed}"), measured(lake, true))).to_vec(),
        commands: vec!["arc-trainer eval models/tiny.arc".to_owned()],
    }
}

#[test]
fn the_page_has_a_row_for_everything() {
    let page = page(&results());
    for row in [
        "| **omniglot-small**, i8 | 98.75 (97.5–99.3) | 88.90 (87.7–89.4) | 94.85 (90.0–100.0) | 5.25 |",
        "| omniglot-small, float | 98.50 (97.3–99.0) | 88.90 (87.7–89.4) | 94.85 (90.0–100.0) | 5.25 |",
        "| people | 95.50 |  |  |  |",
        "| paper's ConvARC, naive | 97.75 |  | 96.10 |  |",
        "| tiny | raw pixels | full context | 239.7 KB | 28.7 KB | 110.6 KB | 17.9 M | 77.0 M |",
        "| ways | convolutions | 20-way | 239.7 KB |  | 110.6 KB |  | 77.0 M |",
        "| **ways**, i8 | 98.75 (97.5–99.3) | 88.90 (87.7–89.4) |  |  |",
        "| ways |  |  |  |  |  |  |",
        "| ways |  | 50.00 (48.8–50.5) |  | 50.00 (48.8–50.5) |  |",
        "| tiny | 1.10 | 8.75 | 95.07 | 15.00 | 8.00 | 2.00 |",
        "| tiny | 88.90 | 88.80 | 0.40 |",
        "| model | within, 5 | within, 20 | across, 5 | across, 20 | across, 50 |",
        "| 2 | 80.00 (90.0–100.0) | 60.00 (58.8–60.5) | 65.00 |",
        "| mean | 98.50 | 88.90 | 94.85 |",
        "| standard deviation | 1.00 | 0.00 | 0.00 |",
        "arc-trainer eval models/tiny.arc",
    ] {
        assert!(page.lines().any(|line| line == row), "no line {row} in\n{page}");
    }
    assert!(!page.contains("**tiny**, float") && !page.contains("tiny, float"), "it has no run");
}

#[test]
fn every_row_has_its_table_s_columns() {
    for text in [page(&results()), summary(&results())] {
        for table in text.split("\n\n").filter(|block| block.contains("|---|")) {
            let rows = table.lines().filter(|line| line.starts_with('|'));
            let columns: Vec<_> = rows.map(|row| row.matches('|').count()).collect();
            assert!(columns.len() > 2 && columns.iter().all(|c| *c == columns[0]), "{table}");
        }
    }
}

#[test]
fn what_was_not_measured_has_no_section() {
    let page = page(&Results { glimpses: None, seeds: Vec::new(), ..results() });
    assert!(!page.contains("## Number of glimpses") && !page.contains("## Spread"));
    assert!(page.contains("## Commands"));
}

#[test]
fn the_summary_stands_between_its_markers_and_nothing_else_changes() {
    let text = "above\n<!-- results: written by `cargo xtask results` -->\nold\n\
                <!-- end of results -->\nbelow\n";
    let replaced = replace_summary(text, "new\n").unwrap();
    assert_eq!(replaced, text.replace("old", "new"));
    assert_eq!(replace_summary(&replaced, "new\n").unwrap(), replaced);
    for part in ["<!-- results: written", "<!-- end of"] {
        let error = replace_summary(&text.replace(part, ""), "new").unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn the_plot_shows_every_point() {
    let svg = plot(&results()).unwrap();
    // Three protocols of the two systems that answer them all; two of three numbers of glimpses,
    // and the paper's five.
    assert_eq!(svg.matches("<circle").count(), 3 * 2 + 2 * 3 + 5);
    assert!(svg.contains("by size of the file") && svg.contains("verify, paper"));
    assert_eq!(svg, plot(&results()).unwrap());
}
