//! The comparator behind C's opaque object.

use core::ffi::c_void;

use arc_runtime::Model;
pub(crate) use arc_runtime::kernels::Native;

use crate::memory::Borrows;
use crate::status::{Status, status};

/// Size of an `arc_comparator` behind its first 8 bytes, in pointers; the library takes a few
/// less, so that it may change without this.
pub const ARC_COMPARATOR_POINTERS: usize = 448;

/// A model ready to compare, in memory of the caller's: 8 bytes and `ARC_COMPARATOR_POINTERS`
/// pointers.
///
/// It needs no clean-up. It must not be copied or moved once it is initialised, and its content
/// is the library's own business.
#[repr(C)]
pub struct Comparator {
    /// Whether `opaque` holds one.
    state: u64,
    opaque: [*mut c_void; ARC_COMPARATOR_POINTERS],
}

/// Numbers that no memory holds by chance.
const READY: u64 = u64::from_le_bytes(*b"arc, set");
const BUSY: u64 = u64::from_le_bytes(*b"arc, run");

/// What the object really holds.
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
const _: () = assert!(size_of::<Inner>() <= size_of::<[*mut c_void; ARC_COMPARATOR_POINTERS]>());
const _: () = assert!(align_of::<Inner>() <= align_of::<u64>());

impl Comparator {
    /// A comparator that is not initialised yet, as C has it in static memory.
    pub const fn zeroed() -> Self {
        Self { state: 0, opaque: [core::ptr::null_mut(); ARC_COMPARATOR_POINTERS] }
    }
}

/// Initialises a comparator: checks a model file, and takes a workspace to compare in.
///
/// @param comparator what to initialise; a comparator may be initialised anew, unless it is at work
/// @param file the model file, at any alignment; bytes behind the model's own end do not matter.
/// It is not copied: it must stay as it is as long as the comparator is used
/// @param file_bytes its length
/// @param workspace memory aligned to 4 bytes, which belongs to the comparator from now on
/// @param workspace_bytes its length: at least `workspace_bytes` of `arc_model_sizes` to compare,
/// and what `arc_identify_bytes` says to identify; with more, more pairs go at a time
///
/// @return ARC_STATUS_OK, an error of the memory, of the model, or ARC_STATUS_WORKSPACE. After an
/// error the comparator is not initialised
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
        // memory may be read and written.
        unsafe {
            if (*comparator).state == BUSY {
                return Err(Status::Busy);
            }
            (*comparator).state = 0;
        }
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
        // SAFETY: as above; `opaque` has room for it and its alignment, as asserted.
        unsafe {
            (&raw mut (*comparator).opaque).cast::<Inner>().write(inner);
            (*comparator).state = READY;
        }
        Ok(())
    };
    status(init())
}

/// Decides after so many glimpses of each image instead of the model's number: sooner, and less
/// surely. Held within 1 and the model's number.
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
    // SAFETY: as above.
    unsafe { (*comparator).state = READY };
    done
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
    let (state, opaque) = unsafe { ((*comparator).state, &raw mut (*comparator).opaque) };
    match state {
        READY => Ok(opaque.cast()),
        BUSY => Err(Status::Busy),
        _ => Err(Status::NotReady),
    }
}

// SAFETY: a number and pointers.
unsafe impl crate::memory::Plain for Comparator {}
