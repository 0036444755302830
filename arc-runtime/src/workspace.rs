//! How a comparator's memory is divided; the lengths are those of [`Dimensions`].

use crate::model::Dimensions;
use crate::stages::{ContextScratch, Memory};

/// The buffers of attention and controller.
pub(crate) struct Scratch<'w> {
    pub memory: Memory<'w>,
    /// Cell and state after the first step, which all comparisons of one probe share.
    pub kept_cell: &'w mut [i16],
    pub kept_state: &'w mut [i8],
    /// The sums of the gates; the head's hidden units after them.
    pub sums: &'w mut [i16],
    pub glimpse: &'w mut [i8],
}

/// The memory behind the stems: two feature maps, then the scratch; what a comparator was given
/// on top lies behind it.
pub(crate) struct Workspace<'w> {
    pub probe: &'w mut [i8],
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
        let (sums, rest) = room.split_at_mut(pairs);
        let embeddings: &mut [i8] = bytemuck::cast_slice_mut(rest);
        let embeddings = &mut embeddings[..pairs * dimensions.hidden];
        Self { sums: bytemuck::cast_slice_mut(sums), embeddings }
    }
}

impl<'w> Workspace<'w> {
    /// Divides `words`, of at least [`Dimensions::workspace_bytes`]; the controller's memory
    /// is blank, and the feature maps are as the stems left them.
    pub fn divide(dimensions: &Dimensions, words: &'w mut [u32]) -> Self {
        let Dimensions { hidden, .. } = *dimensions;
        let (words, room) = words.split_at_mut(dimensions.workspace_bytes() / 4);
        let bytes: &mut [i8] = bytemuck::cast_slice_mut(words);
        let maps = dimensions.feature_maps_bytes();
        let (maps, scratch) = bytes.split_at_mut(maps);
        let (probe, support) = maps.split_at_mut(maps.len() / 2);

        // Two maps are an even number of bytes, so that 16-bit numbers can follow.
        let wide_bytes = 2 * (dimensions.sums_len() + 2 * hidden);
        let (wide, narrow) = scratch.split_at_mut(wide_bytes);
        let (sums, cells) = bytemuck::cast_slice_mut(wide).split_at_mut(dimensions.sums_len());
        let (cell, kept_cell) = cells.split_at_mut(hidden);
        let (input, narrow) = narrow.split_at_mut(dimensions.glimpse_len() + hidden);
        let (kept_state, narrow) = narrow.split_at_mut(hidden);
        let scratch = Scratch {
            memory: Memory::new(input, cell),
            kept_cell,
            kept_state,
            sums,
            glimpse: &mut narrow[..dimensions.glimpse_scratch_bytes()],
        };
        Self { probe, support, scratch, room }
    }

    /// The memory of a context, over what the pairs needed, and the room behind the workspace.
    pub fn context(
        dimensions: &Dimensions,
        words: &'w mut [u32],
    ) -> (ContextScratch<'w>, &'w mut [u32]) {
        let (words, room) = words.split_at_mut(dimensions.workspace_bytes() / 4);
        let (sums_len, units) = (dimensions.context_sums_len(), dimensions.context_units);
        let bytes: &mut [i8] = bytemuck::cast_slice_mut(words);
        let (wide, narrow) = bytes.split_at_mut(2 * (sums_len + units));
        let (sums, cell) = bytemuck::cast_slice_mut(wide).split_at_mut(sums_len);
        let input = &mut narrow[..dimensions.hidden + units];
        (ContextScratch { input, cell, sums }, room)
    }

    /// The space in which a stem may leave features of the probe, all of it, at its front.
    pub fn probe_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        bytemuck::cast_slice_mut(&mut words[..dimensions.workspace_bytes() / 4])
    }

    /// The space in which a stem may leave features of the support, behind the probe's.
    pub fn support_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        &mut Self::probe_space(dimensions, words)[dimensions.feature_maps_bytes() / 2..]
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
                    let words = &mut words[..dimensions.identify_bytes(3) / 4];
                    if context_units > 0 {
                        let (scratch, room) = Workspace::context(&dimensions, words);
                        assert!(scratch.sums.len() >= head_hidden.max(4 * context_units));
                        let pairs = Pairs::divide(&dimensions, room, 3);
                        assert_eq!((pairs.sums.len(), pairs.embeddings.len()), (3, 3 * hidden));
                    }
                    assert!(Workspace::probe_space(&dimensions, words).len() >= stem_map_bytes);
                    assert!(Workspace::support_space(&dimensions, words).len() >= stem_map_bytes);
                    let workspace = Workspace::divide(&dimensions, words);
                    let map = if stem_map_bytes == 0 { 0 } else { dimensions.feature_bytes() };
                    assert_eq!((workspace.probe.len(), workspace.support.len()), (map, map));
                    tried += 1;
                }
            }
        }
        assert_eq!(tried, 48);
    }
}
