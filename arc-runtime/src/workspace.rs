//! How a comparator's memory is divided; the lengths are those of [`Dimensions`].

use crate::model::Dimensions;
use crate::stages::Memory;

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

/// The memory behind the stems: two feature maps, then the scratch.
pub(crate) struct Workspace<'w> {
    pub probe: &'w mut [i8],
    pub support: &'w mut [i8],
    pub scratch: Scratch<'w>,
}

impl<'w> Workspace<'w> {
    /// Divides `words`, of at least [`Dimensions::workspace_bytes`]; the controller's memory
    /// is blank, and the feature maps are as the stems left them.
    pub fn divide(dimensions: &Dimensions, words: &'w mut [u32]) -> Self {
        let Dimensions { hidden, .. } = *dimensions;
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
        Self { probe, support, scratch }
    }

    /// The space in which a stem may leave features of the probe, all of it, at its front.
    pub fn probe_space(words: &mut [u32]) -> &mut [i8] {
        bytemuck::cast_slice_mut(words)
    }

    /// The space in which a stem may leave features of the support, behind the probe's.
    pub fn support_space<'a>(dimensions: &Dimensions, words: &'a mut [u32]) -> &'a mut [i8] {
        &mut bytemuck::cast_slice_mut(words)[dimensions.feature_maps_bytes() / 2..]
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
            for (glimpse_side, hidden, head_hidden) in [(1, 1, 1), (4, 5, 31), (3, 64, 2)] {
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
                    };
                    let words = &mut words[..dimensions.workspace_bytes() / 4];
                    assert!(Workspace::probe_space(words).len() >= stem_map_bytes);
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
