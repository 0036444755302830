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
    /// Units of the head's hidden layer.
    pub head_hidden: usize,
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
        if 4 * self.hidden > self.head_hidden { 4 * self.hidden } else { self.head_hidden }
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

    /// Bytes of working memory that one comparator needs, a multiple of 4.
    ///
    /// The support's stem runs beside the probe's features in the space that the
    /// support's features and the attention take afterwards.
    pub const fn workspace_bytes(&self) -> usize {
        let attention = self.feature_maps_bytes() + self.attention_bytes();
        let stem = self.feature_maps_bytes() / 2 + self.stem_map_bytes;
        let bytes = if attention > stem { attention } else { stem };
        bytes.next_multiple_of(4)
    }

    /// Bytes that a comparator needs on top for each enrolled image that it ranks in full
    /// context.
    pub const fn context_bytes(&self) -> usize {
        0
    }

    /// Multiply-accumulates from the features of two images to their score.
    pub const fn comparison_macs(&self) -> u64 {
        let rows = self.glimpse_side * self.feature_bytes();
        let columns = self.glimpse_len() * self.feature_side;
        let controller = 4 * self.hidden * (self.glimpse_len() + self.hidden);
        let place = 3 * self.hidden;
        let steps = 2 * self.glimpses_per_image as u64;
        let head = self.head_hidden * (self.hidden + 1);
        steps * (rows + columns + controller + place) as u64 + head as u64
    }

    /// Multiply-accumulates from two images to their score.
    pub const fn pair_macs(&self) -> u64 {
        2 * self.stem_macs + self.comparison_macs()
    }
}
