//! Image to feature map: 3x3 convolutions with ReLU, or nothing at all.

use crate::kernels::Kernels;
use crate::model::body::{Conv, Layer, MAX_LAYERS};
use crate::model::{LoadError, Matrix, Part, equal, within};

/// One checked 3x3 convolution with zero padding of one pixel, then ReLU.
///
/// Maps are laid out (row, column, channel).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive] // only `new` makes one, so that its sizes have been checked
pub struct Convolution<'m> {
    /// Side of the input map.
    pub input_side: usize,
    /// Channels of the input map.
    pub inputs: usize,
    /// Step of the kernel over the input, 1 or 2.
    pub stride: usize,
    /// One row per output channel, laid out (kernel row, kernel column, input).
    pub matrix: Matrix<'m>,
}

impl<'m> Convolution<'m> {
    /// Checks a convolution over a map of `input_side` and `inputs` channels.
    ///
    /// # Errors
    /// If it takes another number of channels, or a size is outside its range.
    pub fn new(
        index: u8,
        conv: &Conv<'m>,
        input_side: usize,
        inputs: usize,
    ) -> Result<Self, LoadError> {
        let part = Part::Convolution(index);
        equal(part, "the number of inputs", conv.inputs.into(), inputs as u32)?;
        within(part, "the number of outputs", conv.outputs.into(), 1, 1024)?;
        let window = 9 * u32::from(conv.inputs);
        Ok(Self {
            input_side,
            inputs,
            stride: within(part, "the stride", conv.stride.into(), 1, 2)?,
            matrix: Matrix::window(part, window, conv.outputs, conv.weights, conv.scales)?,
        })
    }

    /// Side of the output map.
    pub fn output_side(&self) -> usize {
        self.input_side.div_ceil(self.stride)
    }

    /// Channels of the output map.
    pub fn outputs(&self) -> usize {
        self.matrix.outputs()
    }

    /// Bytes of the input map.
    pub fn input_bytes(&self) -> usize {
        self.input_side * self.input_side * self.inputs
    }

    /// Bytes of the output map.
    pub fn output_bytes(&self) -> usize {
        self.output_side() * self.output_side() * self.outputs()
    }
}

/// The convolutions applied to each image before it is looked at; perhaps none, and then
/// the pixels are the features.
#[derive(Debug, Clone)]
pub struct Stem<'m> {
    image_side: usize,
    convolutions: heapless::Vec<Convolution<'m>, MAX_LAYERS>,
}

impl<'m> Stem<'m> {
    /// Checks the image's side and the chain of convolutions.
    ///
    /// # Errors
    /// If a size is outside its range or does not follow from the one before.
    pub fn new(image_side: u16, layers: &[Layer<'m>]) -> Result<Self, LoadError> {
        let image_side = within(Part::Image, "the side", image_side.into(), 8, 128)?;
        let (mut side, mut channels) = (image_side, 1);
        let mut convolutions = heapless::Vec::new();
        for (index, Layer::Conv(conv)) in (0..).zip(layers) {
            let convolution = Convolution::new(index, conv, side, channels)?;
            (side, channels) = (convolution.output_side(), convolution.outputs());
            let room = convolutions.push(convolution);
            room.map_err(|_| LoadError::Body)?;
        }
        Ok(Self { image_side, convolutions })
    }

    /// The convolutions in order.
    pub fn convolutions(&self) -> &[Convolution<'m>] {
        &self.convolutions
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

    /// Most bytes of maps held at a time: the output of a convolution, and its input
    /// unless that is the image. 0 without convolutions.
    pub fn map_bytes(&self) -> usize {
        let mut input = 0;
        let maps = self.convolutions.iter().map(|convolution| {
            let output = convolution.output_bytes();
            let both = input + output;
            input = output;
            both
        });
        maps.max().unwrap_or(0)
    }

    /// Multiply-accumulates for one image, those on padding included.
    pub fn macs(&self) -> u64 {
        let macs = |c: &Convolution<'_>| c.output_bytes() as u64 * c.matrix.inputs() as u64;
        self.convolutions.iter().map(macs).sum()
    }

    /// Runs the convolutions on the pixels of an image and leaves the features at the
    /// front of `space`, which is at least [`map_bytes`](Self::map_bytes) long.
    ///
    /// Without convolutions it does nothing: the pixels are the features.
    pub fn extract(&self, kernels: &impl Kernels, pixels: &[i8], space: &mut [i8]) {
        // The maps lie at the two ends of the space in turn, so that the last is in front.
        for (remaining, convolution) in (0..self.convolutions.len()).rev().zip(&self.convolutions) {
            let (first, to_front) = (remaining + 1 == self.convolutions.len(), remaining % 2 == 0);
            let (input_bytes, output_bytes) =
                (convolution.input_bytes(), convolution.output_bytes());
            let end = space.len();
            let (input, output) = if first {
                let start = if to_front { 0 } else { end - output_bytes };
                (pixels, &mut space[start..][..output_bytes])
            } else if to_front {
                let (output, rest) = space.split_at_mut(output_bytes);
                (&rest[rest.len() - input_bytes..], output)
            } else {
                let (rest, output) = space.split_at_mut(end - output_bytes);
                (&rest[..input_bytes], output)
            };
            kernels.convolve(convolution, input, output);
        }
    }
}
