//! What a count of right answers, or a list of scores, is worth.

use serde::Serialize;

/// The Wilson score interval of a proportion at 95 % (Wilson, 1927).
pub fn wilson(correct: usize, trials: usize) -> [f64; 2] {
    if trials == 0 {
        return [0.0, 1.0];
    }
    const Z: f64 = 1.959_964;
    let (n, p) = (trials as f64, correct as f64 / trials as f64);
    let scale = 1.0 / (1.0 + Z * Z / n);
    let center = scale * (p + Z * Z / (2.0 * n));
    let half = scale * Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // Rounding must not push an end past the proportion itself, as at 0 of n.
    [(center - half).clamp(0.0, p), (center + half).clamp(p, 1.0)]
}

/// How well thresholds on the logit tell same from different.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verification {
    /// Error rate at the threshold where false alarms are as frequent as misses.
    pub equal_error_rate: f64,
    /// Accuracy at the best threshold.
    pub best_accuracy: f64,
    /// The logit from which on that accuracy says "same".
    pub best_threshold: f64,
    /// The logit from which on the model accepts a pair.
    pub threshold: f64,
    /// Share of the different pairs that it accepts.
    pub false_accept_rate: f64,
    /// Share of the same pairs that it rejects.
    pub false_reject_rate: f64,
    /// Accuracy of these decisions.
    pub threshold_accuracy: f64,
}

impl Verification {
    /// From logits with their truth, and the model's own threshold; `None` unless both kinds of
    /// pairs are there.
    pub fn of(pairs: &[(f64, bool)], threshold: f64) -> Option<Self> {
        let same = pairs.iter().filter(|pair| pair.1).count();
        let different = pairs.len() - same;
        if same == 0 || different == 0 {
            return None;
        }
        let mut sorted = pairs.to_vec();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));

        // The threshold falls from one score to the next; equal scores pass it together.
        let (mut hits, mut alarms) = (0, 0);
        let (mut before, mut error) = ((1.0, 0.0), None);
        // Above every score, all pairs are called different.
        let mut best = (different, sorted[0].0.next_up());
        for block in sorted.chunk_by(|a, b| a.0 == b.0) {
            hits += block.iter().filter(|pair| pair.1).count();
            alarms += block.iter().filter(|pair| !pair.1).count();
            let right = hits + different - alarms;
            if right > best.0 {
                best = (right, block[0].0);
            }
            let miss_rate = 1.0 - hits as f64 / same as f64;
            let alarm_rate = alarms as f64 / different as f64;
            if alarm_rate >= miss_rate && error.is_none() {
                error = Some(crossing(before, (miss_rate, alarm_rate)));
            }
            before = (miss_rate, alarm_rate);
        }
        let accepted = |truth| pairs.iter().filter(|p| p.1 == truth && p.0 >= threshold).count();
        let (accepted, falsely) = (accepted(true), accepted(false));
        Some(Self {
            equal_error_rate: error?,
            best_accuracy: best.0 as f64 / pairs.len() as f64,
            best_threshold: best.1,
            threshold,
            false_accept_rate: falsely as f64 / different as f64,
            false_reject_rate: (same - accepted) as f64 / same as f64,
            threshold_accuracy: (accepted + different - falsely) as f64 / pairs.len() as f64,
        })
    }
}

/// Where (miss rate, alarm rate) has two equal numbers on the line from `a` to `b`.
fn crossing(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (gap_a, gap_b) = (a.0 - a.1, b.1 - b.0);
    let t = if gap_a + gap_b > 0.0 { gap_a / (gap_a + gap_b) } else { 0.0 };
    a.0 + t * (b.0 - a.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_of_published_examples() {
        // Agresti and Coull (1998): 0 of 10 and 5 of 10.
        let close = |a: [f64; 2], b: [f64; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 5e-4);
        assert!(close(wilson(0, 10), [0.0, 0.2775]));
        assert!(close(wilson(5, 10), [0.2366, 0.7634]));
        assert!(close(wilson(10, 10), [0.7225, 1.0]));
        for n in 1..100 {
            assert_eq!((wilson(0, n)[0], wilson(n, n)[1]), (0.0, 1.0));
        }
    }

    #[test]
    fn thresholds_of_scores_that_overlap() {
        let pairs = [
            (3.0, true),
            (2.0, true),
            (1.5, false),
            (1.0, true),
            (0.5, true),
            (0.0, false),
            (-1.0, false),
            (-2.0, false),
        ];
        let found = Verification::of(&pairs, 1.5).unwrap();
        assert_eq!(found.equal_error_rate, 0.25);
        assert_eq!((found.best_accuracy, found.best_threshold), (7.0 / 8.0, 0.5));
        // From 1.5 on: two of four same pairs, and one of four different ones.
        assert_eq!((found.false_accept_rate, found.false_reject_rate), (0.25, 0.5));
        assert_eq!((found.threshold, found.threshold_accuracy), (1.5, 5.0 / 8.0));
    }

    #[test]
    fn scores_that_do_not_overlap_and_scores_that_say_nothing() {
        let clean = Verification::of(&[(1.0, true), (-1.0, false)], 0.0).unwrap();
        assert_eq!((clean.equal_error_rate, clean.best_accuracy), (0.0, 1.0));
        let blind = Verification::of(&[(0.0, true), (0.0, false)], 0.0).unwrap();
        assert_eq!((blind.equal_error_rate, blind.best_accuracy), (0.5, 0.5));
        assert_eq!(Verification::of(&[(1.0, true)], 0.0), None);
        let inverted = Verification::of(&[(-1.0, true), (1.0, false)], 0.0).unwrap();
        assert!(inverted.best_threshold.is_finite(), "JSON knows no infinity");
        assert_eq!((inverted.equal_error_rate, inverted.best_accuracy), (1.0, 0.5));
    }
}
