//! Buffers that show what was written around them.

use arc_runtime::layers::Line;

/// Numbers in front of and behind a [`Fenced`] buffer: as many as the widest vector has bytes.
const FENCE: usize = 64;

/// Where the buffers of [`sizes`](crate::sizes) lie.
pub trait Buffers {
    /// A buffer, which takes `SPACE` numbers where memory is given at compile time.
    type Of<T: Number, const SPACE: usize>: Buffer<T>;
    /// Memory for packed weights.
    type Lines: AsMut<[Line]>;
    /// Whether there is memory for maps of any size.
    const LARGE: bool;

    /// `count` lines for packed weights; fewer where there is no memory for all.
    fn lines(count: usize) -> Self::Lines;
}

/// Numbers of one length, and whether the memory around them is as it was.
pub trait Buffer<T> {
    /// `len` numbers, `skip` of them off an aligned address; fewer where there is no memory for all.
    fn new(len: usize, skip: usize, number: impl FnMut() -> T) -> Self;

    /// The numbers.
    fn all(&mut self) -> &mut [T];

    /// Whether nothing was written around them.
    fn is_intact(&self) -> bool;
}

/// What buffers are made of.
pub trait Number: Copy + PartialEq {
    /// What tells that nothing was written.
    const CANARY: Self;

    /// The number of these bits, as far as there is room for them.
    fn any(bits: u32) -> Self;
}

macro_rules! number {
    ($number:ty, $canary:literal) => {
        impl Number for $number {
            const CANARY: Self = $canary;

            fn any(bits: u32) -> Self {
                bits as Self
            }
        }
    };
}
number!(i8, 0x5a);
number!(u8, 0x5a);
number!(i16, 0x5ac3);
number!(i32, 0x5ac3_a53c);

/// Buffers in arrays, with canaries in front and behind.
#[derive(Debug)]
pub struct Fences;

/// Lines of [`Fences`]; kernels of microcontrollers have no use for any.
const LINES: usize = if cfg!(target_arch = "arm") { 0 } else { 64 };

impl Buffers for Fences {
    type Of<T: Number, const SPACE: usize> = Fenced<T, SPACE>;
    type Lines = Given;
    const LARGE: bool = false;

    fn lines(count: usize) -> Given {
        Given { lines: [Line::ZERO; LINES], count: count.min(LINES) }
    }
}

/// Lines in an array.
#[derive(Debug)]
pub struct Given {
    lines: [Line; LINES],
    count: usize,
}

impl AsMut<[Line]> for Given {
    fn as_mut(&mut self) -> &mut [Line] {
        &mut self.lines[..self.count]
    }
}

/// A buffer within an array of canaries.
#[derive(Debug)]
#[repr(C, align(16))]
pub struct Fenced<T, const SPACE: usize> {
    numbers: [T; SPACE],
    start: usize,
    end: usize,
}

impl<T: Number, const SPACE: usize> Buffer<T> for Fenced<T, SPACE> {
    fn new(len: usize, skip: usize, mut number: impl FnMut() -> T) -> Self {
        let (start, len) = (FENCE - skip, len.min(SPACE - 2 * FENCE));
        let (mut numbers, end) = ([T::CANARY; SPACE], start + len);
        numbers[start..end].iter_mut().for_each(|to| *to = number());
        Self { numbers, start, end }
    }

    fn all(&mut self) -> &mut [T] {
        &mut self.numbers[self.start..self.end]
    }

    fn is_intact(&self) -> bool {
        let around = self.numbers[..self.start].iter().chain(&self.numbers[self.end..]);
        around.into_iter().all(|number| *number == T::CANARY)
    }
}
