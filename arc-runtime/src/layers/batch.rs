//! The inputs of a layer.

/// The inputs of a layer for one item or for several, so that a weight that has been loaded serves all of
/// them. An item is a pair, or a window of a convolution.
///
/// Item `i` is `values[i * stride..][..len]`.
///
/// ```
/// use arc_runtime::layers::Batch;
///
/// let batch = Batch::new(&[1, 2, 3, 4, 5, 6], 3, 2);
/// assert!(batch.iter().eq([[1, 2], [4, 5]]));
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub(crate) values: &'a [i8],
    pub(crate) stride: usize,
    pub(crate) len: usize,
}

impl<'a> Batch<'a> {
    /// A batch of one item.
    pub const fn one(inputs: &'a [i8]) -> Self {
        Self { values: inputs, stride: inputs.len(), len: inputs.len() }
    }

    /// `len` numbers, at most `stride`, at every multiple of `stride`; the last item ends where
    /// `values` end, or after them.
    pub const fn new(values: &'a [i8], stride: usize, len: usize) -> Self {
        Self { values, stride, len }
    }

    /// Numbers in each item.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the items hold no numbers: all inputs are zero.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The items a few at a time; the last batch may have fewer.
    #[cfg(any(kernels = "armv7m", kernels = "armv7em"))]
    pub(crate) fn by(&self, items: usize) -> impl Iterator<Item = Self> + use<'a> {
        let Self { stride, len, .. } = *self;
        let values = if self.values.is_empty() { &[0] } else { self.values };
        let groups = values.chunks(items.saturating_mul(stride).max(1));
        groups.map(move |values| Self { values, stride, len })
    }

    /// Each item's inputs: `len` of them, or none where they are not all there.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [i8]> + Clone + use<'a> {
        let len = self.len;
        // An item of no numbers takes nothing of `values`, and still there is one.
        let values = if self.values.is_empty() { &[0] } else { self.values };
        values.chunks(self.stride.max(1)).map(move |item| item.get(..len).unwrap_or_default())
    }
}
