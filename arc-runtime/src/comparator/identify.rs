//! One probe against many supports: naive, in full context or N-way, as the model decides.

use core::iter;

use super::{Comparator, ExtractError, IdentifyError};
use crate::attention::Attention;
use crate::image::Image;
use crate::kernels::Kernels;
use crate::parts::copy;
use crate::stages::{Decision, Score};
use crate::workspace::{Pairs, Workspace};

/// How alike a probe and one of its supports are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rating {
    /// What the supports are ranked by.
    pub score: Score,
    /// The score of the pair alone, whatever the other supports are; `None` from an N-way model.
    pub pair: Option<Score>,
}

/// Where the probe's features come from.
enum Probe<'a> {
    Image(&'a Image<'a>),
    Features(&'a [i8]),
}

impl<W: AsMut<[u32]>, K: Kernels> Comparator<'_, W, K> {
    /// Rates the supports of a probe, given by their features, in their order.
    ///
    /// The probe's features and the first step, which sees the probe alone, are computed
    /// once; then as many pairs go in lock-step as the kernels like and the memory holds. A pair's
    /// score has the same bits as that of a single comparison.
    ///
    /// # Errors
    /// If the probe is not of the model's side, features not of its feature length, the memory
    /// too small to see so many supports in context, or their number not the one that an N-way
    /// model chooses among.
    pub fn identify<'f>(
        &mut self,
        probe: &Image<'_>,
        supports: impl IntoIterator<Item = &'f [i8], IntoIter: ExactSizeIterator + Clone>,
        each: impl FnMut(Rating),
    ) -> Result<(), IdentifyError> {
        self.check(probe).map_err(ExtractError::from)?;
        self.rate(Probe::Image(probe), supports.into_iter(), each)
    }

    /// [`identify`](Self::identify) for a probe that is given by its features, too.
    ///
    /// # Errors
    /// Like [`identify`](Self::identify).
    pub fn identify_features<'f>(
        &mut self,
        probe: &[i8],
        supports: impl IntoIterator<Item = &'f [i8], IntoIter: ExactSizeIterator + Clone>,
        each: impl FnMut(Rating),
    ) -> Result<(), IdentifyError> {
        self.check_features(probe).map_err(ExtractError::from)?;
        self.rate(Probe::Features(probe), supports.into_iter(), each)
    }

    fn rate<'f>(
        &mut self,
        probe: Probe<'_>,
        supports: impl ExactSizeIterator<Item = &'f [i8]> + Clone,
        mut each: impl FnMut(Rating),
    ) -> Result<(), IdentifyError> {
        let lanes = self.lanes(&supports)?;
        let (count, rounds, dimensions) = (supports.len(), self.glimpses, self.dimensions);
        let decision = *self.model.decision();
        if let Probe::Image(image) = probe {
            self.extract_probe(image);
        }
        let words = self.words.as_mut();
        let Workspace { probe: map, scratch, room, .. } =
            Workspace::lockstep(&dimensions, words, lanes);
        let probe = match probe {
            Probe::Image(image) if map.is_empty() => image.pixels(),
            Probe::Image(_) => map,
            Probe::Features(features) => features,
        };
        let attention = &mut Attention::new(&self.model, &self.kernels, scratch);
        match decision {
            Decision::Pair(head) => {
                look_at_pairs(attention, [rounds, lanes], probe, supports, |attention, lane| {
                    let score = attention.score(lane, &head);
                    each(Rating { score, pair: Some(score) });
                });
            }
            Decision::Context(head, context) => {
                let Pairs { embeddings, .. } = Pairs::divide(&dimensions, room, count);
                let mut embeddings = embeddings.chunks_exact_mut(dimensions.hidden.max(1));
                look_at_pairs(attention, [rounds, lanes], probe, supports, |attention, lane| {
                    if let Some(embedding) = embeddings.next() {
                        copy(embedding, attention.state(lane));
                    }
                });
                let (mut scratch, room) = Workspace::context(&dimensions, words, lanes);
                let Pairs { sums, embeddings } = Pairs::divide(&dimensions, room, count);
                context.read(&self.kernels, embeddings, sums, &mut scratch);
                for (embedding, &sum) in
                    embeddings.chunks_exact(dimensions.hidden.max(1)).zip(&*sums)
                {
                    let pair = head.score(&self.kernels, embedding, scratch.sums);
                    each(Rating { score: context.correct(pair, sum), pair: Some(pair) });
                }
            }
            Decision::Ways(head) => {
                for _ in 0..rounds {
                    attention.look_at(&mut iter::once(probe), &mut |_| {});
                    for support in supports.clone() {
                        attention.look_at(&mut iter::once(support), &mut |_| {});
                    }
                }
                let scores = head.scores(attention.state(0));
                scores.for_each(|score| each(Rating { score, pair: None }));
            }
        }
        Ok(())
    }

    /// Checks the supports' features, and how many pairs there is memory for: as many as the
    /// kernels like, at least one.
    fn lanes<'f>(
        &mut self,
        supports: &(impl ExactSizeIterator<Item = &'f [i8]> + Clone),
    ) -> Result<usize, IdentifyError> {
        let mut all = supports.clone();
        all.try_for_each(|support| self.check_features(support)).map_err(ExtractError::from)?;
        let (ways, count) = (self.dimensions.ways, supports.len());
        if ways != 0 && ways != count {
            return Err(IdentifyError::Ways { needed: ways, given: count });
        }
        let most = if ways == 0 { K::LANES.min(count) } else { 1 };
        let lanes = self.most_lanes(1..=most.max(1), |dimensions, lanes| {
            dimensions.identify_bytes(count, lanes)
        });
        lanes.ok_or_else(|| {
            let needed = self.dimensions.identify_bytes(count, 1) / 4;
            let given = self.words.as_mut().len();
            IdentifyError::Memory { needed, given, supports: count }
        })
    }
}

/// Looks at a probe with each of its supports, some in lock-step; `each` sees the memory after the
/// last glimpse, and the lane of a pair.
fn look_at_pairs<'a, 'f, K: Kernels>(
    attention: &mut Attention<'a, K>,
    [rounds, lanes]: [usize; 2],
    probe: &[i8],
    mut supports: impl ExactSizeIterator<Item = &'f [i8]> + Clone,
    mut each: impl FnMut(&mut Attention<'a, K>, usize),
) {
    attention.look_at(&mut iter::once(probe), &mut |_| {});
    attention.keep();
    while supports.len() > 0 {
        let lanes = lanes.min(supports.len());
        (0..lanes).for_each(|lane| attention.recall(lane));
        for step in 1..2 * rounds {
            match step % 2 {
                0 => attention.look_at(&mut iter::repeat_n(probe, lanes), &mut |_| {}),
                _ => attention.look_at(&mut supports.clone().take(lanes), &mut |_| {}),
            }
        }
        (0..lanes).for_each(|lane| each(attention, lane));
        supports.nth(lanes - 1);
    }
}
