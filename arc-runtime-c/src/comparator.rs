//! The comparator behind C's opaque object.

use core::ffi::c_void;

use arc_runtime::Model;
/// The kernels of the target. The vector ones of x86-64 multiply packed weights, which C has no way to make.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) use arc_runtime::kernels::Native;
#[cfg(target_arch = "x86_64")]
pub(crate) use arc_runtime::kernels::Scalar as Native;

use crate::memory::Borrows;
use crate::status::{Status, status};

/// Size of an `arc_comparator` behind its first 8 bytes, in pointers; the library takes a few
/// less, so that it may change without this.
pub const ARC_COMPARATOR_POINTERS: usize = 448;

/// A model ready to compare, in memory of the caller's: 8 bytes and `ARC_COMPARATOR_POINTERS`
/// pointers.
///
/// It needs no clean-up. Its content is the library's own business.
///
/// It stays where it was initialized: a copy of it, and one that was moved, as `realloc` or a return
/// by value does, is answered with ARC_STATUS_MOVED until it is initialized itself.
///
/// One that was never initialized is answered with ARC_STATUS_NOT_READY if its memory is zero, as
/// static memory is. In memory of any other content that is found as a rule, and not promised.
#[repr(C)]
pub struct Comparator {
    /// Whether `opaque` holds one.
    state: u64,
    opaque: [*mut c_void; ARC_COMPARATOR_POINTERS],
}

/// States of a comparator. Memory holds the last two hardly ever by chance.
const NOT_READY: u64 = 0;
const READY: u64 = u64::from_le_bytes(*b"arc, set");
const BUSY: u64 = u64::from_le_bytes(*b"arc, run");

/// What `opaque` holds of a comparator that is ready or busy.
#[repr(C)]
struct Opaque {
    /// Address of the comparator that was initialized; a copy has another.
    address: usize,
    inner: Inner,
}

/// What the calls work with.
pub(crate) struct Inner {
    pub comparator: arc_runtime::Comparator<'static, &'static mut [u32], Native>,
    file: &'static [u8],
    /// Where the comparator's words are.
    workspace: (*mut u32, usize),
}

impl Inner {
    /// Rows and columns of the model's images.
    pub fn side(&self) -> usize {
        self.comparator.model().dimensions().image_side
    }
}

// What the header's last line says to C.
const _: () =
    assert!(size_of::<Comparator>() == 8 + ARC_COMPARATOR_POINTERS * size_of::<*mut c_void>());
// The object of C has room for it, and its alignment.
const _: () = assert!(size_of::<Opaque>() <= size_of::<[*mut c_void; ARC_COMPARATOR_POINTERS]>());
const _: () = assert!(align_of::<Opaque>() <= align_of::<u64>());

impl Comparator {
    /// A comparator that is not initialized yet, as C has it in static memory.
    pub const fn zeroed() -> Self {
        Self { state: 0, opaque: [core::ptr::null_mut(); ARC_COMPARATOR_POINTERS] }
    }
}

/// Initializes a comparator: checks a model file, and takes a workspace to compare in.
///
/// The memory of the comparator may hold anything: it is written before it is read.
///
/// A comparator may be initialized anew at any time, with the same model and workspace or others,
/// but not in its own trace: that is found when the trace returns, and ends the program by `abort`.
/// What the comparator had before is the caller's again.
///
/// @param comparator what to initialize
/// @param file the model file, at any alignment; bytes behind the model's own end do not matter.
/// It is not copied: it must stay as it is as long as the comparator is used
/// @param file_bytes its length
/// @param workspace memory aligned to 4 bytes, which belongs to this comparator alone from now on
/// @param workspace_bytes its length: at least `workspace_bytes` of `arc_model_sizes` to compare,
/// and what `arc_identify_bytes` says to identify; with more, more pairs go at a time
///
/// @return ARC_STATUS_OK, an error of the memory, of the model, or ARC_STATUS_WORKSPACE. After an
/// error the comparator is not initialized
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_comparator_init(
    comparator: *mut Comparator,
    file: *const u8,
    file_bytes: usize,
    workspace: *mut c_void,
    workspace_bytes: usize,
) -> Status {
    let init = || {
        let mut borrows = Borrows::default();
        borrows.output(comparator, 1)?;
        // SAFETY: the comparator is neither null nor misaligned, and C's contract is that its
        // memory may be written.
        unsafe { (*comparator).state = NOT_READY };
        let workspace = workspace.cast::<u32>();
        let words = workspace_bytes / size_of::<u32>();
        let output = borrows.output(workspace, words)?;
        // SAFETY: C's contract is that the file stays as it is as long as the comparator is used.
        let file = unsafe { borrows.input(file, file_bytes)? };
        let model = Model::load(file)?;
        // SAFETY: C's contract is that the workspace belongs to the comparator from now on.
        let memory: &'static mut [u32] = unsafe { output.fill() };
        let ready = arc_runtime::Comparator::with_kernels(&model, memory, Native)?;
        let inner = Inner { comparator: ready, file, workspace: (workspace, words) };
        // SAFETY: the comparator is C's to initialize, and nothing else refers to it; `opaque` has room for an
        // `Opaque` and its alignment, by the assertions at its type.
        unsafe {
            opaque(comparator).write(Opaque { address: comparator.addr(), inner });
            (*comparator).state = READY;
        }
        Ok(())
    };
    status(init())
}

