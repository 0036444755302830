//! Parts of slices, without a panic in release builds.
//!
//! All lengths are checked at load and when a comparator is made, so that a part which is not
//! there is never taken. The compiler cannot see that, and an index would link the panic
//! machinery into every firmware: in release builds such a part is empty instead. Debug builds assert that
//! there is none.
//!
//! Kernels may be called with any sizes, and take their parts from [`lenient`].

pub(crate) mod lenient;

/// The first `len`.
pub(crate) fn front<T>(all: &[T], len: usize) -> &[T] {
    debug_assert!(len <= all.len(), "{len} of {}", all.len());
    lenient::front(all, len)
}

/// The first `len`.
pub(crate) fn front_mut<T>(all: &mut [T], len: usize) -> &mut [T] {
    debug_assert!(len <= all.len(), "{len} of {}", all.len());
    lenient::front_mut(all, len)
}

/// All from `start` on.
pub(crate) fn behind<T>(all: &[T], start: usize) -> &[T] {
    debug_assert!(start <= all.len(), "from {start} of {}", all.len());
    lenient::behind(all, start)
}

/// All from `start` on.
pub(crate) fn behind_mut<T>(all: &mut [T], start: usize) -> &mut [T] {
    debug_assert!(start <= all.len(), "from {start} of {}", all.len());
    lenient::behind_mut(all, start)
}

/// `len` from `start` on.
pub(crate) fn part<T>(all: &[T], start: usize, len: usize) -> &[T] {
    front(behind(all, start), len)
}

/// `len` from `start` on.
pub(crate) fn part_mut<T>(all: &mut [T], start: usize, len: usize) -> &mut [T] {
    front_mut(behind_mut(all, start), len)
}

/// The first `len`, and the others.
pub(crate) fn split<T>(all: &[T], len: usize) -> (&[T], &[T]) {
    debug_assert!(len <= all.len(), "{len} of {}", all.len());
    lenient::split(all, len)
}

/// The first `len`, and the others.
pub(crate) fn split_mut<T>(all: &mut [T], len: usize) -> (&mut [T], &mut [T]) {
    debug_assert!(len <= all.len(), "{len} of {}", all.len());
    lenient::split_mut(all, len)
}

/// Copies all of `from` to the front of `to`.
pub(crate) fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    debug_assert!(from.len() <= to.len(), "{} to {}", from.len(), to.len());
    lenient::copy(to, from);
}
