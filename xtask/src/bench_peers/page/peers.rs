//! Everyone's speed, and how well they agree.

use std::fs;

use super::thousands::thousands;
use crate::bench_peers::folders::programs;
use crate::bench_peers::measure::{CORRELATION, Case, TOLERANCE};
use crate::results::markdown::Table;

/// The same network, everywhere.
pub fn beside(cases: &[Case], plot: &str) -> String {
    format!(
        "The same network with the same weights. Pairs per second; *ours* in \
        8-bit integers. On raw pixels 8 glimpses of 4x4 of each image, one LSTM step each. A batch holds pairs of \
        different images; the small ConvARC identifies, 20-way: it takes one probe, whose convolutions count, and 20 \
        supports whose features are kept.\n\n\
        {}\n\
        ![Pairs per second, ours and the others]({plot}.svg)\n\n\
        PyTorch is libtorch {}, called without Python in between. The graph for ONNX is unrolled over all steps, of a \
        fixed size, with batch norm folded; int8 has its matrices quantized dynamically. tract runs the f32 graph. {}.\n",
        table(cases),
        crate::setup::libtorch::VERSION,
        packages(),
    )
}

/// Pairs per second of everyone, and the ratio.
pub fn table(cases: &[Case]) -> String {
    let names = cases.first().map(|case| case.peers.keys().copied()).into_iter().flatten();
    let head: Vec<_> = ["network", "batch", "ours"].into_iter().chain(names).collect();
    let mut table = Table::new(&[&head[..], &["ours to the best"]].concat());
    for case in cases {
        let mut row = vec![case.controller.to_owned(), case.batch.to_string()];
        row.push(thousands(case.ours_pairs_per_s));
        row.extend(case.peers.values().map(|&rate| thousands(rate)));
        row.push(format!("{:.2}", case.ratio));
        table.row(row);
    }
    table.to_string()
}

/// The packages of the peers, with their versions.
fn packages() -> String {
    let text = fs::read_to_string(programs().join("requirements.txt")).unwrap_or_default();
    let packages: Vec<_> = text.lines().map(|line| line.replace("==", " ")).collect();
    format!("Versions: {}", packages.join(", "))
}

/// That all compute the same.
pub fn agreement(cases: &[Case]) -> String {
    format!(
        "Each one's logits were compared with the float reference's before anything was timed. Those in floats may differ by \
        {TOLERANCE}; ours have to follow it with a correlation of {CORRELATION} or more. Untrained weights, which the two \
        networks on raw pixels have, tell images apart by little, so that rounding matters more than it does in a trained \
        one.\n\n{}",
        differences(cases)
    )
}

/// How well the logits agree.
fn differences(cases: &[Case]) -> String {
    let mut table = Table::new(&[
        "network",
        "batch",
        "peers in floats, at most",
        "ours, at most",
        "ours, correlation",
    ]);
    for Case { controller, batch, agreement, .. } in cases {
        table.row(vec![
            (*controller).to_owned(),
            batch.to_string(),
            format!("{:.1e}", agreement.floats),
            format!("{:.3}", agreement.ours),
            agreement.correlation.map_or_else(String::new, |c| format!("{c:.4}")),
        ]);
    }
    table.to_string()
}
