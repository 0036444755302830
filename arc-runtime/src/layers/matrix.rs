//! The checked form of a matrix: what a kernel may rely on.

use crate::arithmetic::RowScale;
use crate::format::body::{Conv, Linear};
use crate::format::{LoadError, Part, equal, within};
use crate::layers::packed::{Line, PackError, Packed};
#[cfg(any(target_arch = "aarch64", not(any(target_arch = "x86_64", kernels = "scalar"))))]
use crate::slices::behind;

/// A bound on the sums of a layer: no accumulator exceeds it in magnitude.
#[derive(Debug, Clone, Copy)]
struct Bound {
    /// Largest magnitude of one input times the largest of a weight (128).
    product: u32,
    /// Most that |sum| + |bias| is.
    accumulator: u32,
}

/// i8 inputs of magnitude up to 127: |accumulator| < 2^25, of which `residual` is taken by the shortcut of a block.
const fn narrow(residual: u32) -> Bound {
    Bound { product: 128 * 127, accumulator: (1 << 25) - 1 - residual }
}

/// i16 inputs from 0 up: |accumulator| < 2^31.
const WIDE: Bound = Bound { product: 128 * 32767, accumulator: (1 << 31) - 1 };

/// Where a matrix keeps its packed weights: nowhere on a microcontroller, whose kernels want them as
/// they lie in the file, and whose memory is too dear for a pointer to what is never there.
#[cfg(not(target_arch = "arm"))]
type Slot<'m> = Option<Packed<'m>>;
#[cfg(target_arch = "arm")]
type Slot<'m> = [Packed<'m>; 0];

