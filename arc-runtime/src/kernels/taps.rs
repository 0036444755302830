//! What of its input map an output of a convolution is made from.

use crate::parts::part;
use crate::stages::Convolution;

/// What of the map lies under the kernel where output `[y, x]` is taken: for each kernel row that is
/// within the map, its place in the window, and its taps, which are neighbours in the map.
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

/// Whether the kernel is within the map altogether where output `[y, x]` is taken.
#[cfg(not(kernels = "armv6m"))]
pub(super) fn is_inside(convolution: &Convolution<'_>, place: [usize; 2]) -> bool {
    let padding = convolution.kernel_side() / 2;
    let within = |at: usize| at >= padding && at + padding < convolution.input_side;
    place.into_iter().all(|at| within(at * convolution.stride))
}
