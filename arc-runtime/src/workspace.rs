//! How a comparator's memory is divided; the lengths are those of [`Dimensions`].

use crate::model::Dimensions;
use crate::parts::{behind_mut, front_mut, split_mut};
use crate::stages::{ContextScratch, Memory};

/// The buffers of attention and controller.
pub(crate) struct Scratch<'w> {
    pub memory: Memory<'w>,
    /// Cell and state after the first step, which all pairs of one probe share; empty for one pair.
    pub kept_cell: &'w mut [i16],
    pub kept_state: &'w mut [i8],
    /// The sums of the gates of each lane; the head's hidden units after them.
    pub sums: &'w mut [i16],
    pub glimpse: &'w mut [i8],
}

/// The memory of a comparison behind the stems: feature maps, then the scratch; what a comparator
/// was given on top lies behind it.
pub(crate) struct Workspace<'w> {
    pub probe: &'w mut [i8],
    /// Empty where supports come with their features.
    pub support: &'w mut [i8],
    pub scratch: Scratch<'w>,
    pub room: &'w mut [u32],
}

/// What is kept of each pair of a probe until all are seen in context.
pub(crate) struct Pairs<'w> {
    /// The sums of the context's output row.
    pub sums: &'w mut [i32],
    /// The final states, H numbers each.
    pub embeddings: &'w mut [i8],
}

impl<'w> Pairs<'w> {
    /// Divides the room behind the workspace among so many pairs.
    pub fn divide(dimensions: &Dimensions, room: &'w mut [u32], pairs: usize) -> Self {
        let (sums, rest) = split_mut(room, pairs);
        let embeddings: &mut [i8] = bytemuck::cast_slice_mut(rest);
        let embeddings = front_mut(embeddings, pairs * dimensions.hidden);
        Self { sums: bytemuck::cast_slice_mut(sums), embeddings }
    }
}

impl<'w> Workspace<'w> {
    /// Divides `words`, of at least [`Dimensions::workspace_bytes`], for one pair; the
    /// controller's memory is blank, and the feature maps are as the stems left them.
    pub fn pair(dimensions: &Dimensions, words: &'w mut [u32]) -> Self {
        let map = dimensions.feature_map_bytes();
        Self::divide(dimensions, words, dimensions.workspace_bytes(), [map, map], 0, 1)
    }

    /// Divides `words`, of at least [`Dimensions::lockstep_bytes`], for `lanes` pairs of one probe.
    pub fn lockstep(dimensions: &Dimensions, words: &'w mut [u32], lanes: usize) -> Self {
        let maps = [dimensions.feature_map_bytes(), 0];
        let bytes = dimensions.lockstep_bytes(lanes);
        Self::divide(dimensions, words, bytes, maps, dimensions.hidden, lanes)
    }

    fn divide(
        dimensions: &Dimensions,
        words: &'w mut [u32],
        bytes: usize,
        [probe, support]: [usize; 2],
        kept: usize,
        lanes: usize,
    ) -> Self {
        let Dimensions { hidden, .. } = *dimensions;
        let (words, room) = split_mut(words, bytes / 4);
        let (sums, cells) = (lanes * dimensions.sums_len(), lanes * hidden);

        // Two bytes at a time, as the wide numbers lie between the maps and the narrow ones.
        let halves: &mut [i16] = bytemuck::cast_slice_mut(words);
        let (maps, halves) = split_mut(halves, (probe + support).div_ceil(2));
        let (sums, halves) = split_mut(halves, sums);
        let (cells, halves) = split_mut(halves, cells);
        let (kept_cell, narrow) = split_mut(halves, kept);
        let maps: &mut [i8] = bytemuck::cast_slice_mut(maps);
        let (probe, support) = split_mut(front_mut(maps, probe + support), probe);
        let narrow: &mut [i8] = bytemuck::cast_slice_mut(narrow);
        let (input, narrow) = split_mut(narrow, lanes * (dimensions.glimpse_len() + hidden));
        let (kept_state, glimpse) = split_mut(narrow, kept);
        let scratch = Scratch {
            memory: Memory::new(hidden, input, cells),
            kept_cell,
            kept_state,
            sums,
            glimpse: front_mut(glimpse, dimensions.glimpse_scratch_bytes()),
        };
        Self { probe, support, scratch, room }
    }

    /// The memory of a context, over what `lanes` pairs needed, and the room behind it.
    pub fn context(
        dimensions: &Dimensions,
        words: &'w mut [u32],
        lanes: usize,
    ) -> (ContextScratch<'w>, &'w mut [u32]) {
        let (words, room) = split_mut(words, dimensions.lockstep_bytes(lanes) / 4);
        let (sums_len, units) = (dimensions.context_sums_len(), dimensions.context_units);
        let halves: &mut [i16] = bytemuck::cast_slice_mut(words);
        let (sums, halves) = split_mut(halves, sums_len);
        let (cell, narrow) = split_mut(halves, units);
        let input = front_mut(bytemuck::cast_slice_mut(narrow), dimensions.hidden + units);
        (ContextScratch { input, cell, sums }, room)
    }

    /// The space in which a stem may leave features of the probe, all of it, at its front.
    pub fn probe_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        bytemuck::cast_slice_mut(front_mut(words, dimensions.workspace_bytes() / 4))
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
                        let words = &mut words[..dimensions.workspace_bytes() / 4];
                        assert!(Workspace::probe_space(&dimensions, words).len() >= stem_map_bytes);
                        let space = Workspace::support_space(&dimensions, words);
                        assert!(space.len() >= stem_map_bytes);
                        let workspace = Workspace::pair(&dimensions, words);
                        let maps = (workspace.probe.len(), workspace.support.len());
                        assert_eq!(maps, (map, map));
                    }
                    for lanes in [1, 2, 5] {
                        let words = &mut words[..dimensions.identify_bytes(3, lanes) / 4];
                        assert!(Workspace::probe_space(&dimensions, words).len() >= stem_map_bytes);
                        if context_units > 0 {
                            let (scratch, room) = Workspace::context(&dimensions, words, lanes);
                            assert!(scratch.sums.len() >= head_hidden.max(4 * context_units));
                            let pairs = Pairs::divide(&dimensions, room, 3);
                            assert_eq!((pairs.sums.len(), pairs.embeddings.len()), (3, 3 * hidden));
                        }
                        let workspace = Workspace::lockstep(&dimensions, words, lanes);
                        assert_eq!((workspace.probe.len(), workspace.support.len()), (map, 0));
                        let kept = &workspace.scratch;
                        assert_eq!((kept.kept_cell.len(), kept.kept_state.len()), (hidden, hidden));
                        assert_eq!(workspace.scratch.memory.state(lanes - 1).len(), hidden);
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 144);
    }
}
