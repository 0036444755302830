//! The sizes in a model's header, read while compiling.

use super::Encoding;
use super::layout::{
    BATCH_AT, CONTEXT_AT, ENCODING_AT, FEATURES_AT, MAGIC, SHORTEST, VERSION, VERSION_AT,
    WORKSPACE_AT, header_bytes,
};

/// Words of working memory that a [`Comparator`](crate::Comparator) for this model needs to compare
/// pairs and to extract features, read at compile time.
///
/// # Panics
/// If `model` does not begin with the header of an integer model of a version that this crate
/// reads; in a constant, this stops the build.
///
/// ```
/// use arc_runtime::{Comparator, Model, workspace_words};
///
/// const MODEL: &[u8] = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// let words = [0; workspace_words(MODEL)];
/// assert!(Comparator::new(&Model::load(MODEL)?, words).is_ok());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
pub const fn workspace_words(model: &[u8]) -> usize {
    size_field(model, WORKSPACE_AT).div_ceil(4)
}

/// Bytes that one enrolled image takes, read at compile time: the `FEATURES` of
/// [`Gallery`](crate::Gallery).
///
/// # Panics
/// Like [`workspace_words`].
///
/// ```
/// use arc_runtime::{Gallery, feature_bytes};
///
/// const MODEL: &[u8] = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// type Enrolled = Gallery<u16, 20, { feature_bytes(MODEL) }>;
/// assert!(size_of::<Enrolled>() >= 20 * 196);
/// ```
pub const fn feature_bytes(model: &[u8]) -> usize {
    size_field(model, FEATURES_AT)
}

/// Words of working memory that a [`Comparator`](crate::Comparator) for this model needs to
/// identify a probe among up to `enrolled` images, in batches of [`BATCH`](super::BATCH) pairs, read at compile
/// time. With less memory batches are smaller, as
/// [`Dimensions::identify_words`](crate::Dimensions::identify_words) says.
///
/// For a model without full context it is the same however many images there are.
///
/// # Panics
/// Like [`workspace_words`].
///
/// ```
/// use arc_runtime::{identify_words, workspace_words};
///
/// const MODEL: &[u8] = arc_runtime::include_model!("../../tests/data/tiny.arc");
/// // To identify takes as much memory as to compare, or more.
/// const _: () = assert!(identify_words(MODEL, 20) >= workspace_words(MODEL));
/// ```
pub const fn identify_words(model: &[u8], enrolled: usize) -> usize {
    let (batch, context) = (size_field(model, BATCH_AT), size_field(model, CONTEXT_AT));
    (batch + enrolled * context).div_ceil(4)
}

/// Rows and columns of the images that a model compares, read at compile time.
///
/// # Panics
/// Like [`workspace_words`], or if the file ends within its body.
pub const fn image_side(model: &[u8]) -> usize {
    size_field(model, FEATURES_AT); // an integer model of a known version
    let version = u16::from_le_bytes([model[VERSION_AT.start], model[VERSION_AT.start + 1]]);
    // The body begins with the provenance: three strings and two numbers; then comes the side.
    let mut at = header_bytes(version);
    let mut strings = 0;
    while strings < 3 {
        let (length, behind) = varint(model, at);
        at = behind + length;
        strings += 1;
    }
    let (_seed, at) = varint(model, at);
    let (_steps, at) = varint(model, at);
    varint(model, at).0
}

/// The number that postcard wrote at an offset, seven bits to a byte, and the offset behind it.
const fn varint(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut number, mut shift) = (0, 0);
    loop {
        assert!(at < bytes.len(), "the model file is cut off: copy it again");
        // What is beyond the width of a `usize` is none of a length: the seed's upper bits.
        if shift < usize::BITS {
            number |= ((bytes[at] & 0x7f) as usize) << shift;
        }
        if bytes[at] & 0x80 == 0 {
            return (number, at + 1);
        }
        (at, shift) = (at + 1, shift + 7);
    }
}

const fn size_field(model: &[u8], offset: usize) -> usize {
    assert!(model.len() >= SHORTEST, "too short for a model file: export it anew");
    assert!(
        le_u32(model, 0) == u32::from_le_bytes(MAGIC),
        "not a model file: it does not begin with ARCM"
    );
    let version = u16::from_le_bytes([model[VERSION_AT.start], model[VERSION_AT.start + 1]]);
    assert!(
        version >= 1 && version <= VERSION,
        "a model file of a newer version: export it anew with this release"
    );
    assert!(
        model[ENCODING_AT] == Encoding::Integer as u8,
        "a float reference: export it with --quantize i8"
    );
    let offset = match (version, offset) {
        (1 | 2, BATCH_AT) => WORKSPACE_AT,
        (1, CONTEXT_AT) => return 0,
        _ => offset,
    };
    le_u32(model, offset) as usize
}

const fn le_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
