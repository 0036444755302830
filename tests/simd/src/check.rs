//! What a set of kernels must show on its own machine: the bits of the scalar one.

use core::fmt::Write;

use arc_golden::buffers::Fences;
use arc_golden::{GALLERIES, GOLDEN, identify, random, reproduce, sizes, suite};
use arc_runtime::kernels::Kernels;

/// Pairs of random pictures that are compared with each of the three models.
pub const RANDOM_PAIRS: usize = 3_500;

/// Holds `kernels` against the scalar ones operation by operation, against the golden vectors, and on
/// `random_pairs` pairs of pictures for each model; `log` gets a line for each. Returns whether all
/// was the same.
pub fn check<K: Kernels + Clone>(kernels: &K, random_pairs: usize, log: &mut impl Write) -> bool {
    match every_check(kernels, random_pairs, log) {
        Ok(()) => true,
        Err(what) => {
            let _ = writeln!(log, "{}: FAILED: {what}", K::NAME);
            false
        }
    }
}

fn every_check<K: Kernels + Clone>(
    kernels: &K,
    random_pairs: usize,
    log: &mut impl Write,
) -> Result<(), &'static str> {
    let mut line = |subject: &str, count: usize, what: &str| {
        let name = K::NAME;
        writeln!(log, "{name}: {subject}: {count} {what}").map_err(|_| "the log")
    };
    line("suite", suite::run(kernels.clone())?, "results, every bit as in scalar code")?;
    line("sizes", sizes::run::<Fences>(kernels)?, "calls, right and wrong, within their buffers")?;
    for golden in &GOLDEN {
        let same = reproduce(golden, kernels.clone()).map_err(|difference| difference.what)?;
        line(golden.name, same.steps, "steps, every number as recorded")?;
        if random_pairs == 0 {
            continue;
        }
        let pairs = random(golden, kernels.clone(), random_pairs);
        let pairs = pairs.map_err(|difference| difference.what)?;
        line(golden.name, pairs, "random pairs, every logit as in scalar code")?;
    }
    for golden in &GALLERIES {
        let same = identify(golden, kernels.clone()).map_err(|difference| difference.what)?;
        line(golden.name, same.supports, "supports, every rating as recorded")?;
    }
    Ok(())
}
