//! What a snapshot of the store looks like in a bank of flash.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 288 | the index |
//! | 288 | 288 | the index again |
//! | 576 | 32 | the commit mark: all zeros, written last |
//! | 608 | 128 each | the pictures, in the order of the index |
//!
//! The index is 72 words, little endian:
//!
//! | word | |
//! |---|---|
//! | 0 | the bytes `ARCp` |
//! | 1 | version of the layout; in the upper half the side of a picture in pixels |
//! | 2 | pictures that a snapshot has places for; in the upper half those that it holds |
//! | 3 | generation of the snapshot |
//! | 4.. | of each picture: its label, the generation of the change that kept it, its CRC-32 |
//! | 71 | CRC-32 of the words before; those without a meaning are 0 |
//!
//! Every version keeps the two copies of the index, the mark and words 0 to 2 as they are here, so that
//! firmware of any version can tell whose a snapshot is.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::{CAPACITY, CRC, PICTURE_BYTES};
use crate::glyphs::SIDE;

/// Whatever is written has a multiple of this length and begins at one. It suits each flash that writes
/// words of up to 32 bytes.
pub const UNIT: usize = 32;
/// Bytes of a copy of the index.
pub const INDEX_BYTES: usize = 288;
/// Where the two copies of the index are.
pub const INDEX_AT: [usize; 2] = [0, INDEX_BYTES];
/// Where the commit mark is.
pub const MARK_AT: usize = 2 * INDEX_BYTES;
/// The commit mark.
pub const MARK: [u8; UNIT] = [0; UNIT];
/// Bytes of a snapshot.
pub const SNAPSHOT_BYTES: usize = picture_at(CAPACITY);

const MAGIC: u32 = u32::from_le_bytes(*b"ARCp");
const WORD: usize = size_of::<u32>();
const HEADER_WORDS: usize = 4;
const ENTRY_WORDS: usize = 3;
const _: () = assert!((HEADER_WORDS + CAPACITY * ENTRY_WORDS + 1) * WORD <= INDEX_BYTES);

/// Where a picture is, by its place in the index.
pub const fn picture_at(place: usize) -> usize {
    MARK_AT + UNIT + place * PICTURE_BYTES
}

/// Whether a commit mark was written: most of its bits were. A bit that decays does not change that.
pub fn is_committed(mark: &[u8; UNIT]) -> bool {
    let cleared: u32 = mark.iter().map(|byte| byte.count_zeros()).sum();
    cleared >= MARK.len() as u32 * u8::BITS / 2
}

/// What firmware has to agree on with the flash that it is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// The version of the layout.
    pub version: u16,
    /// Rows and columns of a picture.
    pub side: u16,
    /// Pictures that a snapshot has places for.
    pub capacity: u16,
}

impl Format {
    /// This firmware's.
    pub const OURS: Self = Self { version: 1, side: SIDE as u16, capacity: CAPACITY as u16 };
}

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Counts the snapshots.
    pub generation: u32,
    /// The pictures in order; no label is there twice.
    pub entries: Vec<Entry, CAPACITY>,
}

/// A label and what is kept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The label.
    pub label: u16,
    /// Which change of the store kept the picture: a later one has a higher number, also for a label that was
    /// forgotten in between.
    pub generation: u32,
    /// Whether the picture had lost bits when the store was opened.
    pub damaged: bool,
    pub(super) crc: u32,
}

impl Index {
    /// One that holds nothing.
    pub const fn empty(generation: u32) -> Self {
        Self { generation, entries: Vec::new() }
    }

    /// The bytes of a copy.
    pub fn encode(&self) -> [u8; INDEX_BYTES] {
        let Format { version, side, capacity } = Format::OURS;
        let sizes = word(capacity, self.entries.len() as u16);
        let header = [MAGIC, word(version, side), sizes, self.generation];
        let entries =
            self.entries.iter().flat_map(|entry| [entry.label.into(), entry.generation, entry.crc]);
        let mut bytes = [0; INDEX_BYTES];
        let (words, _) = bytes.as_chunks_mut();
        for (place, word) in words.iter_mut().zip(header.into_iter().chain(entries)) {
            *place = word.to_le_bytes();
        }
        if let [content @ .., crc] = words {
            *crc = CRC.checksum(content.as_flattened()).to_le_bytes();
        }
        bytes
    }

    /// Reads a copy: the index, or the format of other firmware that wrote it. `None` if the copy is not
    /// sound.
    pub fn decode(bytes: &[u8; INDEX_BYTES]) -> Option<Result<Self, Format>> {
        let (words, _) = bytes.as_chunks();
        let (crc, content) = words.split_last()?;
        if CRC.checksum(content.as_flattened()) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut words = content.iter().map(|word| u32::from_le_bytes(*word));
        if words.next()? != MAGIC {
            return None;
        }
        let ([version, side], [capacity, held]) = (halves(words.next()?), halves(words.next()?));
        let format = Format { version, side, capacity };
        if format != Format::OURS {
            return Some(Err(format));
        }
        let mut index = Self::empty(words.next()?);
        for _ in 0..held {
            let label = words.next()?.try_into().ok()?;
            let (generation, crc) = (words.next()?, words.next()?);
            if index.place(label).is_some() {
                return None;
            }
            index.entries.push(Entry { label, generation, damaged: false, crc }).ok()?;
        }
        Some(Ok(index))
    }

    /// The place of a label.
    pub fn place(&self, label: u16) -> Option<usize> {
        self.entries.iter().position(|entry| entry.label == label)
    }
}

const fn word(lower: u16, upper: u16) -> u32 {
    lower as u32 | (upper as u32) << 16
}

const fn halves(word: u32) -> [u16; 2] {
    [word as u16, (word >> 16) as u16]
}
