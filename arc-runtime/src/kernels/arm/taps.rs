//! The part of the input map that an output of a convolution is computed from.

use crate::layers::Convolution;
use crate::slices::lenient::part;

/// The inputs of output `[y, x]`: for each kernel row that is within the map, the index of its first tap in the
/// window, and its taps, which are neighbors in the map.
///
/// ```text
/// window   | kernel row 0 | kernel row 1 | kernel row 2 |    each `side` taps of `inputs` channels
///                          ^ index: columns of the kernel that are left of the map are skipped
/// ```
pub(super) fn taps<'a>(
    convolution: &Convolution<'_>,
    input: &'a [i8],
    [y, x]: [usize; 2],
) -> impl Iterator<Item = (usize, &'a [i8])> + Clone + use<'a> {
    let Convolution { input_side, inputs, stride, .. } = *convolution;
    let side = convolution.kernel_side();
    let (y, x, padding) = (y * stride, x * stride, side / 2);
    let (left, right) = (x.saturating_sub(padding), (x + padding + 1).min(input_side));
    let (top, bottom) = (y.saturating_sub(padding), (y + padding + 1).min(input_side));
    (top..bottom).map(move |row| {
        let at = ((row + padding - y) * side + left + padding - x) * inputs;
        (at, part(input, (row * input_side + left) * inputs, (right - left) * inputs))
    })
}

/// Whether the kernel lies entirely within the map for the output at `position`, `[y, x]`.
#[cfg(not(kernels = "armv6m"))]
pub(super) fn is_inside(convolution: &Convolution<'_>, position: [usize; 2]) -> bool {
    let padding = convolution.kernel_side() / 2;
    let within = |at: usize| at >= padding && at + padding < convolution.input_side;
    position.into_iter().all(|at| within(at * convolution.stride))
}
