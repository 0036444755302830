//! Labeled pictures in flash: whole after any loss of power, and never an older one for a newer.
//!
//! What is kept is the picture, and not its features: 128 bytes for the small model's 4,096, and it
//! stays good when the firmware brings another model. The features are computed anew at each start.
//!
//! Every change writes a snapshot of all pictures to the next bank of the flash (`layout.rs` shows its bytes),
//! at last its commit mark, and then erases the bank before. So the flash holds one picture of a label,
//! and none of a label that is forgotten: a decayed bit has nothing older to bring back.
//!
//! A snapshot without its mark was torn by a loss of power, and the one before it still counts. A picture
//! of a committed snapshot that fails its checksum has decayed: its label is damaged until it is kept anew
//! or forgotten. The index is there twice, and the mark is many bits, so that one bit harms neither.
//!
//! The key-value crates for flash keep a log, and take an entry that fails its checksum for one that was
//! torn. They fall back to the entry before it, which stays in the log until its page is used again.

use embedded_storage::nor_flash::NorFlash;
use serde::{Deserialize, Serialize};

use super::banks::Banks;
use super::layout::{Entry, Format, INDEX_AT, Index, MARK, MARK_AT, picture_at};
use super::snapshot::{FIRST, Snapshot, picture};
use super::{CRC, PICTURE_BYTES};

/// A picture in packed bits.
pub type Picture = [u8; PICTURE_BYTES];

/// Up to [`CAPACITY`](super::CAPACITY) labeled pictures in flash.
pub struct Store<F: NorFlash> {
    banks: Banks<F>,
    /// The snapshot that counts, or why there is none.
    snapshot: Result<Snapshot, StoreError>,
}

/// Why the store does not do what it was asked to. Everything is as it was, unless the flash failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreError {
    /// All places are taken.
    Full,
    /// The label is not known.
    Label,
    /// Bits of the label's picture have decayed.
    Damaged,
    /// The flash failed, or is too small. A change was made entirely or not at all; [`Store::entries`]
    /// tells.
    Flash,
    /// The flash holds something else, or so damaged a snapshot that it can't be told from that. Only
    /// [`Store::format`] helps.
    Unreadable,
    /// The flash holds the pictures of firmware with another format, which can still read them.
    /// [`Store::format`] erases them.
    Foreign(Format),
}

impl<F: NorFlash> Store<F> {
    /// Reads what is kept in all of `flash`, whatever that holds: [`entries`](Self::entries) tells how it
    /// went. What a loss of power left unfinished is put in order, and an erased flash becomes an empty
    /// store; what can't be read is left as it is.
    pub fn open(flash: F) -> Self {
        let mut store = Self { banks: Banks(flash), snapshot: Err(StoreError::Unreadable) };
        store.snapshot = match Snapshot::newest(&mut store.banks) {
            Ok(Some(snapshot)) => Ok(snapshot),
            Ok(None) => store.start(0, FIRST),
            Err(error) => Err(error),
        };
        // What can be read is good even if this fails, and every change tries it again.
        let _ = store.tidy();
        store
    }

    /// What is kept, in the order of keeping; labels with damaged pictures, too.
    ///
    /// # Errors
    /// Why the flash can't be read.
    pub fn entries(&self) -> Result<&[Entry], StoreError> {
        match &self.snapshot {
            Ok(snapshot) => Ok(&snapshot.index.entries),
            Err(error) => Err(*error),
        }
    }

    /// The picture of a label.
    ///
    /// # Errors
    /// If the label is not known or its picture damaged, or the flash can't be read.
    pub fn picture(&mut self, label: u16) -> Result<Picture, StoreError> {
        let snapshot = self.snapshot.as_ref().map_err(|error| *error)?;
        let mut entries = snapshot.index.entries.iter().enumerate();
        let (place, entry) =
            entries.find(|(_, entry)| entry.label == label).ok_or(StoreError::Label)?;
        let picture = picture(&mut self.banks, snapshot.bank, place)?;
        if CRC.checksum(&picture) == entry.crc { Ok(picture) } else { Err(StoreError::Damaged) }
    }

    /// The flash.
    pub fn flash(&mut self) -> &mut F {
        &mut self.banks.0
    }

