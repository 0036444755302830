//! How a comparator's memory is divided; the lengths are those of [`Dimensions`].

use crate::format::Dimensions;
use crate::network::{ContextScratch, LstmState, Scratch};
use crate::slices::{behind_mut, front_mut, split_mut};

/// The buffers of a comparison behind the stems: feature maps, then the scratch; what a comparator
/// was given on top lies behind it.
pub(crate) struct Buffers<'w> {
    pub probe: &'w mut [i8],
    /// Empty where supports come with their features.
    pub support: &'w mut [i8],
    pub scratch: Scratch<'w>,
    pub rest: &'w mut [u32],
}

/// What is saved of each pair of a probe until all are seen in context.
pub(crate) struct Pairs<'w> {
    /// The accumulators of the context's output row.
    pub accumulators: &'w mut [i32],
    /// The final states, H numbers each.
    pub embeddings: &'w mut [i8],
}

impl<'w> Pairs<'w> {
    /// Divides the rest behind the buffers among `pairs` pairs.
    pub fn divide(dimensions: &Dimensions, rest: &'w mut [u32], pairs: usize) -> Self {
        let (accumulators, rest) = split_mut(rest, pairs);
        let embeddings: &mut [i8] = bytemuck::cast_slice_mut(rest);
        let embeddings = front_mut(embeddings, pairs * dimensions.hidden);
        Self { accumulators: bytemuck::cast_slice_mut(accumulators), embeddings }
    }
}

impl<'w> Buffers<'w> {
    /// Divides `words`, of at least [`Dimensions::workspace_words`], for one pair; the
    /// controller's state is zero, and the feature maps are as the stems left them.
    pub fn pair(dimensions: &Dimensions, words: &'w mut [u32]) -> Self {
        let map = dimensions.feature_map_bytes();
        Self::divide(dimensions, words, dimensions.workspace_words(), [map, map], 0, 1)
    }

    /// Divides `words`, of at least [`Dimensions::batch_words`], for `batch` pairs of one probe.
    pub fn batch(dimensions: &Dimensions, words: &'w mut [u32], batch: usize) -> Self {
        let maps = [dimensions.feature_map_bytes(), 0];
        let len = dimensions.batch_words(batch);
        Self::divide(dimensions, words, len, maps, dimensions.hidden, batch)
    }

    fn divide(
        dimensions: &Dimensions,
        words: &'w mut [u32],
        len: usize,
        [probe, support]: [usize; 2],
        saved: usize,
        batch: usize,
    ) -> Self {
        let Dimensions { hidden, .. } = *dimensions;
        let (words, rest) = split_mut(words, len);
        let (preactivations, cells) = (batch * dimensions.preactivation_len(), batch * hidden);

        // Two bytes at a time, as the wide numbers lie between the maps and the narrow ones.
        let halves: &mut [i16] = bytemuck::cast_slice_mut(words);
        let (maps, halves) = split_mut(halves, (probe + support).div_ceil(2));
        let (preactivations, halves) = split_mut(halves, preactivations);
        let (cells, halves) = split_mut(halves, cells);
        let (saved_cell, narrow) = split_mut(halves, saved);
        let maps: &mut [i8] = bytemuck::cast_slice_mut(maps);
        let (probe, support) = split_mut(front_mut(maps, probe + support), probe);
        let narrow: &mut [i8] = bytemuck::cast_slice_mut(narrow);
        let (concatenated, narrow) = split_mut(narrow, batch * (dimensions.glimpse_len() + hidden));
        let (saved_state, glimpse) = split_mut(narrow, saved);
        let scratch = Scratch {
            lstm: LstmState::new(hidden, concatenated, cells),
            saved_cell,
            saved_state,
            preactivations,
            glimpse: front_mut(glimpse, dimensions.glimpse_scratch_bytes()),
        };
        Self { probe, support, scratch, rest }
    }

    /// The memory of a context, over what `batch` pairs needed, and the rest behind it.
    pub fn context(
        dimensions: &Dimensions,
        words: &'w mut [u32],
        batch: usize,
    ) -> (ContextScratch<'w>, &'w mut [u32]) {
        let (words, rest) = split_mut(words, dimensions.batch_words(batch));
        let (preactivation_len, units) =
            (dimensions.context_preactivation_len(), dimensions.context_units);
        let halves: &mut [i16] = bytemuck::cast_slice_mut(words);
        let (preactivations, halves) = split_mut(halves, preactivation_len);
        let (cell, narrow) = split_mut(halves, units);
        let concatenated = front_mut(bytemuck::cast_slice_mut(narrow), dimensions.hidden + units);
        (ContextScratch { concatenated, cell, preactivations }, rest)
    }

    /// The space in which a stem may leave features of the probe, all of it, at its front.
    pub fn probe_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        bytemuck::cast_slice_mut(front_mut(words, dimensions.workspace_words()))
    }

    /// The space in which a stem may leave features of the support, behind the probe's.
    pub fn support_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        behind_mut(Self::probe_space(dimensions, words), dimensions.feature_map_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_bytes_hold_everything_whatever_the_sizes() {
        let mut words = [0; 20_000];
        let mut tried = 0;
        for (feature_side, channels) in [(8, 1), (9, 1), (9, 3), (16, 32)] {
            for (glimpse_side, hidden, head_hidden, context_units) in
                [(1, 1, 1, 0), (4, 5, 31, 3), (3, 64, 2, 99)]
            {
                for stem_map_bytes in [0, 1, 1001, 30_000] {
                    let dimensions = Dimensions {
                        image_side: 16,
                        feature_side,
                        channels,
                        stem_map_bytes,
                        stem_macs: 0,
                        glimpse_side,
                        glimpses_per_image: 1,
                        hidden,
                        head_hidden,
                        context_units,
                        ways: 0,
                    };
                    let map = if stem_map_bytes == 0 { 0 } else { dimensions.feature_bytes() };
                    {
                        let words = &mut words[..dimensions.workspace_words()];
                        assert!(Buffers::probe_space(&dimensions, words).len() >= stem_map_bytes);
                        let space = Buffers::support_space(&dimensions, words);
                        assert!(space.len() >= stem_map_bytes);
                        let workspace = Buffers::pair(&dimensions, words);
                        let maps = (workspace.probe.len(), workspace.support.len());
                        assert_eq!(maps, (map, map));
                    }
                    for batch in [1, 2, 5] {
                        let words = &mut words[..dimensions.identify_words(3, batch)];
                        assert!(Buffers::probe_space(&dimensions, words).len() >= stem_map_bytes);
                        if context_units > 0 {
                            let (scratch, rest) = Buffers::context(&dimensions, words, batch);
                            assert!(
                                scratch.preactivations.len() >= head_hidden.max(4 * context_units)
                            );
                            let pairs = Pairs::divide(&dimensions, rest, 3);
                            assert_eq!(
                                (pairs.accumulators.len(), pairs.embeddings.len()),
                                (3, 3 * hidden)
                            );
                        }
                        let workspace = Buffers::batch(&dimensions, words, batch);
                        assert_eq!((workspace.probe.len(), workspace.support.len()), (map, 0));
                        let saved = &workspace.scratch;
                        assert_eq!(
                            (saved.saved_cell.len(), saved.saved_state.len()),
                            (hidden, hidden)
                        );
                        assert_eq!(workspace.scratch.lstm.state(batch - 1).len(), hidden);
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 144);
    }
}
