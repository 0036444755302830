//! Wrong sizes for every operation of every set of kernels that this machine can run.
//!
//! Once in arrays with canaries around each buffer; and once in memory of exactly the length of each, so that
//! AddressSanitizer (`cargo xtask sanitize`) sees what is read or written around it, too.

use arc_golden::buffers::{Buffer, Buffers, Fences, Number};
use arc_golden::sizes;
use arc_runtime::kernels::Host;
use arc_runtime::layers::Line;

#[test]
fn no_size_is_so_wrong_that_canaries_die() {
    for kernels in Host::available() {
        let calls = sizes::run::<Fences>(&kernels).unwrap_or_else(|operation| {
            panic!("{}: {operation} writes around its buffers", kernels.name())
        });
        println!("{}: {calls} calls", kernels.name());
    }
}

#[test]
fn no_size_is_so_wrong_that_other_memory_is_reached() {
    for kernels in Host::available() {
        let calls = sizes::run::<Allocations>(&kernels).unwrap();
        println!("{}: {calls} calls", kernels.name());
    }
}

/// Buffers that are allocations of their own.
struct Allocations;

/// More than any size that fits.
const MOST: usize = 20_000;

impl Buffers for Allocations {
    type Of<T: Number, const SPACE: usize> = Exact<T>;
    type Lines = Vec<Line>;
    const LARGE: bool = true;

    fn lines(count: usize) -> Vec<Line> {
        vec![Line::ZERO; count.min(MOST)]
    }
}

/// Numbers with nothing of theirs around them.
struct Exact<T>(Vec<T>);

impl<T: Number> Buffer<T> for Exact<T> {
    fn new(len: usize, _: usize, mut number: impl FnMut() -> T) -> Self {
        let mut numbers = Vec::with_capacity(len.min(MOST));
        numbers.resize_with(len.min(MOST), &mut number);
        assert_eq!(numbers.len(), numbers.capacity(), "a buffer that is not exact");
        Self(numbers)
    }

    fn all(&mut self) -> &mut [T] {
        &mut self.0
    }

    fn is_intact(&self) -> bool {
        true
    }
}
