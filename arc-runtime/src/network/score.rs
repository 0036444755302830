//! How alike two images are.

/// How alike two images are. What it means for a model, [`Model::probability`] and
/// [`Model::accepts`] say.
///
/// [`Model::probability`]: crate::Model::probability
/// [`Model::accepts`]: crate::Model::accepts
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Score {
    /// The logit in Q15.16: 0 is undecided, above is alike.
    pub logit: i32,
}
