//! Image to feature map: convolutions and residual blocks, or nothing at all.

use core::mem::replace;

use crate::format::body::{Layer, Residual};
use crate::format::{LoadError, Part, equal, within};
use crate::kernels::Kernels;
use crate::layers::{Convolution, ConvolutionKind, MAX_SIDE, Matrix};

/// Most convolutions that a stem may have, those inside of residual blocks included: one more
/// than the 23 of the paper's wide residual network.
pub const MAX_CONVOLUTIONS: usize = 24;

/// The convolutions applied to each image before glimpses are taken of it; perhaps none, and then
/// the pixels are the features.
#[derive(Debug, Clone)]
pub struct Stem<'m> {
    image_side: usize,
    convolutions: heapless::Vec<Convolution<'m>, MAX_CONVOLUTIONS>,
}

impl<'m> Stem<'m> {
    /// Checks the image's side and the chain of layers.
    ///
    /// # Errors
    /// If a size is outside its range or does not follow from the one before.
    pub fn new(image_side: u16, layers: &[Layer<'m>]) -> Result<Self, LoadError> {
        let image_side = within(Part::Image, "the side", image_side.into(), 8, MAX_SIDE)?;
        if !cfg!(feature = "stem") && !layers.is_empty() {
            return Err(LoadError::NotBuilt { part: Part::Stem, feature: "stem" });
        }
        let mut stem = Self { image_side, convolutions: heapless::Vec::new() };
        for (index, layer) in (0..).zip(layers) {
            let (side, channels) = (stem.side(), stem.channels());
            match layer {
                Layer::Conv(conv) => {
                    stem.push(Convolution::new(
                        index,
                        ConvolutionKind::Standalone,
                        conv,
                        side,
                        channels,
                    )?)?;
                }
                Layer::Residual(block) => stem.push_block(index, block, side, channels)?,
            }
        }
        Ok(stem)
    }

    /// Checks a residual block over a map of `side` and `channels`.
    fn push_block(
        &mut self,
        index: u8,
        block: &Residual<'m>,
        side: usize,
        channels: usize,
    ) -> Result<(), LoadError> {
        let first =
            Convolution::new(index, ConvolutionKind::BlockFirst, &block.first, side, channels)?;
        let (gains, stray) = block.gains.as_chunks();
        let part = Part::BlockSecond(index);
        equal(part, "the odd bytes of the gains", stray.len(), 0)?;
        equal(part, "the stride", block.second.stride.into(), 1)?;
        let kind = ConvolutionKind::BlockSecond(gains);
        let second =
            Convolution::new(index, kind, &block.second, first.output_side(), first.outputs())?;

        let part = Part::BlockShortcut(index);
        self.push(first)?;
        if let Some(conv) = &block.shortcut {
            let shortcut =
                Convolution::new(index, ConvolutionKind::BlockShortcut, conv, side, channels)?;
            equal(part, "the stride", shortcut.stride, first.stride as u32)?;
            equal(part, "the number of outputs", shortcut.outputs(), second.outputs() as u32)?;
            self.push(shortcut)?;
        } else if index == 0 || first.stride != 1 || second.outputs() != channels {
            // The sum is written over a map of its shape, and never over the image.
            equal(part, "the number of convolutions", 0, 1)?;
        }
        self.push(second)
    }

    fn push(&mut self, convolution: Convolution<'m>) -> Result<(), LoadError> {
        let most = MAX_CONVOLUTIONS as u32;
        self.convolutions.push(convolution).map_err(|_| LoadError::OutOfRange {
            part: Part::Stem,
            quantity: "the number of convolutions",
            found: most + 1,
            allowed: (0, most),
        })
    }

    /// The convolutions in the order in which they run; of a residual block the first, perhaps
    /// the shortcut, and the second.
    pub fn convolutions(&self) -> &[Convolution<'m>] {
        &self.convolutions
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.convolutions.iter_mut().for_each(|convolution| each(&mut convolution.matrix));
    }

    /// Side of the input image.
    pub fn image_side(&self) -> usize {
        self.image_side
    }

    /// Side of the feature map.
    pub fn side(&self) -> usize {
        let last = self.convolutions.last();
        last.map_or(self.image_side, Convolution::output_side)
    }

    /// Channels of the feature map.
    pub fn channels(&self) -> usize {
        self.convolutions.last().map_or(1, Convolution::outputs)
    }

    /// Most bytes of maps that are needed at a time: input and output of a convolution, inside of a residual
    /// block its shortcut too. The image does not count; 0 without convolutions.
    pub fn map_bytes(&self) -> usize {
        let (mut stream, mut inner) = (0, 0);
        let maps = self.convolutions.iter().map(|convolution| {
            let output = convolution.output_bytes();
            match convolution.kind {
                ConvolutionKind::Standalone => replace(&mut stream, output) + output,
                ConvolutionKind::BlockFirst => {
                    inner = output;
                    stream + inner
                }
                ConvolutionKind::BlockShortcut => replace(&mut stream, output) + inner + output,
                ConvolutionKind::BlockSecond(_) => stream + inner,
            }
        });
        maps.max().unwrap_or(0)
    }

    /// Multiply-accumulates for one image, those on padding included.
    pub fn macs(&self) -> u64 {
        self.convolutions.iter().map(Convolution::macs).sum()
    }

    /// Runs the convolutions on the pixels of an image and leaves the features at the
    /// front of `space`, which is at least [`map_bytes`](Self::map_bytes) long.
    ///
    /// Without convolutions it does nothing: the pixels are the features.
    pub fn extract(&self, kernels: &impl Kernels, pixels: &[i8], space: &mut [i8]) {
        if !cfg!(feature = "stem") {
            return;
        }
        // Each map from one layer to the next lies at an end of the space: it goes from end to end,
        // so that the last one is in front, or stays where it is while a block adds to it. The
        // map inside of a block lies beside it. The image is elsewhere: an empty range.
        let moves = |c: &&Convolution<'_>| {
            matches!(c.kind, ConvolutionKind::Standalone | ConvolutionKind::BlockShortcut)
        };
        let mut in_front = self.convolutions.iter().filter(moves).count() % 2 == 0;
        let end = space.len();
        let at_end = |in_front, bytes| if in_front { 0..bytes } else { end - bytes..end };
        let mut stream = at_end(in_front, 0);
        let mut inner = stream.clone();
        for convolution in &self.convolutions {
            let bytes = convolution.output_bytes();
            let (input, output) = match convolution.kind {
                ConvolutionKind::Standalone | ConvolutionKind::BlockShortcut => {
                    in_front = !in_front;
                    (replace(&mut stream, at_end(in_front, bytes)), stream.clone())
                }
                ConvolutionKind::BlockFirst => {
                    let (start, end) = (stream.start, stream.end);
                    inner = if in_front { end..end + bytes } else { start - bytes..start };
                    (stream.clone(), inner.clone())
                }
                ConvolutionKind::BlockSecond(_) => (inner.clone(), stream.clone()),
            };
            // The space holds `map_bytes`, so that all of these are there.
            if input.is_empty() {
                kernels.convolve(convolution, pixels, space.get_mut(output).unwrap_or_default());
            } else if let Ok([input, output]) = space.get_disjoint_mut([input, output]) {
                kernels.convolve(convolution, input, output);
            }
        }
    }
}
