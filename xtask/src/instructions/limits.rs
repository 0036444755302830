//! What is promised of each stage: a few per cent above what was counted when it was last changed.

use anyhow::{Context, Result, ensure};

use super::row::Row;

/// The stages, in the order of their limits.
const STAGES: [&str; 8] = ["stem", "gaze", "glimpse", "step", "cell", "head", "pair", "identify"];

/// Most instructions of a model's stages on a machine by a set of kernels; 0 for what a model has not.
type Limits = (&'static str, &'static str, &'static str, [u64; STAGES.len()]);

#[rustfmt::skip]
const LIMITS: &[Limits] = &[
    ("x86-64", "avx2", "omniglot-tiny", [0, 835, 9_100, 22_400, 1_650, 2_110, 509_000, 8_810_000]),
    ("x86-64", "scalar", "omniglot-tiny", [0, 1_370, 115_000, 269_000, 11_600, 12_700, 5_820_000, 113_000_000]),
    ("x86-64", "avx2", "omniglot-small", [1_960_000, 877, 10_100, 43_300, 1_870, 3_070, 4_770_000, 16_800_000]),
    ("x86-64", "scalar", "omniglot-small", [27_700_000, 1_510, 123_000, 626_000, 13_200, 28_000, 67_100_000, 253_000_000]),
    ("aarch64", "neon-dotprod", "omniglot-tiny", [0, 497, 22_600, 44_300, 8_370, 2_430, 1_070_000, 15_000_000]),
    ("aarch64", "scalar", "omniglot-tiny", [0, 635, 78_700, 91_100, 9_750, 4_900, 2_560_000, 48_900_000]),
    ("aarch64", "neon-dotprod", "omniglot-small", [2_100_000, 510, 21_600, 73_000, 9_550, 4_780, 5_710_000, 21_700_000]),
    ("aarch64", "scalar", "omniglot-small", [12_300_000, 597, 51_600, 156_000, 11_200, 8_720, 27_800_000, 74_700_000]),
];

/// Holds what was counted against its limits. Sets of kernels that were not run are none of its business.
///
/// # Errors
///
/// The first that is not kept, with the figure counted, or a stage of which nothing is promised.
pub fn check(machine: &str, rows: &[Row]) -> Result<()> {
    for Row { model, kernels, stage, instructions, .. } in rows {
        let same = |limits: &&Limits| (limits.0, limits.1, limits.2) == (machine, kernels, model);
        let place = STAGES.iter().position(|name| name == stage);
        let limit = LIMITS.iter().find(same).zip(place).map(|(limits, place)| limits.3[place]);
        let most = limit
            .with_context(|| format!("no limit for {stage}: {machine}, {kernels}, {model}"))?;
        ensure!(
            *instructions <= most,
            "{stage} takes {instructions} instructions, allowed are {most}: {machine}, {kernels}, {model}"
        );
    }
    Ok(())
}