/// Decides after `per_image` glimpses of each image instead of the model's number: sooner, and less
/// surely. A number outside of 1 to the model's becomes the nearer of the two.
///
/// @return ARC_STATUS_OK, or an error of the comparator
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc_limit_glimpses(
    comparator: *mut Comparator,
    per_image: usize,
) -> Status {
    // SAFETY: C's contract.
    let done = unsafe {
        with(comparator, |inner, _| {
            inner.comparator.limit_glimpses(per_image);
            Ok(())
        })
    };
    status(done)
}

/// Works with a comparator if it is ready, and with what the call borrows beside it.
///
/// # Safety
/// The contract of C: a pointer that is neither null nor misaligned points to a comparator, which
/// no other thread uses, and whose file and workspace are as they were given.
pub(crate) unsafe fn with<T>(
    comparator: *mut Comparator,
    work: impl FnOnce(&mut Inner, &mut Borrows) -> Result<T, Status>,
) -> Result<T, Status> {
    // SAFETY: the caller's contract.
    let inner = unsafe { ready(comparator)? };
    // SAFETY: it is ready, so that there is one, and from here to the end it is busy, so that
    // there is no second reference to it.
    let inner = unsafe {
        (*comparator).state = BUSY;
        &mut *inner
    };
    let mut borrows = Borrows::beside(inner.file);
    let (workspace, words) = inner.workspace;
    let own = borrows.output(comparator, 1).and_then(|_| borrows.output(workspace, words));
    let done = own.and_then(|_| work(inner, &mut borrows));
    // SAFETY: it was ready and is still there: `inner` is not used any more.
    unsafe { (*comparator).state = READY };
    done
}

/// Ends the program if a comparator that is at work was initialized anew, by the trace that has
/// just returned: what the call still works with is gone.
///
/// # Safety
/// It points to a comparator that was at work.
pub(crate) unsafe fn stop_if_replaced(comparator: *const Comparator) {
    // SAFETY: the caller's contract; the state lies outside of what the call has borrowed.
    if unsafe { (*comparator).state } != BUSY {
        crate::abort();
    }
}

/// The model of a comparator that is ready.
///
/// # Safety
/// As [`with`]; and it stays unused for `'a`.
pub(crate) unsafe fn model<'a>(comparator: *const Comparator) -> Result<&'a Model<'a>, Status> {
    // SAFETY: the caller's contract; it is ready, so that there is one.
    unsafe { Ok((*ready(comparator.cast_mut())?).comparator.model()) }
}

/// Where the real comparator is, if it is ready.
///
/// # Safety
/// As [`with`].
unsafe fn ready(comparator: *mut Comparator) -> Result<*mut Inner, Status> {
    Borrows::default().output(comparator, 1)?;
    // SAFETY: neither null nor misaligned, so that it is one by the caller's contract.
    let state = unsafe { (*comparator).state };
    if state != READY && state != BUSY {
        return Err(Status::NotReady);
    }
    // SAFETY: it was initialized, here or where it was copied from, so that `opaque` holds one. The
    // address is outside of what a call at work has borrowed.
    let (address, inner) = unsafe {
        let opaque = opaque(comparator);
        ((*opaque).address, &raw mut (*opaque).inner)
    };
    match state {
        _ if address != comparator.addr() => Err(Status::Moved),
        BUSY => Err(Status::Busy),
        _ => Ok(inner),
    }
}

/// Where a comparator has its content.
///
/// # Safety
/// It is neither null nor misaligned, and memory of a comparator.
unsafe fn opaque(comparator: *mut Comparator) -> *mut Opaque {
    // SAFETY: the caller's contract; nothing is read.
    unsafe { (&raw mut (*comparator).opaque).cast() }
}

// SAFETY: a number and pointers.
unsafe impl crate::memory::Plain for Comparator {}
