//! One-shot classification among characters of all alphabets.

use anyhow::{Result, ensure};
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Answer, Plan, Trial};
use crate::data::{Class, Dataset};
use crate::printable::printable;

/// Each trial draws `way` characters from all alphabets, a drawing of each as support and
/// another drawing of one of them as probe.
///
/// # Errors
/// If there are fewer than `way` characters, one has fewer than two drawings, or the trials don't
/// fit in memory.
pub fn across(dataset: &Dataset, way: usize, trials: usize, seed: u64) -> Result<Plan<'_>> {
    dataset.require_drawings(2)?;
    let classes: Vec<&Class> = dataset.classes().collect();
    ensure!(
        classes.len() >= way,
        "{}: {} classes are too few for {way}-way trials: lower --way",
        printable(&dataset.name),
        classes.len()
    );
    Plan::ensure_fits(trials, way)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut plan = Plan::new("across", way, trials);
    for _ in 0..trials {
        let drawn: Vec<&Class> =
            index::sample(&mut rng, classes.len(), way).iter().map(|c| classes[c]).collect();
        let answer = rng.random_range(0..way);
        let probe = plan.place(two_of(drawn[answer], &mut rng).0);
        // Drawn anew for every class but the answer's, which must not show the probe itself.
        let mut supports = Vec::with_capacity(way);
        for class in drawn {
            let (one, other) = two_of(class, &mut rng);
            let one = plan.place(one);
            supports.push(if one == probe { plan.place(other) } else { one });
        }
        plan.trials.push(Trial { probe, supports, answer: Answer::Support(answer) });
    }
    Ok(plan)
}

/// Two different drawings of a class.
pub(super) fn two_of<'d>(
    class: &'d Class,
    rng: &mut ChaCha8Rng,
) -> (&'d crate::data::Drawing, &'d crate::data::Drawing) {
    let pair = index::sample(rng, class.drawings.len(), 2);
    (&class.drawings[pair.index(0)], &class.drawings[pair.index(1)])
}
