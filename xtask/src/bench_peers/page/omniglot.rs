//! A whole evaluation.

use super::measured::Measured;
use super::thousands::thousands;
use crate::bench_peers::omniglot::{Evaluation, MODEL, QUESTION};
use crate::bench_peers::speed::Network;
use crate::results::markdown::Table;

/// What `eval` takes, with every set of kernels.
pub fn omniglot(measured: &Measured) -> String {
    let command =
        format!("`arc-trainer eval {MODEL} --data images_background.zip {}`", QUESTION.join(" "));
    let Some((name, evaluations)) = &measured.omniglot else {
        return format!(
            "Not measured here: {command} wants Omniglot's images_background.zip in the folder that ARC_OMNIGLOT names.\n"
        );
    };
    let network = measured.network(name);
    let mut table = Table::new(&[
        "kernels",
        "threads",
        "seconds",
        "pairs/s",
        "billion MACs/s",
        "share of the peak",
    ]);
    for evaluation in evaluations {
        let gmacs = macs(network, evaluation) / evaluation.seconds / 1e9;
        let peak = measured.peak(evaluation.threads);
        table.row(vec![
            evaluation.backend.clone(),
            evaluation.threads.to_string(),
            format!("{:.2}", evaluation.seconds),
            thousands(evaluation.pairs_per_s()),
            format!("{gmacs:.1}"),
            format!("{:.1} %", 100.0 * gmacs / peak),
        ]);
    }
    let Evaluation { trials, correct, images, way, .. } = evaluations[0];
    format!(
        "{command}: the {} on alphabets that it was not trained on, {} trials, {} pairs of {} images. {} of the trials are right, \
        {:.2} %, with every set of kernels. The seconds are those that `eval` reports, medians: scaling the drawings, \
        convolutions, pairs and decisions; reading the file and drawing the trials are not in them.\n\n\
        Counted are the MACs that can't be left out: the convolutions once for each image, the first of a pair's {} \
        steps once for each probe and without the state, which is zero, the other steps and the head for each pair. The peak is \
        that of this machine's fastest kernels on as many threads.\n\n{table}",
        network.name,
        thousands(trials as f64),
        thousands((trials * way) as f64),
        thousands(images as f64),
        thousands(correct as f64),
        100.0 * correct as f64 / trials as f64,
        network.work.steps,
    )
}

/// Multiply-accumulates of an evaluation.
pub fn macs(network: &Network, evaluation: &Evaluation) -> f64 {
    let Evaluation { images, trials, way, .. } = *evaluation;
    (images * network.work.stem + trials * network.work.comparison(way)) as f64
}
