//! All sizes that follow from a model, each computed here and nowhere else.

/// The sizes of a model and what follows from them.
///
/// ```
/// use arc_runtime::{Comparator, Model};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let sizes = model.dimensions();
/// assert_eq!((sizes.image_side, sizes.feature_bytes()), (13, 196));
///
/// // Memory to identify among 20 images, 8 pairs at a time; with less, fewer go at a time.
/// let words = vec![0; sizes.identify_words(20, 8)];
/// assert!(words.len() > sizes.workspace_words());
/// assert!(Comparator::new(&model, words).is_ok());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
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
    /// and the rows resampled by the first (N * S * C).
    pub const fn glimpse_scratch_bytes(&self) -> usize {
        self.glimpse_side * self.feature_side * (1 + self.channels)
    }

    /// 16-bit numbers for the pre-activations of one pair's gates (4 H), and after them for the head's hidden
    /// units.
    pub const fn preactivation_len(&self) -> usize {
        greater(4 * self.hidden, self.head_hidden)
    }

    /// Bytes of one image's features in the comparator's memory. Without a stem the features are
    /// the image itself, which stays where it is.
    pub const fn feature_map_bytes(&self) -> usize {
        if self.stem_map_bytes == 0 { 0 } else { self.feature_bytes() }
    }

    /// Bytes of one pair under way: pre-activations and cell (i16), and the controller's input
    /// `[glimpse | state]` (i8).
    pub const fn pair_bytes(&self) -> usize {
        2 * (self.preactivation_len() + self.hidden) + self.glimpse_len() + self.hidden
    }

    /// Bytes of what is saved after a probe's first step, which all of its pairs share: cell (i16)
    /// and state (i8).
    pub const fn saved_bytes(&self) -> usize {
        3 * self.hidden
    }

    /// 16-bit numbers for the pre-activations of the context's gates (4 C), and after them for the pair head's
    /// hidden units.
    pub const fn context_preactivation_len(&self) -> usize {
        greater(4 * self.context_units, self.head_hidden)
    }

    /// Bytes that the context needs while it runs: pre-activations and cell (i16), then the input
    /// `[embedding | state]` (i8); 0 without a context.
    pub const fn context_scratch_bytes(&self) -> usize {
        match self.context_units {
            0 => 0,
            units => 2 * (self.context_preactivation_len() + units) + self.hidden + units,
        }
    }

    /// Words of 4 bytes that a comparator works in to compare pairs, one at a time, and to extract
    /// features.
    ///
    /// The support's stem runs beside the probe's features, in the space that the support's features and the
    /// recurrence take afterwards.
    pub const fn workspace_words(&self) -> usize {
        let map = self.feature_map_bytes();
        let recurrence = 2 * map + self.pair_bytes() + self.glimpse_scratch_bytes();
        greater(recurrence, map + self.stem_map_bytes).div_ceil(4)
    }

    /// Bytes that a comparator needs on top for each enrolled image that it ranks in full
    /// context: the pair's embedding and a 32-bit accumulator; 0 without a context.
    pub const fn context_bytes(&self) -> usize {
        if self.context_units == 0 { 0 } else { self.hidden + 4 }
    }

    /// Words that a comparator works in to identify a probe among any number of enrolled images, `batch` pairs
    /// at a time. What a context needs for each of them comes on top.
    ///
    /// The probe's stem runs in the space that the recurrence takes afterwards, and so does the context
    /// after the last glimpse.
    pub const fn batch_words(&self, batch: usize) -> usize {
        let pairs = self.saved_bytes() + batch * self.pair_bytes() + self.glimpse_scratch_bytes();
        let recurrence = self.feature_map_bytes().next_multiple_of(2) + pairs;
        let probe = greater(recurrence, self.context_scratch_bytes()).div_ceil(4);
        greater(probe, self.workspace_words())
    }

    /// Words that a comparator works in to identify a probe among `enrolled` images, `batch` pairs at a time.
    pub const fn identify_words(&self, enrolled: usize, batch: usize) -> usize {
        self.batch_words(batch) + (enrolled * self.context_bytes()).div_ceil(4)
    }

    /// Multiply-accumulates of one step: a gaze, a glimpse and the controller.
    const fn step_macs(&self) -> u64 {
        let rows = self.glimpse_side * self.feature_bytes();
        let columns = self.glimpse_len() * self.feature_side;
        let controller = 4 * self.hidden * (self.glimpse_len() + self.hidden);
        let gaze = 3 * self.hidden;
        (rows + columns + controller + gaze) as u64
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

    /// Multiply-accumulates from a probe to its scores with `enrolled` images.
    pub const fn identify_macs(&self, enrolled: usize) -> u64 {
        let comparisons = match self.ways {
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
        self.stem_macs + comparisons
    }
}

const fn greater(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}
