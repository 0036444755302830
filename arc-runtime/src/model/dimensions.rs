//! All sizes that follow from a model, each computed here and nowhere else.

/// The sizes of a model and what follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dimensions {
    /// Rows and columns of the input image.
    pub image_side: usize,
    /// Rows and columns of the feature map (S).
    pub feature_side: usize,
    /// Channels of the feature map (C); 1 for raw pixels.
    pub channels: usize,
    /// Most bytes of feature maps that the stem holds at a time; 0 without a stem.
    pub stem_map_bytes: usize,
    /// Multiply-accumulates of the stem for one image.
    pub stem_macs: u64,
    /// Rows and columns of a glimpse (N).
    pub glimpse_side: usize,
    /// Glimpses taken of each image.
    pub glimpses_per_image: usize,
    /// Units of the controller's state (H).
    pub hidden: usize,
    /// Units of the pair head's hidden layer; 0 without a pair head.
    pub head_hidden: usize,
    /// Units of the context's LSTM in each direction; 0 without a context.
    pub context_units: usize,
    /// Supports that the model chooses among; 0 if it compares pairs, whatever their number.
    pub ways: usize,
}

impl Dimensions {
    /// Bytes of one image's features: what an enrolled image takes in a gallery.
    pub const fn feature_bytes(&self) -> usize {
        self.feature_side * self.feature_side * self.channels
    }

    /// Numbers in one glimpse: N * N * C.
    pub const fn glimpse_len(&self) -> usize {
        self.glimpse_side * self.glimpse_side * self.channels
    }

    /// Bytes that a glimpse needs while it is taken: the weights of one filter (N * S)
    /// and the rows blended by the first (N * S * C).
    pub const fn glimpse_scratch_bytes(&self) -> usize {
        self.glimpse_side * self.feature_side * (1 + self.channels)
    }

    /// Room for the controller's sums (4 H), which the head uses after it, in 16-bit numbers.
    pub const fn sums_len(&self) -> usize {
        greater(4 * self.hidden, self.head_hidden)
    }

    /// Bytes of the two feature maps of a comparison. Without a stem the features are the
    /// images themselves, which stay where they are.
    pub const fn feature_maps_bytes(&self) -> usize {
        if self.stem_map_bytes == 0 { 0 } else { 2 * self.feature_bytes() }
    }

    /// Bytes that attention and controller need beside the features: the sums, the cell
    /// and its copy after the first step (i16), then the controller's input
    /// `[glimpse | state]`, the copy of the state after the first step and the glimpse's
    /// scratch (i8).
    pub const fn attention_bytes(&self) -> usize {
        2 * (self.sums_len() + 2 * self.hidden)
            + self.glimpse_len()
            + 2 * self.hidden
            + self.glimpse_scratch_bytes()
    }

    /// Room for the sums of the context's gates (4 C), which the pair head uses after them, in
    /// 16-bit numbers.
    pub const fn context_sums_len(&self) -> usize {
        greater(4 * self.context_units, self.head_hidden)
    }

    /// Bytes that the context needs while it runs: sums and cell (i16), then the input
    /// `[embedding | state]` (i8); 0 without a context.
    pub const fn context_scratch_bytes(&self) -> usize {
        match self.context_units {
            0 => 0,
            units => 2 * (self.context_sums_len() + units) + self.hidden + units,
        }
    }

    /// Bytes of working memory that one comparator needs, a multiple of 4.
    ///
    /// The support's stem runs beside the probe's features in the space that the
    /// support's features and the attention take afterwards; the context runs in it when all
    /// pairs have been looked at.
    pub const fn workspace_bytes(&self) -> usize {
        let attention = self.feature_maps_bytes() + self.attention_bytes();
        let stem = self.feature_maps_bytes() / 2 + self.stem_map_bytes;
        greater(greater(attention, stem), self.context_scratch_bytes()).next_multiple_of(4)
    }

    /// Bytes that a comparator needs on top for each enrolled image that it ranks in full
    /// context: the pair's embedding and a 32-bit sum; 0 without a context.
    pub const fn context_bytes(&self) -> usize {
        if self.context_units == 0 { 0 } else { self.hidden + 4 }
    }

    /// Bytes that a comparator needs to identify a probe among so many enrolled images, a
    /// multiple of 4.
    pub const fn identify_bytes(&self, enrolled: usize) -> usize {
        (self.workspace_bytes() + enrolled * self.context_bytes()).next_multiple_of(4)
    }

    /// Multiply-accumulates of one step: a place, a glimpse and the controller.
    const fn step_macs(&self) -> u64 {
        let rows = self.glimpse_side * self.feature_bytes();
        let columns = self.glimpse_len() * self.feature_side;
        let controller = 4 * self.hidden * (self.glimpse_len() + self.hidden);
        let place = 3 * self.hidden;
        (rows + columns + controller + place) as u64
    }

    /// Multiply-accumulates from the features of two images to their score.
    pub const fn comparison_macs(&self) -> u64 {
        let head = self.head_hidden * (self.hidden + 1);
        2 * self.glimpses_per_image as u64 * self.step_macs() + head as u64
    }

    /// Multiply-accumulates from two images to their score.
    pub const fn pair_macs(&self) -> u64 {
        2 * self.stem_macs + self.comparison_macs()
    }

    /// Multiply-accumulates from a probe to its scores with so many enrolled images.
    pub const fn identify_macs(&self, enrolled: usize) -> u64 {
        let looks = match self.ways {
            0 => {
                let Self { hidden, context_units: units, .. } = *self;
                let context = 2 * units * (4 * (hidden + units) + 1);
                enrolled as u64 * (self.comparison_macs() + context as u64)
            }
            ways => {
                let steps = (ways + 1) * self.glimpses_per_image;
                steps as u64 * self.step_macs() + (ways * self.hidden) as u64
            }
        };
        self.stem_macs + looks
    }
}

const fn greater(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}
