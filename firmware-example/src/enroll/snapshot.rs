//! Which snapshot in the flash counts.

use embedded_storage::nor_flash::NorFlash;

use super::banks::Banks;
use super::layout::{
    Format, INDEX_AT, INDEX_BYTES, Index, MARK, MARK_AT, UNIT, is_committed, picture_at,
};
use super::store::{Picture, StoreError};
use super::{CRC, PICTURE_BYTES};

/// The generation of the first snapshot in a flash.
pub const FIRST: u32 = 1;

/// A snapshot that is committed.
pub struct Snapshot {
    /// Where it is.
    pub bank: u32,
    /// What it holds.
    pub index: Index,
    /// Whether the mark and both copies of the index are as they were written.
    pub whole: bool,
}

impl Snapshot {
    /// The newest of all banks, with its damaged pictures noted; `None` if there is none, because the flash
    /// was erased and perhaps the first one torn.
    ///
    /// # Errors
    /// If the flash fails, is too small, or holds something else.
    pub fn newest<F: NorFlash>(banks: &mut Banks<F>) -> Result<Option<Self>, StoreError> {
        let mut newest: Option<Self> = None;
        for bank in 0..banks.count()? {
            let Some(found) = Self::find(banks, bank)? else { continue };
            let found = found.map_err(StoreError::Foreign)?;
            if newest.as_ref().is_none_or(|newest| found.is_after(newest)) {
                newest = Some(found);
            }
        }
        match &mut newest {
            Some(newest) => newest.note_damage(banks)?,
            None => expect_new(banks)?,
        }
        Ok(newest)
    }

    /// The snapshot in a bank, or the format of other firmware's.
    fn find<F: NorFlash>(
        banks: &mut Banks<F>,
        bank: u32,
    ) -> Result<Option<Result<Self, Format>>, StoreError> {
        let (mut mark, mut copies) = ([0; UNIT], [[0; INDEX_BYTES]; 2]);
        banks.read(bank, MARK_AT, &mut mark)?;
        if !is_committed(&mark) {
            return Ok(None);
        }
        for (at, copy) in INDEX_AT.into_iter().zip(&mut copies) {
            banks.read(bank, at, copy)?;
        }
        let whole = mark == MARK && copies[0] == copies[1];
        let index = copies.iter().find_map(Index::decode);
        Ok(index.map(|index| index.map(|index| Self { bank, index, whole })))
    }

    /// Generations may wrap: only neighbors are in the flash at a time.
    const fn is_after(&self, other: &Self) -> bool {
        self.index.generation.wrapping_sub(other.index.generation).cast_signed() > 0
    }

    fn note_damage<F: NorFlash>(&mut self, banks: &mut Banks<F>) -> Result<(), StoreError> {
        for (place, entry) in self.index.entries.iter_mut().enumerate() {
            let picture = picture(banks, self.bank, place)?;
            entry.damaged = CRC.checksum(&picture) != entry.crc;
        }
        Ok(())
    }
}

/// The bytes at a picture's place.
///
/// # Errors
/// If the flash fails.
pub fn picture<F: NorFlash>(
    banks: &mut Banks<F>,
    bank: u32,
    place: usize,
) -> Result<Picture, StoreError> {
    let mut picture = [0; PICTURE_BYTES];
    banks.read(bank, picture_at(place), &mut picture)?;
    Ok(picture)
}

/// Fails unless the flash holds no more than a part of the first snapshot, which is empty.
fn expect_new<F: NorFlash>(banks: &mut Banks<F>) -> Result<(), StoreError> {
    let first = Index::empty(FIRST).encode();
    let mut image = [0xFF; MARK_AT + UNIT];
    for at in INDEX_AT {
        image[at..][..INDEX_BYTES].copy_from_slice(&first);
    }
    image[MARK_AT..].copy_from_slice(&MARK);
    for bank in 0..banks.count()? {
        if !banks.has_no_more_than(bank, &image)? {
            return Err(StoreError::Unreadable);
        }
    }
    Ok(())
}
