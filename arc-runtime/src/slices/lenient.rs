//! Parts of slices that may not be there: then they are empty, and what has no room is not copied.
//!
//! For kernels, which may be called with any sizes.

/// The first `len`.
pub(crate) fn front<T>(all: &[T], len: usize) -> &[T] {
    all.get(..len).unwrap_or_default()
}

/// The first `len`.
pub(crate) fn front_mut<T>(all: &mut [T], len: usize) -> &mut [T] {
    all.get_mut(..len).unwrap_or_default()
}

/// All from `start` on.
pub(crate) fn behind<T>(all: &[T], start: usize) -> &[T] {
    all.get(start..).unwrap_or_default()
}

/// All from `start` on.
pub(crate) fn behind_mut<T>(all: &mut [T], start: usize) -> &mut [T] {
    all.get_mut(start..).unwrap_or_default()
}

/// `len` from `start` on.
pub(crate) fn part<T>(all: &[T], start: usize, len: usize) -> &[T] {
    front(behind(all, start), len)
}

/// The first `len`, and the others.
pub(crate) fn split<T>(all: &[T], len: usize) -> (&[T], &[T]) {
    all.split_at_checked(len).unwrap_or_default()
}

/// The first `len`, and the others.
pub(crate) fn split_mut<T>(all: &mut [T], len: usize) -> (&mut [T], &mut [T]) {
    all.split_at_mut_checked(len).unwrap_or_default()
}

/// Copies as much as there is room for.
pub(crate) fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
}
