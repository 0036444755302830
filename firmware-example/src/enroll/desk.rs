//! Where requests are carried out: the gallery in RAM, and its pictures in flash.

use arc_runtime::{Comparator, Gallery, Image, Model, feature_bytes, identify_words};
use embedded_storage::nor_flash::NorFlash;

use super::protocol::{Candidate, Refusal, Reply, Request};
use super::store::{Store, StoreError};
use super::{CAPACITY, PICTURE_BYTES};
use crate::glyphs::SIDE;
use crate::{MODEL, Native};

/// The features of the enrolled characters, by label.
pub type Enrolled = Gallery<u16, CAPACITY, { feature_bytes(MODEL) }>;
/// Places of a ranking that are told.
const SHOWN: usize = 3;

/// Words of the comparator's memory.
pub const WORDS: usize = identify_words(MODEL, CAPACITY);

const WRONG_SIZE: Refusal = Refusal::Picture { needed: PICTURE_BYTES as u16 };

/// Carries out the host's requests.
pub struct Desk<'a, F: NorFlash> {
    comparator: Comparator<'static, &'a mut [u32], Native>,
    gallery: &'a mut Enrolled,
    store: Store<F>,
}

impl<'a, F: NorFlash> Desk<'a, F> {
    /// Enrols what `flash` holds, in memory that it is given.
    ///
    /// # Errors
    /// If the flash fails, or holds something else.
    ///
    /// # Panics
    /// If the embedded model is damaged.
    pub fn open(
        flash: F,
        memory: &'a mut [u32; WORDS],
        gallery: &'a mut Enrolled,
    ) -> Result<Self, Refusal> {
        let model = Model::load(MODEL).expect("the embedded model is sound");
        let comparator = Comparator::with_kernels(&model, &mut memory[..], Native);
        let mut comparator = comparator.expect("WORDS is the model's own");
        gallery.clear();
        let store = Store::open(flash, |label, picture| -> Result<(), Refusal> {
            let mut pixels = [0; SIDE * SIDE];
            let image = image(picture, &mut pixels)?;
            add(&mut comparator, gallery, label, &image);
            Ok(())
        })?;
        Ok(Self { comparator, gallery, store })
    }

    /// What there is to say after a reset.
    pub fn ready(&self) -> Reply {
        Reply::Ready { known: self.gallery.len() as u8 }
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
            Request::List => Ok(Reply::Labels(self.store.labels().collect())),
            Request::CutPower { .. } => Err(Refusal::Unsupported),
        };
        reply.unwrap_or_else(Reply::Refused)
    }

    /// Keeps the picture first: once it is whole in the flash, nothing is lost.
    fn enroll(&mut self, label: u16, picture: &[u8]) -> Result<Reply, Refusal> {
        let picture: &[u8; PICTURE_BYTES] = picture.try_into().map_err(|_| WRONG_SIZE)?;
        let mut pixels = [0; SIDE * SIDE];
        let image = image(picture, &mut pixels)?;
        self.store.keep(label, picture)?;
        self.gallery.remove(label);
        add(&mut self.comparator, self.gallery, label, &image);
        Ok(Reply::Done)
    }

    fn identify(&mut self, picture: &[u8]) -> Result<Reply, Refusal> {
        let mut pixels = [0; SIDE * SIDE];
        let image = image(picture, &mut pixels)?;
        let ranking = self.gallery.identify(&mut self.comparator, &image);
        let ranking = ranking.expect("WORDS suffices for CAPACITY, and SIDE is the model's own");
        let model = self.comparator.model();
        let best = ranking.iter().take(SHOWN).map(|found| Candidate {
            label: found.label,
            logit: found.score.logit,
            probability: model.probability(found.score),
        });
        Ok(Reply::Ranking { best: best.collect(), accepted: ranking.accepted(model).is_some() })
    }

    fn forget(&mut self, label: u16) -> Result<Reply, Refusal> {
        if !self.store.forget(label)? {
            return Err(Refusal::Label);
        }
        self.gallery.remove(label);
        Ok(Reply::Done)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full { capacity: CAPACITY as u8 },
            StoreError::Flash => Self::Flash,
        }
    }
}

fn add(
    comparator: &mut Comparator<'static, &mut [u32], Native>,
    gallery: &mut Enrolled,
    label: u16,
    image: &Image<'_>,
) {
    let added = gallery.enroll(comparator, label, image);
    added.expect("the gallery has a place for each slot, and SIDE is the model's own");
}

fn image<'p>(picture: &[u8], pixels: &'p mut [i8; SIDE * SIDE]) -> Result<Image<'p>, Refusal> {
    Image::from_bits(SIDE, picture, pixels).map_err(|_| WRONG_SIZE)
}