#[cfg(not(target_arch = "arm"))]
fn slot(packed: Packed<'_>) -> Slot<'_> {
    Some(packed)
}
#[cfg(target_arch = "arm")]
fn slot(_: Packed<'_>) -> Slot<'_> {
    []
}

/// A matrix of i8 weights with a [`RowScale`] per row, borrowed from the model file.
///
/// Its lengths agree and its accumulators cannot overflow: there is no way to make one
/// that has not been checked.
///
/// ```
/// use arc_runtime::arithmetic::RowScale;
/// use arc_runtime::format::{Part, body::Linear};
/// use arc_runtime::kernels::{Kernels, Scalar};
/// use arc_runtime::layers::{Batch, Matrix};
///
/// // Two rows, (1, 2, 3) and (4, 5, 6), whose sums are halved.
/// let scales = [RowScale { bias: 0, multiplier: 1 << 14, shift: 15 }.to_bytes(); 2].concat();
/// let linear = Linear { inputs: 3, outputs: 2, weights: &[1, 2, 3, 4, 5, 6], scales: &scales };
/// let matrix = Matrix::new(Part::Gaze, &linear)?;
/// let mut outputs = [0; 2];
/// Scalar.linear(&matrix, Batch::one(&[10, 10, 10]), &mut outputs);
/// assert_eq!(outputs, [30, 75]);
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'m> {
    inputs: usize,
    weights: &'m [i8],
    scales: &'m [[u8; 8]],
    /// None, or this matrix.
    packed: Slot<'m>,
}

impl<'m> Matrix<'m> {
    /// Checks a layer whose inputs are i8, for sums of magnitude below 2^25.
    ///
    /// # Errors
    /// If a length does not match, a scale is out of range or a sum could overflow.
    pub fn new(part: Part, linear: &Linear<'m>) -> Result<Self, LoadError> {
        let Linear { inputs, outputs, weights, scales } = *linear;
        Self::check(part, inputs.into(), outputs, weights, scales, narrow(0))
    }

    /// Checks a layer whose inputs are i16 from 0 up, for sums of magnitude below 2^31.
    pub(crate) fn wide(part: Part, linear: &Linear<'m>) -> Result<Self, LoadError> {
        let Linear { inputs, outputs, weights, scales } = *linear;
        Self::check(part, inputs.into(), outputs, weights, scales, WIDE)
    }

    /// Checks the weights of a convolution, whose windows are `side` x `side` and whose sums leave
    /// room for `residual`.
    pub(crate) fn window(
        part: Part,
        side: u32,
        conv: &Conv<'m>,
        residual: u32,
    ) -> Result<Self, LoadError> {
        let Conv { inputs, outputs, weights, scales, .. } = *conv;
        let inputs = side * side * u32::from(inputs);
        Self::check(part, inputs, outputs, weights, scales, narrow(residual))
    }

    fn check(
        part: Part,
        inputs: u32,
        outputs: u16,
        weights: &'m [u8],
        scales: &'m [u8],
        bound: Bound,
    ) -> Result<Self, LoadError> {
        let most_inputs = bound.accumulator / bound.product;
        within(part, "the number of inputs", inputs, 1, most_inputs)?;
        within(part, "the number of outputs", outputs.into(), 1, 1 << 14)?;
        let (rows, stray) = scales.as_chunks::<8>();
        let outputs = u32::from(outputs);
        equal(part, "the length of the weights", weights.len(), inputs * outputs)?;
        equal(part, "the length of the scales", scales.len(), 8 * outputs)?;
        debug_assert!(stray.is_empty());
        let limit = bound.accumulator - inputs * bound.product;
        for (row, &bytes) in (0..).zip(rows) {
            let scale = RowScale::from_bytes(bytes).ok_or(LoadError::Scale { part, row })?;
            let found = scale.bias;
            if found.unsigned_abs() > limit {
                return Err(LoadError::Bias { part, row, found, limit });
            }
        }
        let (inputs, weights) = (inputs as usize, bytemuck::cast_slice(weights));
        Ok(Self { inputs, weights, scales: rows, packed: Slot::default() })
    }

    /// Packs the weights a second time, for wide vectors, at the front of `memory`; returns the
    /// rest of it.
    ///
    /// # Errors
    /// If the memory is less than [`Packed::lines`] says; then the matrix stays as it was.
    pub fn pack(&mut self, memory: &'m mut [Line]) -> Result<&'m mut [Line], PackError> {
        let (packed, rest) = Packed::new(self, memory)?;
        self.packed = slot(packed);
        Ok(rest)
    }

    /// The weights as they are packed for wide vectors, if they are; on 32-bit Arm they never are.
    pub fn packed(&self) -> Option<Packed<'m>> {
        self.packed.into_iter().next()
    }

    /// Inputs of a row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of rows.
    pub fn outputs(&self) -> usize {
        self.scales.len()
    }

    /// All weights, row after row.
    pub fn weights(&self) -> &'m [i8] {
        self.weights
    }

    /// The rows' scales, as they stand in the file.
    pub fn scales(&self) -> &'m [[u8; RowScale::BYTES]] {
        self.scales
    }

    /// The weights of `N` rows at a time, each followed by whatever weights come after them, and
    /// the rows' scales as they stand in the file. In the last of them, the first row stands in for
    /// those that are not there.
    #[cfg(any(target_arch = "aarch64", not(any(target_arch = "x86_64", kernels = "scalar"))))]
    pub(crate) fn blocks<const N: usize>(
        &self,
    ) -> impl Iterator<Item = ([&'m [i8]; N], &'m [[u8; 8]])> + use<'m, N> {
        let (inputs, mut rest) = (self.inputs, self.weights);
        self.scales.chunks(N).map(move |scales| {
            let first = rest;
            // Not `chunks`, whose length is a division, on some cores the longest of instructions.
            let weights = core::array::from_fn(|row| {
                first.get(row * inputs..).filter(|row| !row.is_empty()).unwrap_or(first)
            });
            rest = behind(rest, N * inputs);
            (weights, scales)
        })
    }

    /// The rows in order: weights (`inputs` of them), bias and scale.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&'m [i8], RowScale)> + Clone {
        let scales = self.scales.iter().map(|&bytes| RowScale::read(bytes));
        self.weights.chunks_exact(self.inputs.max(1)).zip(scales)
    }
}
