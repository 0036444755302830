//! The format of the vectors: one postcard record after the other, borrowed from the file.

use serde::{Deserialize, Serialize};

/// Most steps of a pair.
pub const MAX_STEPS: usize = 16;

/// A comparison of two pictures. Numbers of several bytes in byte arrays are little endian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair<'a> {
    /// What is seen first.
    #[serde(borrow)]
    pub probe: Picture<'a>,
    /// What it is compared with.
    pub support: Picture<'a>,
    /// Every step.
    pub steps: heapless::Vec<Step<'a>, MAX_STEPS>,
    /// The logit, Q15.16.
    pub logit: i32,
}

/// A picture and what the stem makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture<'a> {
    /// Packed bits, as [`arc_runtime::Image::from_bits`] takes them.
    pub bits: &'a [u8],
    /// The features, i8.
    pub features: &'a [u8],
}

/// A step of a comparison; units as in [`arc_runtime::Step`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step<'a> {
    /// Where the glimpse was taken: y, x, d in Q0.15.
    pub gaze: [i16; 3],
    /// What it saw, i8.
    pub glimpse: &'a [u8],
    /// The cell after it, i16.
    pub cell: &'a [u8],
    /// The state after it, i8.
    pub state: &'a [u8],
}

/// Most supports of a probe.
pub const MAX_SUPPORTS: usize = 8;

/// A probe among several supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identification<'a> {
    /// The picture in question.
    #[serde(borrow)]
    pub probe: Picture<'a>,
    /// What it is compared with, in this order.
    pub supports: heapless::Vec<Picture<'a>, MAX_SUPPORTS>,
    /// For each of them the score and, unless the model is an N-way one, that of the pair alone,
    /// both Q15.16.
    pub ratings: heapless::Vec<(i32, Option<i32>), MAX_SUPPORTS>,
}

/// The pairs of a file in order; ends after the first that is damaged.
pub fn pairs(vectors: &[u8]) -> impl Iterator<Item = postcard::Result<Pair<'_>>> {
    records(vectors)
}

/// The records of a file in order; ends after the first that is damaged.
pub fn records<'a, T: Deserialize<'a>>(
    mut vectors: &'a [u8],
) -> impl Iterator<Item = postcard::Result<T>> {
    core::iter::from_fn(move || {
        if vectors.is_empty() {
            return None;
        }
        let record = postcard::take_from_bytes(vectors);
        vectors = record.as_ref().map_or(&[], |(_, rest)| rest);
        Some(record.map(|(record, _)| record))
    })
}
