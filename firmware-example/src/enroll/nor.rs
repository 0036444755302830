//! NOR flash simulated in RAM, with the rules of the real one and a power supply that can fail.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

/// Bytes that are erased together: an nRF52840's page, an RP2040's sector.
pub const PAGE_BYTES: usize = 4096;
/// Bytes that are written together.
pub const WORD_BYTES: usize = 4;
const ERASED: u32 = u32::MAX;

/// Flash of whole pages in words of RAM.
///
/// Erasing sets all bits of a page; writing only clears bits.
/// [`cut_after`](Self::cut_after) has the power fail in the middle of a word or an erasure.
#[derive(Debug)]
pub struct SimulatedNor<'a> {
    words: &'a mut [u32],
    power: Power,
    /// Bits of a word that are the last to be written.
    torn: u32,
    /// A word, and the bits of it that are not worn out.
    worn: Option<(usize, u32)>,
    on_failure: fn(),
}

#[derive(Debug, Clone, Copy)]
enum Power {
    On,
    /// It fails in the middle of an operation, after this many whole ones.
    Left(u32),
    Off,
}

/// Why the simulated flash did not do what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NorError {
    /// The place is outside of the flash, or not at the boundary of a word or page.
    Place(NorFlashErrorKind),
    /// A bit was to be set by writing.
    NotErased,
    /// The power has failed.
    Power,
}

impl NorFlashError for NorError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Place(kind) => *kind,
            Self::NotErased | Self::Power => NorFlashErrorKind::Other,
        }
    }
}

impl<'a> SimulatedNor<'a> {
    /// Flash with the content of `words`. When the power fails it calls `on_failure`, which on a board
    /// is the reset; if that returns, nothing works any more.
    pub fn new(words: &'a mut [u32], on_failure: fn()) -> Self {
        Self { words, power: Power::On, torn: 0, worn: None, on_failure }
    }

    /// The content.
    pub const fn words(&self) -> &[u32] {
        self.words
    }

    /// Makes `words` the content of a chip that has never been written to.
    pub fn erase_all(words: &mut [u32]) {
        words.fill(ERASED);
    }

    /// Has the power fail in the middle of the operation after the next `operations`: a word written
    /// or a page erased is one. The word then lacks the bits of `torn`.
    pub fn cut_after(&mut self, operations: u32, torn: u32) {
        self.power = Power::Left(operations);
        self.torn = torn;
    }

    /// Flips a bit, as time does; whether there is one of this number.
    pub fn decay(&mut self, bit: u32) -> bool {
        let word = self.words.get_mut((bit / u32::BITS) as usize);
        word.map(|word| *word ^= 1 << (bit % u32::BITS)).is_some()
    }

    /// Has a word lose all bits but these when it is written or erased.
    pub fn wear_out(&mut self, word: usize, bits: u32) {
        self.worn = Some((word, bits));
    }

    fn wear(&mut self) {
        if let Some((word, bits)) = self.worn {
            self.words[word] &= bits;
        }
    }

    /// Counts an operation down; whether the power fails in the middle of it.
    fn fails(&mut self) -> Result<bool, NorError> {
        match self.power {
            Power::On => Ok(false),
            Power::Left(0) => Ok(true),
            Power::Left(operations) => {
                self.power = Power::Left(operations - 1);
                Ok(false)
            }
            Power::Off => Err(NorError::Power),
        }
    }

    fn fail(&mut self) -> NorError {
        self.power = Power::Off;
        (self.on_failure)();
        NorError::Power
    }
}

impl ErrorType for SimulatedNor<'_> {
    type Error = NorError;
}

impl ReadNorFlash for SimulatedNor<'_> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorError> {
        check_read(self, offset, bytes.len()).map_err(NorError::Place)?;
        if matches!(self.power, Power::Off) {
            return Err(NorError::Power);
        }
        for (place, byte) in (offset as usize..).zip(bytes) {
            *byte = self.words[place / WORD_BYTES].to_le_bytes()[place % WORD_BYTES];
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.words.len() * WORD_BYTES
    }
}

impl NorFlash for SimulatedNor<'_> {
    const WRITE_SIZE: usize = WORD_BYTES;
    const ERASE_SIZE: usize = PAGE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorError> {
        check_erase(self, from, to).map_err(NorError::Place)?;
        for page in (from as usize..to as usize).step_by(PAGE_BYTES) {
            let failing = self.fails()?;
            let page = &mut self.words[page / WORD_BYTES..][..PAGE_BYTES / WORD_BYTES];
            if failing {
                // Every other word of it is erased.
                page.iter_mut().step_by(2).for_each(|word| *word = ERASED);
                return Err(self.fail());
            }
            page.fill(ERASED);
            self.wear();
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorError> {
        check_write(self, offset, bytes.len()).map_err(NorError::Place)?;
        let (bytes, _) = bytes.as_chunks();
        for (place, &bytes) in (offset as usize / WORD_BYTES..).zip(bytes) {
            let failing = self.fails()?;
            let (word, new) = (&mut self.words[place], u32::from_le_bytes(bytes));
            if new & !*word != 0 {
                return Err(NorError::NotErased);
            }
            if failing {
                *word &= new | self.torn;
                return Err(self.fail());
            }
            *word = new;
            self.wear();
        }
        Ok(())
    }
}
