//! One probe against many supports: naive, in full context or N-way, as the model decides.

use core::iter;

use crate::comparator::buffers::{Buffers, Pairs};
use crate::comparator::{Comparator, ExtractError, IdentifyError};
use crate::image::Image;
use crate::kernels::Kernels;
use crate::network::{Decision, Recurrence, Score};
use crate::slices::copy;

/// How alike a probe and one of its supports are.
///
/// ```
/// use arc_runtime::{Image, Rating};
/// # use arc_runtime::{Comparator, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// let (pixels, supports) = ([0; 13 * 13], [[0; 196], [100; 196]]);
/// let probe = Image::new(13, &pixels)?;
/// let mut ratings = Vec::new();
/// let supports = supports.iter().map(|features| &features[..]);
/// comparator.identify(&probe, supports, |rating: Rating| ratings.push(rating))?;
/// assert_eq!(ratings.len(), 2);
/// // This model scores each pair alone, whatever else is enrolled.
/// assert!(ratings.iter().all(|rating| rating.pair == Some(rating.score)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
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
    /// once; then the pairs go in batches, as large as suits the kernels and fits in the memory. A pair's
    /// score has the same bits as that of a single comparison.
    ///
    /// # Errors
    /// If the probe is not of the model's side, features not of its feature length, the memory
    /// too small for the context of all supports, or their number not the one that an N-way
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
        let batch = self.batch_size(&supports)?;
        let (count, rounds, dimensions) = (supports.len(), self.glimpses, self.dimensions);
        let decision = self.model.network().decision;
        let sizes = [rounds, batch];
        if let Probe::Image(image) = probe {
            self.extract_probe(image);
        }
        let words = self.words.as_mut();
        let Buffers { probe: map, scratch, rest, .. } = Buffers::batch(&dimensions, words, batch);
        let probe = match probe {
            Probe::Image(image) if map.is_empty() => image.pixels(),
            Probe::Image(_) => map,
            Probe::Features(features) => features,
        };
        let recurrence = &mut Recurrence::new(self.model.network(), &self.kernels, scratch);
        match decision {
            Decision::Pair(head) => {
                run_batches(recurrence, sizes, probe, supports, |recurrence, pair| {
                    let score = recurrence.score(pair, &head);
                    each(Rating { score, pair: Some(score) });
                });
            }
            Decision::Context(head, context) => {
                let Pairs { embeddings, .. } = Pairs::divide(&dimensions, rest, count);
                let mut embeddings = embeddings.chunks_exact_mut(dimensions.hidden.max(1));
                run_batches(recurrence, sizes, probe, supports, |recurrence, pair| {
                    if let Some(embedding) = embeddings.next() {
                        copy(embedding, recurrence.state(pair));
                    }
                });
                let (mut scratch, rest) = Buffers::context(&dimensions, words, batch);
                let Pairs { accumulators, embeddings } = Pairs::divide(&dimensions, rest, count);
                context.read(&self.kernels, embeddings, accumulators, &mut scratch);
                for (embedding, &accumulator) in
                    embeddings.chunks_exact(dimensions.hidden.max(1)).zip(&*accumulators)
                {
                    let pair = head.score(&self.kernels, embedding, scratch.preactivations);
                    each(Rating { score: context.correct(pair, accumulator), pair: Some(pair) });
                }
            }
            Decision::Ways(head) => {
                for _ in 0..rounds {
                    recurrence.step(&mut iter::once(probe), &mut |_| {});
                    for support in supports.clone() {
                        recurrence.step(&mut iter::once(support), &mut |_| {});
                    }
                }
                let scores = head.scores(recurrence.state(0));
                scores.for_each(|score| each(Rating { score, pair: None }));
            }
        }
        Ok(())
    }

    /// Checks the supports' features, and says how many pairs go at a time: as many as suit the kernels and
    /// fit in the memory, at least one.
    fn batch_size<'f>(
        &mut self,
        supports: &(impl ExactSizeIterator<Item = &'f [i8]> + Clone),
    ) -> Result<usize, IdentifyError> {
        let mut all = supports.clone();
        all.try_for_each(|support| self.check_features(support)).map_err(ExtractError::from)?;
        let (ways, count) = (self.dimensions.ways, supports.len());
        if ways != 0 && ways != count {
            return Err(IdentifyError::Ways { needed: ways, given: count });
        }
        let most = if ways == 0 { K::MAX_BATCH.min(count) } else { 1 };
        let batch = self.largest_batch(1..=most.max(1), |dimensions, batch| {
            dimensions.identify_words(count, batch)
        });
        batch.ok_or_else(|| {
            let needed = self.dimensions.identify_words(count, 1);
            let given = self.words.as_mut().len();
            IdentifyError::Memory { needed, given, supports: count }
        })
    }
}

/// Takes all glimpses of a probe and each of its supports, in batches; `each` gets the recurrence after the
/// last glimpse, and the number of a pair in it.
fn run_batches<'a, 'f, K: Kernels>(
    recurrence: &mut Recurrence<'a, K>,
    [rounds, batch]: [usize; 2],
    probe: &[i8],
    mut supports: impl ExactSizeIterator<Item = &'f [i8]> + Clone,
    mut each: impl FnMut(&mut Recurrence<'a, K>, usize),
) {
    recurrence.step(&mut iter::once(probe), &mut |_| {});
    recurrence.save();
    while supports.len() > 0 {
        let batch = batch.min(supports.len());
        (0..batch).for_each(|pair| recurrence.restore(pair));
        for step in 1..2 * rounds {
            match step % 2 {
                0 => recurrence.step(&mut iter::repeat_n(probe, batch), &mut |_| {}),
                _ => recurrence.step(&mut supports.clone().take(batch), &mut |_| {}),
            }
        }
        (0..batch).for_each(|pair| each(recurrence, pair));
        supports.nth(batch - 1);
    }
}
