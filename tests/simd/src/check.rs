//! What a set of kernels must show on its own machine: the bits of the scalar one.

use core::fmt::Write;

use arc_golden::buffers::Fences;
use arc_golden::{
    GALLERIES, GOLDEN, identify, identify_packed, random, random_packed, reproduce,
    reproduce_packed, sizes, suite,
};
use arc_runtime::Line;
use arc_runtime::kernels::Kernels;

/// Pairs of random pictures that are compared with each of the three models.
pub const RANDOM_PAIRS: usize = 3_500;

/// Holds `kernels` against the scalar ones operation by operation, against the golden vectors, and on
/// `random_pairs` pairs of pictures for each model, with weights packed in `lines` if there are some; `log`
/// gets a line for each. Returns whether all was the same.
pub fn check<K: Kernels + Clone>(
    kernels: &K,
    lines: Option<&mut [Line]>,
    random_pairs: usize,
    log: &mut impl Write,
) -> bool {
    match every_check(kernels, lines, random_pairs, log) {
        Ok(()) => true,
        Err(what) => {
            let _ = writeln!(log, "{}: FAILED: {what}", K::NAME);
            false
        }
    }
}

fn every_check<K: Kernels + Clone>(
    kernels: &K,
    mut lines: Option<&mut [Line]>,
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
        let kernels = || kernels.clone();
        let same = match &mut lines {
            Some(lines) => reproduce_packed(golden, kernels(), lines),
            None => reproduce(golden, kernels()),
        };
        let same = same.map_err(|difference| difference.what)?;
        line(golden.name, same.steps, "steps, every number as recorded")?;
        if random_pairs == 0 {
            continue;
        }
        let pairs = match &mut lines {
            Some(lines) => random_packed(golden, kernels(), random_pairs, lines),
            None => random(golden, kernels(), random_pairs),
        };
        let pairs = pairs.map_err(|difference| difference.what)?;
        line(golden.name, pairs, "random pairs, every logit as in scalar code")?;
    }
    for golden in &GALLERIES {
        let same = match &mut lines {
            Some(lines) => identify_packed(golden, kernels.clone(), lines),
            None => identify(golden, kernels.clone()),
        };
        let same = same.map_err(|difference| difference.what)?;
        line(golden.name, same.supports, "supports, every rating as recorded")?;
    }
    Ok(())
}
