//! Where requests are carried out: the gallery in RAM, and its pictures in flash.

use arc_runtime::Image;
use embedded_storage::nor_flash::NorFlash;
use heapless::Vec;

use super::protocol::{Candidate, FORMAT_MAGIC, Info, Known, PROTOCOL, Refusal, Reply, Request};
use super::{CAPACITY, Format, PICTURE_BYTES, Picture, Store, StoreError};
use crate::glyphs::SIDE;

// The model, and the memory to identify a character among all that can be known.
arc_runtime::embed!(mod embedded = env!("MODEL"), gallery = CAPACITY);

pub use embedded::Workspace;
/// The features of the enrolled characters, by label.
pub type Enrolled = embedded::Gallery<u16>;

const WRONG_SIZE: Refusal = Refusal::Picture { needed: PICTURE_BYTES as u16 };

/// Carries out the host's requests.
pub struct Desk<'a, F: NorFlash> {
    comparator: embedded::Comparator<'a>,
    /// All that is kept and not damaged.
    gallery: &'a mut Enrolled,
    store: Store<F>,
}

impl<'a, F: NorFlash> Desk<'a, F> {
    /// Enrolls what `flash` holds, in memory that it is given. Whatever that is, the desk answers: [`Info`]
    /// says what is wrong, and [`Request::Format`] helps.
    ///
    /// # Errors
    /// If the embedded model is damaged.
    pub fn open(
        flash: F,
        workspace: &'a mut Workspace,
        gallery: &'a mut Enrolled,
    ) -> Result<Self, Refusal> {
        let model = embedded::model().map_err(|_| Refusal::Model)?;
        let comparator = embedded::comparator(&model, workspace).map_err(|_| Refusal::Model)?;
        let mut desk = Self { comparator, gallery, store: Store::open(flash) };
        desk.enroll_kept()?;
        Ok(desk)
    }

    /// What there is to say after a reset.
    pub fn ready(&self) -> Reply {
        Reply::Ready(self.info())
    }

    /// The flash.
    pub fn flash(&mut self) -> &mut F {
        self.store.flash()
    }

    /// Carries out a request.
    pub fn handle(&mut self, request: Request<'_>) -> Reply {
        let reply = match request {
            Request::Enroll { label, picture } => self.enroll(label, picture),
            Request::Identify { picture } => self.identify(picture),
            Request::Forget { label } => self.forget(label),
            Request::List => self.list(),
            Request::Info => Ok(Reply::Info(self.info())),
            Request::Format { magic } => self.format(magic),
            Request::CutPower { .. } | Request::Decay { .. } => Err(Refusal::Unsupported),
        };
        reply.unwrap_or_else(|refusal| {
            // The change may have been made all the same.
            let kept = match refusal {
                Refusal::Store(StoreError::Flash) => self.enroll_kept(),
                _ => Ok(()),
            };
            Reply::Refused(kept.err().unwrap_or(refusal))
        })
    }

    fn info(&self) -> Info {
        let entries = self.store.entries();
        let known = entries.map(|entries| entries.len() as u8);
        Info { protocol: PROTOCOL, format: Format::OURS, known, damaged: self.damaged() }
    }

    fn damaged(&self) -> u8 {
        let entries = self.store.entries().unwrap_or_default();
        entries.iter().filter(|entry| entry.damaged).count() as u8
    }

    fn list(&self) -> Result<Reply, Refusal> {
        let known = self.store.entries()?.iter().map(|entry| Known {
            label: entry.label,
            generation: entry.generation,
            damaged: entry.damaged,
        });
        Ok(Reply::Labels(gather(known)))
    }

    /// Keeps the picture first: once it is whole in the flash, nothing is lost.
    fn enroll(&mut self, label: u16, picture: &[u8]) -> Result<Reply, Refusal> {
        let picture = picture.try_into().map_err(|_| WRONG_SIZE)?;
        self.store.keep(label, picture)?;
        self.gallery.remove(label);
        self.add(label, picture)?;
        Ok(Reply::Done)
    }

    fn identify(&mut self, picture: &[u8]) -> Result<Reply, Refusal> {
        self.store.entries()?;
        let mut pixels = embedded::pixels();
        let image = image(picture, &mut pixels)?;
        let ranking = self.gallery.identify(&mut self.comparator, &image);
        let ranking = ranking.map_err(|_| Refusal::Model)?;
        let model = self.comparator.model();
        let best = ranking.iter().map(|found| Candidate {
            label: found.label,
            logit: found.score.logit,
            probability: model.probability(found.score),
        });
        let accepted = ranking.accepted(model).is_some();
        Ok(Reply::Ranking { best: gather(best), accepted, damaged: self.damaged() })
    }

    fn forget(&mut self, label: u16) -> Result<Reply, Refusal> {
        self.store.forget(label)?;
        self.gallery.remove(label);
        Ok(Reply::Done)
    }

    fn format(&mut self, magic: u32) -> Result<Reply, Refusal> {
        if magic != FORMAT_MAGIC {
            return Err(Refusal::Magic);
        }
        self.store.format()?;
        self.gallery.clear();
        Ok(Reply::Done)
    }

    /// Makes the gallery what the flash holds; nothing if that can't be read.
    fn enroll_kept(&mut self) -> Result<(), Refusal> {
        self.gallery.clear();
        for place in 0..CAPACITY {
            let entries = self.store.entries().unwrap_or_default();
            let Some(label) = entries.get(place).map(|entry| entry.label) else { break };
            if let Ok(picture) = self.store.picture(label) {
                self.add(label, &picture)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, label: u16, picture: &Picture) -> Result<(), Refusal> {
        let mut pixels = embedded::pixels();
        let image = image(picture, &mut pixels)?;
        let added = self.gallery.enroll(&mut self.comparator, label, &image);
        added.map_err(|_| Refusal::Model)
    }
}

fn image<'p>(picture: &[u8], pixels: &'p mut [i8; SIDE * SIDE]) -> Result<Image<'p>, Refusal> {
    Image::from_bits(SIDE, picture, pixels).map_err(|_| WRONG_SIZE)
}

/// The first of them, as many as there are places for.
fn gather<T, const N: usize>(items: impl Iterator<Item = T>) -> Vec<T, N> {
    let mut places = Vec::new();
    for item in items.take(N) {
        // There is a place for each.
        let _ = places.push(item);
    }
    places
}
