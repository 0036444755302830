//! Many pairs, in batches.

use crate::comparator::buffers::Buffers;
use crate::comparator::{Comparator, CompareError};
use crate::format::Dimensions;
use crate::kernels::Kernels;
use crate::network::{Recurrence, Score};

impl<W: AsMut<[u32]>, K: Kernels> Comparator<'_, W, K> {
    /// How alike the images of each pair `(probe, support)` are, from their features, in order.
    ///
    /// Batches are as large as suits the kernels and fits in the memory, which
    /// [`Dimensions::batch_words`](crate::Dimensions::batch_words) gives for a number of them; a
    /// pair's score has the same bits as that of a single comparison.
    ///
    /// # Errors
    /// Before anything is compared, if features are not those of the model, or the model compares
    /// no pairs.
    pub fn compare_batch<'f>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'f [i8], &'f [i8]), IntoIter: ExactSizeIterator + Clone>,
        mut each: impl FnMut(Score),
    ) -> Result<(), CompareError> {
        let head = self.pair_head()?;
        let mut pairs = pairs.into_iter();
        for (probe, support) in pairs.clone() {
            self.check_features(probe)?;
            self.check_features(support)?;
        }
        let rounds = self.glimpses;
        let most = self.largest_batch(2..=K::MAX_BATCH.min(pairs.len()), Dimensions::batch_words);
        let Some(most) = most else {
            // One at a time needs no more memory than the comparator has.
            pairs.for_each(|(probe, support)| each(self.score(&head, probe, support)));
            return Ok(());
        };
        let Buffers { scratch, .. } = Buffers::batch(&self.dimensions, self.words.as_mut(), most);
        let mut recurrence = Recurrence::new(self.model.network(), &self.kernels, scratch);
        while pairs.len() > 0 {
            let batch = most.min(pairs.len());
            recurrence.reset();
            for step in 0..2 * rounds {
                let some = pairs.clone().take(batch);
                match step % 2 {
                    0 => recurrence.step(&mut some.map(|(probe, _)| probe), &mut |_| {}),
                    _ => recurrence.step(&mut some.map(|(_, support)| support), &mut |_| {}),
                }
            }
            (0..batch).for_each(|pair| each(recurrence.score(pair, &head)));
            pairs.nth(batch - 1);
        }
        Ok(())
    }
}
