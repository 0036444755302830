//! One convolution of the stem, alone or as a part of a residual block.

use crate::format::body::{Conv, MAX_RESIDUAL};
use crate::format::{LoadError, Part, equal, within};
use crate::layers::{Line, Matrix, PackError};

/// Greatest side of a map: that of the greatest image.
pub(crate) const MAX_SIDE: u32 = 128;

/// Where a convolution stands, and so what becomes of its accumulators.
#[derive(Debug, Clone, Copy)]
pub enum ConvolutionKind<'m> {
    /// A layer of its own: 3x3, requantize, ReLU.
    Standalone,
    /// The first of a residual block: as a standalone one, into a map inside of the block.
    BlockFirst,
    /// The shortcut of a residual block that changes the map's shape: 1x1, requantize, and
    /// negative outputs stay for the sum.
    BlockShortcut,
    /// The second of a residual block: 3x3, from the map inside of the block, added to the shortcut, which lies
    /// where its output goes; then requantize, ReLU. With an i16 (little endian) for each output, its residual gain, which
    /// brings the shortcut to the scale of the accumulators.
    BlockSecond(&'m [[u8; 2]]),
}

impl ConvolutionKind<'_> {
    /// The part of a model that this convolution of a layer is, in errors.
    fn part(&self, layer: u8) -> Part {
        match self {
            Self::Standalone => Part::Convolution(layer),
            Self::BlockFirst => Part::BlockFirst(layer),
            Self::BlockShortcut => Part::BlockShortcut(layer),
            Self::BlockSecond(_) => Part::BlockSecond(layer),
        }
    }
}

/// One checked convolution, 3x3 with zero padding of one pixel, or 1x1.
///
/// Maps are laid out (row, column, channel).
///
/// Kernels rely on its sizes, which follow from one another: only [`new`](Self::new) makes one, and none is changed.
///
/// ```compile_fail,E0616
/// # use arc_runtime::layers::Convolution;
/// fn widen(convolution: &mut Convolution<'_>) {
///     convolution.inputs = usize::MAX;
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Convolution<'m> {
    pub(crate) kind: ConvolutionKind<'m>,
    /// 1 to [`MAX_SIDE`].
    pub(crate) input_side: usize,
    pub(crate) inputs: usize,
    /// 1 or 2.
    pub(crate) stride: usize,
    /// Its inputs are those of the kernel's window: `kernel_side * kernel_side * inputs`.
    pub(crate) matrix: Matrix<'m>,
}

impl<'m> Convolution<'m> {
    /// Checks a convolution of layer number `layer` over a map of `input_side` and `inputs`
    /// channels.
    ///
    /// # Errors
    /// If it takes another number of channels, or a size is outside its range.
    pub fn new(
        layer: u8,
        kind: ConvolutionKind<'m>,
        conv: &Conv<'m>,
        input_side: usize,
        inputs: usize,
    ) -> Result<Self, LoadError> {
        let part = kind.part(layer);
        // A number that is too great stays so, and is refused.
        let [side, channels] = [input_side, inputs].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        within(part, "the side of the map", side, 1, MAX_SIDE)?;
        equal(part, "the number of inputs", conv.inputs.into(), channels)?;
        within(part, "the number of outputs", conv.outputs.into(), 1, 1024)?;
        let stride = within(part, "the stride", conv.stride.into(), 1, 2)?;
        let mut residual = 0;
        if let ConvolutionKind::BlockSecond(gains) = kind {
            equal(part, "the number of gains", gains.len(), conv.outputs.into())?;
            residual = MAX_RESIDUAL;
        }
        let matrix = Matrix::window(part, kernel_side(&kind), conv, residual)?;
        Ok(Self { kind, input_side, inputs, stride, matrix })
    }

    /// Packs its weights for wide vectors, as [`Matrix::pack`] does.
    ///
    /// # Errors
    /// If the memory is too small; then the convolution stays as it was.
    pub fn pack(&mut self, memory: &'m mut [Line]) -> Result<&'m mut [Line], PackError> {
        self.matrix.pack(memory)
    }

    /// Where it stands.
    pub fn kind(&self) -> ConvolutionKind<'m> {
        self.kind
    }

    /// Side of the input map, at most 128.
    pub fn input_side(&self) -> usize {
        self.input_side
    }

    /// Channels of the input map.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Step of the kernel over the input, 1 or 2.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// One row per output channel, laid out (kernel row, kernel column, input).
    pub fn matrix(&self) -> &Matrix<'m> {
        &self.matrix
    }

    /// Side of the kernel, 3 or 1.
    pub fn kernel_side(&self) -> usize {
        kernel_side(&self.kind) as usize
    }

    /// What the shortcut at output channel `channel` is multiplied with before it is added to the
    /// accumulator: 0 unless this is the second convolution of a block.
    #[inline(always)]
    pub fn residual_gain(&self, channel: usize) -> i32 {
        match self.kind {
            ConvolutionKind::BlockSecond(gains) => {
                gains.get(channel).map_or(0, |&g| i16::from_le_bytes(g).into())
            }
            _ => 0,
        }
    }

    /// Whether the shortcut, which lies where the output goes, is added to the accumulators.
    pub fn adds_residual(&self) -> bool {
        matches!(self.kind, ConvolutionKind::BlockSecond(_))
    }

    /// The least output: 0 after ReLU, or -127 for a shortcut. The greatest is 127.
    pub fn least(&self) -> i32 {
        match self.kind {
            ConvolutionKind::BlockShortcut => -127,
            _ => 0,
        }
    }

    /// Side of the output map.
    pub fn output_side(&self) -> usize {
        self.input_side.div_ceil(self.stride.max(1))
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

    /// Multiply-accumulates for one map, those on padding included.
    pub fn macs(&self) -> u64 {
        self.output_bytes() as u64 * self.matrix.inputs() as u64
    }
}

fn kernel_side(kind: &ConvolutionKind<'_>) -> u32 {
    match kind {
        ConvolutionKind::BlockShortcut => 1,
        _ => 3,
    }
}
