//! Labelled pictures in flash, whole after any loss of power.
//!
//! What is kept is the picture, and not its features: 128 bytes for the small model's 4,096, and it
//! stays good when the firmware brings another model. The features are computed anew at each start.
//!
//! The record is `sequential-storage`'s map: a log of entries with CRC over pages that take turns, so
//! that the old value of a key is good until the new one is complete. Its keys are slots, and a
//! forgotten label is a slot written free, because not every flash can write a word twice.

use embassy_futures::block_on;
use embedded_storage::nor_flash::NorFlash;
use sequential_storage::Error;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage};

use super::blocking::Blocking;
use super::{CAPACITY, PICTURE_BYTES};

/// Bytes of a slot: the label, little endian, then the picture. A free slot has none.
const SLOT_BYTES: usize = LABEL_BYTES + PICTURE_BYTES;
const LABEL_BYTES: usize = size_of::<u16>();
/// Bytes that hold a slot and its key, in whole words of any flash.
const BUFFER_BYTES: usize = (1 + SLOT_BYTES).next_multiple_of(32);

/// Up to [`CAPACITY`] labelled pictures in flash.
pub struct Store<F: NorFlash> {
    map: MapStorage<u8, Blocking<F>, Cache<Uncached, Uncached, Uncached, u8>>,
    labels: [Option<u16>; CAPACITY],
}

/// Why a picture is not kept; those that were, are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// All slots are taken.
    Full,
    /// The flash failed, is too small, or holds what cannot be read.
    Flash,
}

impl<E> From<Error<E>> for StoreError {
    fn from(_: Error<E>) -> Self {
        Self::Flash
    }
}

impl<F: NorFlash> Store<F> {
    /// Reads what is kept in all of `flash`, which was all erased when it was new; `each` sees every
    /// label and its picture. What a loss of power left unfinished is put in order.
    ///
    /// # Errors
    /// If the flash fails, has less than two pages, or holds something else; or the first of `each`.
    pub fn open<E: From<StoreError>>(
        flash: F,
        mut each: impl FnMut(u16, &[u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let all = 0..flash.capacity() as u32;
        let config = MapConfig::try_new(all).map_err(|_| StoreError::Flash)?;
        let mut map = MapStorage::new(Blocking(flash), config, Cache::new_uncached());
        let mut labels = [None; CAPACITY];
        let mut buffer = [0; BUFFER_BYTES];
        for (key, place) in (0..).zip(&mut labels) {
            let slot = block_on(map.fetch_item::<&[u8]>(&mut buffer, &key));
            let slot = slot.map_err(StoreError::from)?.unwrap_or_default();
            if let Some((label, picture)) = slot.split_first_chunk() {
                let label = u16::from_le_bytes(*label);
                each(label, picture)?;
                *place = Some(label);
            }
        }
        Ok(Self { map, labels })
    }

    /// The labels that are kept.
    pub fn labels(&self) -> impl Iterator<Item = u16> {
        self.labels.iter().copied().flatten()
    }

    /// The flash.
    pub fn flash(&mut self) -> &mut F {
        &mut self.map.flash().0
    }

    /// Keeps a picture in place of the one there may be of this label.
    ///
    /// # Errors
    /// If there is no slot for it, or the flash fails.
    pub fn keep(&mut self, label: u16, picture: &[u8; PICTURE_BYTES]) -> Result<(), StoreError> {
        let free = || self.labels.iter().position(Option::is_none);
        let slot = self.slot(label).or_else(free).ok_or(StoreError::Full)?;
        let mut entry = [0; SLOT_BYTES];
        entry[..LABEL_BYTES].copy_from_slice(&label.to_le_bytes());
        entry[LABEL_BYTES..].copy_from_slice(picture);
        self.write(slot, &entry)?;
        self.labels[slot] = Some(label);
        Ok(())
    }

    /// Forgets a label; whether it was known.
    ///
    /// # Errors
    /// If the flash fails.
    pub fn forget(&mut self, label: u16) -> Result<bool, StoreError> {
        let Some(slot) = self.slot(label) else { return Ok(false) };
        self.write(slot, &[])?;
        self.labels[slot] = None;
        Ok(true)
    }

    fn slot(&self, label: u16) -> Option<usize> {
        self.labels.iter().position(|&kept| kept == Some(label))
    }

    fn write(&mut self, slot: usize, content: &[u8]) -> Result<(), StoreError> {
        let mut buffer = [0; BUFFER_BYTES];
        Ok(block_on(self.map.store_item(&mut buffer, &(slot as u8), &content))?)
    }
}
