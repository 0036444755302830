//! `docs/speed.md`: the measurements in words and tables.

use std::fs;

use super::measure::{Alone, CORRELATION, Case, TOLERANCE};
use super::programs;
use crate::results::markdown::Table;

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

/// How well the logits agree.
fn agreement(cases: &[Case]) -> String {
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

/// What `arc-trainer bench` says.
fn alone(machines: &[Alone]) -> String {
    let mut table = Table::new(&[
        "network",
        "pairs/s, batch 1",
        "20",
        "256",
        "identify 20-way/s",
        "MACs a pair",
        "share of the peak",
    ]);
    for m in machines {
        let mut row = vec![m.controller.to_owned()];
        row.extend(
            [1, 20, 256].map(|batch| thousands(m.pairs_per_s.get(&batch).copied().unwrap_or(0.0))),
        );
        row.push(thousands(m.identify20_per_s));
        row.push(thousands(m.macs_per_pair as f64));
        row.push(format!("{:.1} %", 100.0 * m.share_of_peak));
        table.row(row);
    }
    table.to_string()
}

/// The whole page.
pub fn page(cases: &[Case], machines: &[Alone]) -> String {
    let backend = machines.first().map_or("unknown", |m| m.backend.as_str());
    let peak = machines.iter().map(|m| m.peak_gmacs).fold(0.0, f64::max);
    format!(
        "# Speed\n\n\
        Written by `cargo xtask bench-peers --write`, on one thread of this processor: {}. Kernels: {backend}.\n\n\
        ## Beside other engines\n\n\
        The same network with the same weights. Pairs per second, medians of rounds in which all take turns; *ours* in \
        8-bit integers. On raw pixels 8 glimpses of 4x4 of each image, one LSTM step each. A batch holds pairs of \
        different images; the small ConvARC identifies, 20-way: it takes one probe, whose convolutions count, and 20 supports whose features \
        are kept.\n\n\
        {}\n\
        ![Pairs per second, ours and the others](speed.svg)\n\n\
        PyTorch is libtorch {}, called without Python in between. The graph for ONNX is unrolled over all steps, of a \
        fixed size, with batch norm folded; int8 has its matrices quantised dynamically. tract runs the f32 graph. {}.\n\n\
        ## Agreement\n\n\
        Each one's logits were compared with the float reference's before anything was timed. Those in floats may differ by \
        {TOLERANCE}; ours have to follow it with a correlation of {CORRELATION} or more. Untrained weights, which the two \
        networks on raw pixels have, tell images apart by little, so that rounding weighs more than it does in a trained one.\n\n\
        {}\n\
        ## By itself\n\n\
        `arc-trainer bench`, one thread. This machine multiplies and adds at most {peak:.0} billion 8-bit numbers a second \
        on one thread; the share is what the fastest batch makes of that, with everything that is no matrix product in it.\n\n\
        {}",
        processor(),
        table(cases),
        crate::setup::libtorch::VERSION,
        packages(),
        agreement(cases),
        alone(machines),
    )
}

/// The packages of the peers, with their versions.
fn packages() -> String {
    let text = fs::read_to_string(programs().join("requirements.txt")).unwrap_or_default();
    let packages: Vec<_> = text.lines().map(|line| line.replace("==", " ")).collect();
    format!("Versions: {}", packages.join(", "))
}

/// What the processor calls itself.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// A whole number with its thousands apart.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