    /// Keeps a picture in place of the one there may be of this label, which is erased.
    ///
    /// # Errors
    /// If there is no place for it, or the flash can't be read or fails.
    pub fn keep(&mut self, label: u16, picture: &Picture) -> Result<(), StoreError> {
        let entries = self.entries()?;
        if entries.len() == super::CAPACITY && !entries.iter().any(|entry| entry.label == label) {
            return Err(StoreError::Full);
        }
        let written = self.write(Some(label), Some((label, picture)));
        self.settle(written)
    }

    /// Forgets a label and erases its picture.
    ///
    /// # Errors
    /// If the label is not known, or the flash can't be read or fails.
    pub fn forget(&mut self, label: u16) -> Result<(), StoreError> {
        if !self.entries()?.iter().any(|entry| entry.label == label) {
            return Err(StoreError::Label);
        }
        let written = self.write(Some(label), None);
        self.settle(written)
    }

    /// Erases all that is in the flash, whatever it is, and begins an empty store.
    ///
    /// # Errors
    /// If the flash fails.
    pub fn format(&mut self) -> Result<(), StoreError> {
        let (bank, generation) = match &self.snapshot {
            Ok(snapshot) => self.next(snapshot)?,
            Err(_) => (0, FIRST),
        };
        let started = self.start(bank, generation);
        self.settle(started)
    }

    /// Erases what a loss of power left, and writes anew what has lost a bit that can be told.
    fn tidy(&mut self) -> Result<(), StoreError> {
        match &self.snapshot {
            Ok(snapshot) if snapshot.whole => {
                let bank = snapshot.bank;
                self.clear_all_but(bank)
            }
            Ok(_) => {
                let written = self.write(None, None);
                self.settle(written)
            }
            Err(_) => Ok(()),
        }
    }

    /// Takes note of a change, or finds out what a failing flash made of it.
    fn settle(&mut self, written: Result<Snapshot, StoreError>) -> Result<(), StoreError> {
        let result = written.as_ref().map(|_| ()).map_err(|error| *error);
        self.snapshot =
            written.or_else(|_| Snapshot::newest(&mut self.banks)?.ok_or(StoreError::Unreadable));
        result
    }

    /// The bank and the generation of the snapshot after this one.
    fn next(&self, snapshot: &Snapshot) -> Result<(u32, u32), StoreError> {
        let bank = (snapshot.bank + 1) % self.banks.count()?;
        Ok((bank, snapshot.index.generation.wrapping_add(1)))
    }

    /// Writes the snapshot after the present one, without one label and with another.
    fn write(
        &mut self,
        without: Option<u16>,
        with: Option<(u16, &Picture)>,
    ) -> Result<Snapshot, StoreError> {
        let present = self.snapshot.as_ref().map_err(|error| *error)?;
        let (bank, generation) = self.next(present)?;
        let mut index = Index::empty(generation);
        self.banks.clear(bank)?;
        for (place, entry) in present.index.entries.iter().enumerate() {
            if Some(entry.label) == without {
                continue;
            }
            // A damaged picture is copied as it is: it stays damaged.
            let picture = picture(&mut self.banks, present.bank, place)?;
            self.banks.write(bank, picture_at(index.entries.len()), &picture)?;
            index.entries.push(*entry).map_err(|_| StoreError::Full)?;
        }
        if let Some((label, picture)) = with {
            let crc = CRC.checksum(picture);
            self.banks.write(bank, picture_at(index.entries.len()), picture)?;
            let entry = Entry { label, generation, damaged: false, crc };
            index.entries.push(entry).map_err(|_| StoreError::Full)?;
        }
        self.commit(bank, index)
    }

    /// Writes a snapshot that holds nothing.
    fn start(&mut self, bank: u32, generation: u32) -> Result<Snapshot, StoreError> {
        self.banks.count()?;
        self.banks.clear(bank)?;
        self.commit(bank, Index::empty(generation))
    }

    /// Makes the pictures in a bank the snapshot that counts, and erases all others.
    fn commit(&mut self, bank: u32, index: Index) -> Result<Snapshot, StoreError> {
        let copy = index.encode();
        for at in INDEX_AT {
            self.banks.write(bank, at, &copy)?;
        }
        self.banks.write(bank, MARK_AT, &MARK)?;
        self.clear_all_but(bank)?;
        Ok(Snapshot { bank, index, whole: true })
    }

    fn clear_all_but(&mut self, kept: u32) -> Result<(), StoreError> {
        let mut others = (0..self.banks.count()?).filter(|&bank| bank != kept);
        others.try_for_each(|bank| self.banks.clear(bank))
    }
}
