//! One probe against many supports: naive, in full context or N-way, as the model decides.

use super::{Comparator, ExtractError, IdentifyError, Start};
use crate::attention::Attention;
use crate::image::Image;
use crate::kernels::Kernels;
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
    /// once; a pair's score has the same bits as that of a single comparison.
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
        self.check_supports(&supports)?;
        let (count, rounds, dimensions) = (supports.len(), self.glimpses, self.dimensions);
        let decision = *self.model.decision();
        let start = match probe {
            Probe::Image(image) => self.start(image, None),
            Probe::Features(features) => Start { probe: features, ..self.begin() },
        };
        let Start { mut attention, probe, room, .. } = start;
        match decision {
            Decision::Pair(head) => {
                look_at_pairs(&mut attention, rounds, probe, supports, |attention| {
                    let score = attention.score(&head);
                    each(Rating { score, pair: Some(score) });
                });
            }
            Decision::Context(head, context) => {
                let Pairs { embeddings, .. } = Pairs::divide(&dimensions, room, count);
                let mut embeddings = embeddings.chunks_exact_mut(dimensions.hidden);
                look_at_pairs(&mut attention, rounds, probe, supports, |attention| {
                    if let Some(embedding) = embeddings.next() {
                        embedding.copy_from_slice(attention.state());
                    }
                });
                let (mut scratch, room) = Workspace::context(&dimensions, self.words.as_mut());
                let Pairs { sums, embeddings } = Pairs::divide(&dimensions, room, count);
                context.read(&self.kernels, embeddings, sums, &mut scratch);
                for (embedding, &sum) in embeddings.chunks_exact(dimensions.hidden).zip(&*sums) {
                    let pair = head.score(&self.kernels, embedding, scratch.sums);
                    each(Rating { score: context.correct(pair, sum), pair: Some(pair) });
                }
            }
            Decision::Ways(head) => {
                for _ in 0..rounds {
                    attention.look_at(probe);
                    for support in supports.clone() {
                        attention.look_at(support);
                    }
                }
                let scores = head.scores(attention.state());
                scores.for_each(|score| each(Rating { score, pair: None }));
            }
        }
        Ok(())
    }

    /// Checks the supports' features, and that there is memory for so many of them.
    fn check_supports<'f>(
        &mut self,
        supports: &(impl ExactSizeIterator<Item = &'f [i8]> + Clone),
    ) -> Result<(), IdentifyError> {
        let mut all = supports.clone();
        all.try_for_each(|support| self.check_features(support)).map_err(ExtractError::from)?;
        let (ways, count) = (self.dimensions.ways, supports.len());
        if ways != 0 && ways != count {
            return Err(IdentifyError::Ways { needed: ways, given: count });
        }
        let needed = self.dimensions.identify_bytes(count) / 4;
        let given = self.words.as_mut().len();
        if given < needed {
            return Err(IdentifyError::Memory { needed, given, supports: count });
        }
        Ok(())
    }
}

/// Looks at a probe with each of its supports in turn; `each` sees the memory after the last
/// glimpse of a pair.
fn look_at_pairs<'a, 'f, K: Kernels>(
    attention: &mut Attention<'a, K>,
    rounds: usize,
    probe: &[i8],
    supports: impl Iterator<Item = &'f [i8]>,
    mut each: impl FnMut(&mut Attention<'a, K>),
) {
    attention.look_at(probe);
    attention.keep();
    for support in supports {
        attention.recall();
        attention.look(1..2 * rounds, probe, support, |_| {});
        each(attention);
    }
}
