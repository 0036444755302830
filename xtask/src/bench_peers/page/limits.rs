//! How much faster than the others ours could be, if it did nothing but multiply.

use super::measured::Measured;
use crate::bench_peers::measure::Case;
use crate::results::markdown::Table;

/// The ratios reached, aimed at and possible.
pub fn limits(measured: &Measured) -> String {
    let mut table = Table::new(&[
        "network",
        "batch",
        "reached",
        "aim",
        "at the peak of products",
        "at the speed of reading",
    ]);
    let mut beyond = Vec::new();
    for case in &measured.cases {
        let Case { controller, batch, ratio, question, .. } = case;
        let most = [Some(multiplying(measured, case)), reading(measured, case)];
        let mut row = vec![(*controller).to_owned(), batch.to_string()];
        row.extend([format!("{ratio:.2}"), format!("{:.1}", question.aim)]);
        row.extend(most.iter().flatten().map(|ratio| format!("{ratio:.2}")));
        table.row(row);
        if most.iter().flatten().any(|&most| most < question.aim) {
            beyond.push(format!("{controller} at batch {batch}"));
        }
    }
    let beyond = match beyond.as_slice() {
        [] => String::new(),
        rows => format!(
            "\nBy these figures the aim is out of this machine's reach: {}.\n",
            rows.join("; ")
        ),
    };
    format!(
        "The ratio to the best of the others, beside the one aimed at and those that nothing but the machine would limit. \
        *At the peak of products*: a program that does the matrix products that can't be left out at the machine's peak, and \
        spends no time on anything else. *At the speed of reading*, for a pair by itself: each product has a weight of its own \
        to read, and this is a program that goes through the weights, step after step, as fast as memory of their size is read \
        over and over.\n\n{table}{beyond}"
    )
}

/// The ratio of a program that multiplies at the machine's peak all the time.
fn multiplying(measured: &Measured, case: &Case) -> f64 {
    let answer = measured.network(case.controller).work.answer(&case.question);
    let pairs_per_s = 1e9 * measured.peak(1) / (answer as f64 / case.batch as f64);
    pairs_per_s / best(case)
}

/// The ratio of a program that reads weights all the time, if no pairs share them.
fn reading(measured: &Measured, case: &Case) -> Option<f64> {
    let speed = measured.alone().find(|speed| speed.network == case.controller)?;
    let weights = measured.network(case.controller).work.weights as f64;
    (case.batch == 1).then(|| 1e9 * speed.read_gbytes_per_s / weights / best(case))
}

/// Pairs per second of the best of the others.
fn best(case: &Case) -> f64 {
    case.ours_pairs_per_s / case.ratio
}
