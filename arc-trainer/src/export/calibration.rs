//! What a logit means: the probability that it stands for, and the threshold from which on two
//! images count as one class. Measured on pairs of classes that the model was not trained on.

use anyhow::Result;
use arc_runtime::Model;
use arc_runtime::format::body::Calibration;
use libm::exp;

use crate::eval::{self, Answer, IntegerBackend, Packing, Plan, Trial};

/// One in Q16, the unit of the calibration gain and of the logit.
const ONE: f64 = 65536.0;
/// Calibration gains that a file may state, Q16: temperatures from 1/64 to 64.
const LEAST_GAIN: u32 = 1 << 10;
const MOST_GAIN: u32 = 1 << 22;
/// The logit's limit in the runtime, Q15.16.
const MOST_LOGIT: i32 = 1 << 30;

/// The calibration of an integer model, from its logits of the plan's pairs;
/// `false_accept` is the share of the pairs of different classes, above 0 and at most 1/2, that
/// may be accepted.
///
/// # Errors
/// If the backend can't be had.
///
/// # Panics
/// If the plan has no pair of different classes.
pub fn calibrate(model: &Model<'_>, plan: &Plan<'_>, false_accept: f64) -> Result<Calibration> {
    let mut packing = Packing::default();
    let logits = eval::run(&IntegerBackend::new(model, &mut packing)?, plan);
    let pair = |(trial, logits): (&Trial, Vec<f64>)| Pair {
        logit: (ONE * logits[0]) as i32,
        same: trial.answer == Answer::Same(true),
    };
    let pairs: Vec<Pair> = plan.trials.iter().zip(logits).map(pair).collect();
    let false_accept_ppm = (1e6 * false_accept).round() as u32;
    let threshold = threshold(&pairs, false_accept_ppm);
    Ok(Calibration { gain: gain(&pairs), threshold, false_accept_ppm })
}

/// A pair of images.
#[derive(Debug, Clone, Copy)]
struct Pair {
    /// The model's logit, Q15.16.
    logit: i32,
    /// Whether both are of one class.
    same: bool,
}

/// The calibration gain, at which gain * logit is the likeliest log-odds of "one class": temperature
/// scaling (Guo et al., 2017). Platt's targets (1999) in place of 0 and 1 keep it finite where the
/// logits make no error.
///
/// The negative log-likelihood is convex in the gain: its least value is where its slope, the
/// sum of logit * (sigmoid(gain * logit) - target), turns positive.
fn gain(pairs: &[Pair]) -> u32 {
    let same = pairs.iter().filter(|pair| pair.same).count() as f64;
    let different = pairs.len() as f64 - same;
    let targets = [1.0 / (different + 2.0), (same + 1.0) / (same + 2.0)];
    let rises = |gain: u32| {
        let slope = |pair: &Pair| {
            let logit = f64::from(pair.logit) / ONE;
            let probability = 1.0 / (1.0 + exp(-f64::from(gain) / ONE * logit));
            logit * (probability - targets[usize::from(pair.same)])
        };
        pairs.iter().map(slope).sum::<f64>() >= 0.0
    };
    let (mut low, mut high) = (LEAST_GAIN, MOST_GAIN);
    while low < high {
        let middle = low.midpoint(high);
        if rises(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The least logit that at most `ppm` of a million pairs of different classes reach.
fn threshold(pairs: &[Pair], ppm: u32) -> i32 {
    let different = pairs.iter().filter(|pair| !pair.same);
    let mut different: Vec<i32> = different.map(|pair| pair.logit).collect();
    different.sort_unstable_by(|a, b| b.cmp(a));
    let accepted = different.len() as u64 * u64::from(ppm) / 1_000_000;
    (different[accepted as usize] + 1).min(MOST_LOGIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` pairs of this logit, of which `same` are of one class.
    fn pairs(logit: f64, count: usize, same: usize) -> Vec<Pair> {
        (0..count).map(|k| Pair { logit: (logit * ONE) as i32, same: k < same }).collect()
    }

    #[test]
    fn the_gain_gives_back_the_odds_that_were_observed() {
        // 3 of 4 are right at a logit of 2, be it too sure or not sure enough.
        for logit in [0.1, 0.5, 2.0, 10.0] {
            let pairs = [pairs(logit, 4000, 3000), pairs(-logit, 4000, 1000)].concat();
            let mean_target = (3000.0 * 4001.0 + 1000.0) / (4000.0 * 4002.0);
            let expected = f64::ln(mean_target / (1.0 - mean_target)) / logit;
            let found = f64::from(gain(&pairs)) / ONE;
            assert!((found - expected).abs() < 1e-3 * expected, "{logit}: {found} {expected}");
        }
    }

    #[test]
    fn the_gain_stays_within_the_file_s_range() {
        // No error at all, logits the wrong way round, and logits that say nothing.
        assert!(gain(&[pairs(1.0, 50, 50), pairs(-1.0, 50, 0)].concat()) < 5 << 16);
        assert_eq!(gain(&[pairs(1e-3, 50, 50), pairs(-1e-3, 50, 0)].concat()), MOST_GAIN);
        assert_eq!(gain(&[pairs(-1.0, 50, 50), pairs(1.0, 50, 0)].concat()), LEAST_GAIN);
        assert_eq!(gain(&pairs(0.0, 50, 25)), LEAST_GAIN);
    }

    #[test]
    fn the_threshold_is_the_least_that_keeps_the_share() {
        let mut pairs: Vec<_> = (0..1000).map(|logit| Pair { logit, same: false }).collect();
        let accepted = |pairs: &[Pair], from: i32| pairs.iter().filter(|p| p.logit >= from).count();
        for (ppm, allowed) in [(500_000, 500), (10_000, 10), (1_999, 1), (1, 0)] {
            let found = threshold(&pairs, ppm);
            let around = [found, found - 1].map(|from| accepted(&pairs, from));
            assert_eq!(around, [allowed, allowed + 1], "{ppm}");
        }
        let alone = threshold(&pairs, 10_000);
        pairs.extend((0..1000).map(|logit| Pair { logit: 5 * logit, same: true }));
        assert_eq!(threshold(&pairs, 10_000), alone, "pairs of one class have no say");
    }

    #[test]
    fn pairs_that_share_a_logit_pass_the_threshold_together() {
        let pairs = [pairs(1.0, 5, 0), pairs(0.0, 5, 0)].concat();
        assert_eq!(threshold(&pairs, 100_000), (1 << 16) + 1, "none: all five would be too many");
        assert_eq!(threshold(&pairs, 500_000), 1, "five of ten");
    }
}
