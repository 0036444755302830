//! Which of the comparisons a report shows.

use crate::eval::{Answer, Plan};

/// Pairs of each kind that went right.
const RIGHT: usize = 2;
/// Errors shown, the worst first.
const WRONG: usize = 3;

/// Indices in the plan of the pairs to show: the same, the different, then the worst errors.
///
/// The right ones are ordinary ones, spread over the range of the model's certainty.
pub fn pairs(plan: &Plan<'_>, logits: &[Vec<f64>]) -> Vec<usize> {
    let pairs = || (0..plan.trials.len()).map(|k| (k, is_same(plan, k), logits[k][0]));
    let mut shown = Vec::new();
    for kind in [true, false] {
        let mut right: Vec<_> =
            pairs().filter(|&(_, same, logit)| same == kind && (logit >= 0.0) == same).collect();
        right.sort_by(|a, b| a.2.abs().total_cmp(&b.2.abs()));
        shown.extend(
            (1..=RIGHT).filter_map(|i| right.get(i * right.len() / (RIGHT + 1))).map(|p| p.0),
        );
    }
    // Of few pairs, two picks can be the same one.
    shown.dedup();
    let mut wrong: Vec<_> = pairs().filter(|&(_, same, logit)| (logit >= 0.0) != same).collect();
    wrong.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    shown.extend(wrong.iter().take(WRONG).map(|p| p.0));
    shown
}

/// Whether a pair of the plan is of one class.
pub fn is_same(plan: &Plan<'_>, pair: usize) -> bool {
    plan.trials[pair].answer == Answer::Same(true)
}

/// A typical right trial, the one of median margin, and the worst wrong one, if there are any.
pub fn trials(plan: &Plan<'_>, logits: &[Vec<f64>]) -> Vec<usize> {
    let mut margins: Vec<(usize, f64)> =
        (0..plan.trials.len()).map(|k| (k, margin(&logits[k], answer(plan, k)))).collect();
    margins.sort_by(|a, b| a.1.total_cmp(&b.1));
    let wrong = margins.partition_point(|m| m.1 <= 0.0);
    let right = &margins[wrong..];
    let worst = margins[..wrong].first();
    right.get(right.len() / 2).into_iter().chain(worst).map(|m| m.0).collect()
}

/// The index of the right support.
pub fn answer(plan: &Plan<'_>, trial: usize) -> usize {
    match plan.trials[trial].answer {
        Answer::Support(answer) => answer,
        Answer::Same(_) | Answer::Open(_) => 0,
    }
}

/// How far the right support's logit is above the best of the others.
fn margin(logits: &[f64], answer: usize) -> f64 {
    let others = logits.iter().enumerate().filter(|(k, _)| *k != answer);
    logits[answer] - others.map(|(_, logit)| *logit).fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Trial;

    fn plan(answers: impl IntoIterator<Item = Answer>) -> Plan<'static> {
        let mut plan = Plan::new("test", 1, 1);
        let trial = |answer| Trial { probe: 0, supports: vec![0], answer };
        plan.trials = answers.into_iter().map(trial).collect();
        plan
    }

    #[test]
    fn worst_errors_come_first_and_after_the_right_ones() {
        let plan = plan([true, true, true, false, false, false, true].map(Answer::Same));
        let logits = [4.0, 2.0, -1.0, 3.0, -2.0, -5.0, -9.0].map(|l| vec![l]);
        assert_eq!(pairs(&plan, &logits), [1, 0, 4, 5, 6, 3, 2]);
    }

    #[test]
    fn a_median_right_trial_and_the_worst_wrong_one() {
        let plan = plan([0, 0, 1, 1, 0].map(Answer::Support));
        let logits = [[5.0, 0.0], [2.0, 0.0], [0.0, 9.0], [3.0, 1.0], [1.0, 4.0]].map(Vec::from);
        assert_eq!(trials(&plan, &logits), [0, 4]);
    }

    #[test]
    fn without_errors_there_is_nothing_wrong_to_show() {
        let plan = plan([0].map(Answer::Support));
        assert_eq!(trials(&plan, &[vec![1.0, 0.0]]), [0]);
    }
}
