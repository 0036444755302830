//! Flash in banks of whole pages, each large enough for a snapshot.

use embedded_storage::nor_flash::NorFlash;

use super::layout::{SNAPSHOT_BYTES, UNIT};
use super::store::StoreError;

/// Bytes that are compared at a time.
const CHUNK: usize = 128;
const BLANK: [u8; CHUNK] = [0xFF; CHUNK];

/// Flash in banks.
pub struct Banks<F>(pub F);

impl<F: NorFlash> Banks<F> {
    const BYTES: usize = {
        assert!(UNIT.is_multiple_of(F::WRITE_SIZE), "a unit is whole words");
        assert!(UNIT.is_multiple_of(F::READ_SIZE), "a unit is whole reads");
        assert!(F::ERASE_SIZE.is_multiple_of(CHUNK), "a page is whole chunks");
        SNAPSHOT_BYTES.next_multiple_of(F::ERASE_SIZE)
    };

    /// Their number.
    ///
    /// # Errors
    /// If there are less than two.
    pub fn count(&self) -> Result<u32, StoreError> {
        let count = (self.0.capacity() / Self::BYTES) as u32;
        if count < 2 { Err(StoreError::Flash) } else { Ok(count) }
    }

    /// Reads from a place in a bank.
    pub fn read(&mut self, bank: u32, at: usize, bytes: &mut [u8]) -> Result<(), StoreError> {
        self.0.read(Self::offset(bank, at), bytes).map_err(|_| StoreError::Flash)
    }

    /// Writes to a place in a bank that is blank, and reads it again.
    ///
    /// # Errors
    /// If the flash fails or holds something else now.
    pub fn write(&mut self, bank: u32, at: usize, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.write(Self::offset(bank, at), bytes).map_err(|_| StoreError::Flash)?;
        let mut written = [0; UNIT];
        for (at, unit) in (at..).step_by(UNIT).zip(bytes.chunks(UNIT)) {
            self.read(bank, at, &mut written)?;
            if written != *unit {
                return Err(StoreError::Flash);
            }
        }
        Ok(())
    }

    /// Erases a bank that is not blank.
    ///
    /// # Errors
    /// If the flash fails, or a bit stays cleared.
    pub fn clear(&mut self, bank: u32) -> Result<(), StoreError> {
        if self.has_no_more_than(bank, &[])? {
            return Ok(());
        }
        let [from, to] = [bank, bank + 1].map(|bank| Self::offset(bank, 0));
        self.0.erase(from, to).map_err(|_| StoreError::Flash)?;
        if self.has_no_more_than(bank, &[])? { Ok(()) } else { Err(StoreError::Flash) }
    }

    /// Whether no bit is cleared in a bank that is not in `image`, which begins where the bank begins: it is
    /// what an interrupted writing of the image leaves, or an interrupted erasure after that.
    pub fn has_no_more_than(&mut self, bank: u32, image: &[u8]) -> Result<bool, StoreError> {
        let mut images = image.chunks(CHUNK);
        for at in (0..Self::BYTES).step_by(CHUNK) {
            let mut held = BLANK;
            self.read(bank, at, &mut held)?;
            let image = images.next().unwrap_or_default().iter().chain(&BLANK);
            if held.iter().zip(image).any(|(held, image)| held & image != *image) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    const fn offset(bank: u32, at: usize) -> u32 {
        bank * Self::BYTES as u32 + at as u32
    }
}
