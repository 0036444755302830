//! Many pairs, some in lock-step.

use super::{Comparator, CompareError};
use crate::attention::Attention;
use crate::kernels::Kernels;
use crate::model::Dimensions;
use crate::stages::Score;
use crate::workspace::Workspace;

impl<W: AsMut<[u32]>, K: Kernels> Comparator<'_, W, K> {
    /// How alike the images of each pair `(probe, support)` are, from their features, in order.
    ///
    /// As many pairs go in lock-step as the kernels like and there is memory for, which
    /// [`Dimensions::lockstep_bytes`](crate::Dimensions::lockstep_bytes) gives for a number of them; a
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
        let most = self.most_lanes(2..=K::LANES.min(pairs.len()), Dimensions::lockstep_bytes);
        let Some(most) = most else {
            // One at a time needs no more memory than the comparator has.
            pairs.for_each(|(probe, support)| each(self.score(&head, probe, support)));
            return Ok(());
        };
        let Workspace { scratch, .. } =
            Workspace::lockstep(&self.dimensions, self.words.as_mut(), most);
        let mut attention = Attention::new(&self.model, &self.kernels, scratch);
        while pairs.len() > 0 {
            let lanes = most.min(pairs.len());
            attention.forget();
            for step in 0..2 * rounds {
                let some = pairs.clone().take(lanes);
                match step % 2 {
                    0 => attention.look_at(&mut some.map(|(probe, _)| probe), &mut |_| {}),
                    _ => attention.look_at(&mut some.map(|(_, support)| support), &mut |_| {}),
                }
            }
            (0..lanes).for_each(|lane| each(attention.score(lane, &head)));
            pairs.nth(lanes - 1);
        }
        Ok(())
    }
}
