//! How alike two images are.

/// How alike two images are. What it means for a model, [`Model::probability`] and
/// [`Model::accepts`] say.
///
/// [`Model::probability`]: crate::Model::probability
/// [`Model::accepts`]: crate::Model::accepts
///
/// ```
/// use arc_runtime::{Model, Score};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let (undecided, alike) = (Score { logit: 0 }, Score { logit: 2 << 16 });
/// assert!(alike > undecided);
/// assert_eq!(model.probability(undecided), 1 << 14); // one half
/// assert!(model.accepts(alike));
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Score {
    /// The logit in Q15.16: 0 is undecided, above is alike.
    pub logit: i32,
}
