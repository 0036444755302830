//! What a call borrows from its caller: every pointer is checked here, and nowhere else.

use core::ops::Range;
use core::{ptr, slice};

use crate::status::Status;

/// The most outputs of a call, the comparator and its workspace among them.
const OUTPUTS: usize = 4;

/// The memory that a call writes to, so that nothing else can be borrowed from it.
///
/// Outputs come first, and are filled when all else has been borrowed.
#[derive(Default)]
pub(crate) struct Borrows {
    /// Addresses of what is only read as long as the comparator lives.
    file: Range<usize>,
    outputs: [Range<usize>; OUTPUTS],
}

impl Borrows {
    /// For a call that must not write to a model file.
    pub fn beside(file: &[u8]) -> Self {
        let Range { start, end } = file.as_ptr_range();
        Self { file: start.addr()..end.addr(), ..Self::default() }
    }

    /// Memory to be written: any number of `T`, for all of which zero bytes stand for a value.
    pub fn output<T: Plain>(&mut self, start: *mut T, len: usize) -> Result<Output<T>, Status> {
        let range = addresses(start, len)?;
        let taken = self.outputs.iter().chain([&self.file]);
        if taken.into_iter().any(|taken| overlap(taken, &range)) {
            return Err(Status::Overlap);
        }
        // No function has more outputs than there are places.
        let free = self.outputs.iter_mut().find(|taken| taken.end == 0);
        *free.ok_or(Status::Unknown)? = range;
        Ok(Output { start, len })
    }

    /// Memory to be read.
    ///
    /// # Safety
    /// If it is neither null nor misaligned, it holds `len` values of `T`, which nobody changes
    /// for `'a`, unless through an output of this very call.
    pub unsafe fn input<'a, T: Plain>(
        &self,
        start: *const T,
        len: usize,
    ) -> Result<&'a [T], Status> {
        let range = addresses(start, len)?;
        if self.outputs.iter().any(|taken| overlap(taken, &range)) {
            return Err(Status::Overlap);
        }
        if len == 0 {
            return Ok(&[]);
        }
        // SAFETY: not null, aligned, of a possible length; the caller answers for the values, and
        // outputs, which lie elsewhere, are all that is written.
        Ok(unsafe { slice::from_raw_parts(start, len) })
    }

    /// One object to be read.
    ///
    /// # Safety
    /// As [`input`](Self::input).
    pub unsafe fn object<'a, T: Plain>(&self, object: *const T) -> Result<&'a T, Status> {
        // SAFETY: the caller's contract is the same.
        unsafe { self.input(object, 1) }?.first().ok_or(Status::Length)
    }
}

/// Memory that a call will write to, found to be a place of its own.
pub(crate) struct Output<T> {
    start: *mut T,
    len: usize,
}

impl<T: Plain> Output<T> {
    /// The first values alone, if there are more.
    pub fn first(self, len: usize) -> Self {
        Self { len: self.len.min(len), ..self }
    }

    /// The memory, all zero.
    ///
    /// # Safety
    /// It is memory that may be written, and that nobody else uses for `'a`.
    pub unsafe fn fill<'a>(self) -> &'a mut [T] {
        // SAFETY: it is memory for as many values, of which zero bytes are one.
        unsafe {
            if self.len > 0 {
                ptr::write_bytes(self.start, 0, self.len);
            }
            self.values()
        }
    }

    /// Writes the value at an index, if there is a place for it.
    ///
    /// # Safety
    /// As [`fill`](Self::fill).
    pub unsafe fn set(&mut self, index: usize, value: T) {
        if index < self.len {
            // SAFETY: within the memory, which is aligned, and may be written by the caller's contract.
            unsafe { self.start.add(index).write(value) };
        }
    }

    /// Writes the first value.
    ///
    /// # Safety
    /// As [`fill`](Self::fill).
    pub unsafe fn write(mut self, value: T) {
        // SAFETY: the caller's contract is the same.
        unsafe { self.set(0, value) };
    }

    /// The memory, as it was [`set`](Self::set).
    ///
    /// # Safety
    /// As [`fill`](Self::fill), and every value was set.
    pub unsafe fn values<'a>(self) -> &'a mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: not null, aligned, of a possible length, and apart from all other borrows of the
        // call; the caller answers for the values.
        unsafe { slice::from_raw_parts_mut(self.start, self.len) }
    }
}

/// Types of C, for which zero bytes are a value.
///
/// # Safety
/// They are.
pub(crate) unsafe trait Plain {}

// SAFETY: zero is a number.
unsafe impl Plain for i8 {}
// SAFETY: zero is a number.
unsafe impl Plain for u8 {}
// SAFETY: zero is a number.
unsafe impl Plain for i32 {}
// SAFETY: zero is a number.
unsafe impl Plain for u32 {}
// SAFETY: a raw pointer may be null.
unsafe impl<T> Plain for *const T {}

/// The addresses of `len` values, if there can be any at `start`.
fn addresses<T>(start: *const T, len: usize) -> Result<Range<usize>, Status> {
    if len == 0 {
        return Ok(0..0);
    }
    if start.is_null() {
        return Err(Status::NullPointer);
    }
    if !start.is_aligned() {
        return Err(Status::Alignment);
    }
    let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize);
    let end = bytes.and_then(|bytes| start.addr().checked_add(bytes));
    end.map(|end| start.addr()..end).ok_or(Status::Length)
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}
