//! Which of these is it? Enrolled examples, one image each, and a probe.

use core::fmt;
use core::ops::Deref;

use crate::comparator::{Comparator, ExtractError, IdentifyError, Rating};
use crate::image::Image;
use crate::kernels::Kernels;
use crate::model::Model;
use crate::network::Score;

/// Why an image could not be enrolled.
///
/// ```
/// use arc_runtime::EnrollError;
///
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc", gallery = 1);
///
/// # let model = tiny::model()?;
/// # let mut workspace = tiny::Workspace::new();
/// # let mut comparator = tiny::comparator(&model, &mut workspace)?;
/// # let (paper, ink) = ([0; 13 * 13], [127; 13 * 13]);
/// # let (paper, ink) = (arc_runtime::Image::new(13, &paper)?, arc_runtime::Image::new(13, &ink)?);
/// let mut gallery = tiny::Gallery::<&str>::new();
/// gallery.enroll(&mut comparator, "paper", &paper)?;
/// let error = gallery.enroll(&mut comparator, "ink", &ink).unwrap_err();
/// assert_eq!(error, EnrollError::Full { capacity: 1 });
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EnrollError {
    /// The gallery is full.
    Full {
        /// Images that it can hold.
        capacity: usize,
    },
    /// The image or the gallery does not suit the model.
    Extract(ExtractError),
}

impl From<ExtractError> for EnrollError {
    fn from(error: ExtractError) -> Self {
        Self::Extract(error)
    }
}

impl fmt::Display for EnrollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { capacity } => {
                write!(
                    f,
                    "the gallery holds {capacity} images, as many as it can; remove one first"
                )
            }
            Self::Extract(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EnrollError {}

#[derive(Debug, Clone)]
struct Entry<L, const FEATURES: usize> {
    label: L,
    features: [i8; FEATURES],
}

/// Up to `CAPACITY` enrolled images with labels, as features of `FEATURES` bytes each.
///
/// `FEATURES` comes from [`feature_bytes`](crate::feature_bytes). Several images may carry
/// the same label.
///
/// ```
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc", gallery = 20);
///
/// # let model = tiny::model()?;
/// # let mut workspace = tiny::Workspace::new();
/// # let mut comparator = tiny::comparator(&model, &mut workspace)?;
/// # let (paper, ink) = ([0; 13 * 13], [127; 13 * 13]);
/// # let (paper, ink) = (arc_runtime::Image::new(13, &paper)?, arc_runtime::Image::new(13, &ink)?);
/// let mut gallery = tiny::Gallery::<&str>::new();
/// gallery.enroll(&mut comparator, "paper", &paper)?;
/// gallery.enroll(&mut comparator, "ink", &ink)?;
/// assert_eq!(gallery.identify(&mut comparator, &ink)?.len(), 2);
///
/// assert_eq!(gallery.remove("ink"), 1);
/// assert_eq!(gallery.identify(&mut comparator, &ink)?.best().unwrap().label, "paper");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Gallery<L, const CAPACITY: usize, const FEATURES: usize> {
    entries: heapless::Vec<Entry<L, FEATURES>, CAPACITY>,
}

impl<L: Copy, const CAPACITY: usize, const FEATURES: usize> Gallery<L, CAPACITY, FEATURES> {
    /// An empty gallery.
    pub const fn new() -> Self {
        Self { entries: heapless::Vec::new() }
    }

    /// Number of enrolled images.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is enrolled.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Enrolls one image.
    ///
    /// # Errors
    /// If the gallery is full, or image or gallery do not suit the comparator's model;
    /// the gallery is then as it was.
    pub fn enroll<W: AsMut<[u32]>, K: Kernels>(
        &mut self,
        comparator: &mut Comparator<'_, W, K>,
        label: L,
        image: &Image<'_>,
    ) -> Result<(), EnrollError> {
        let full = EnrollError::Full { capacity: CAPACITY };
        if self.entries.is_full() {
            return Err(full);
        }
        let mut features = [0; FEATURES];
        comparator.extract(image, &mut features)?;
        let entry = Entry { label, features };
        self.entries.push(entry).map_err(|_| full)
    }

    /// Removes every image enrolled with a label, and returns their number.
    pub fn remove(&mut self, label: L) -> usize
    where
        L: PartialEq,
    {
        let before = self.len();
        self.entries.retain(|entry| entry.label != label);
        before - self.len()
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Ranks the enrolled images by their score against a probe, the best first; equal
    /// scores keep the order of enrollment.
    ///
    /// The model decides how: each image alone, all of them in context, or as its N ways.
    ///
    /// # Errors
    /// If the probe or the gallery do not suit the comparator's model, or the comparator has
    /// less memory than [`identify_words`](crate::identify_words).
    pub fn identify<W: AsMut<[u32]>, K: Kernels>(
        &self,
        comparator: &mut Comparator<'_, W, K>,
        probe: &Image<'_>,
    ) -> Result<Ranking<L, CAPACITY>, IdentifyError> {
        let mut ranking = Ranking(heapless::Vec::new());
        let mut labels = self.entries.iter().map(|entry| entry.label);
        let supports = self.entries.iter().map(|entry| &entry.features[..]);
        comparator.identify(probe, supports, |Rating { score, pair }| {
            if let Some(label) = labels.next() {
                ranking.insert(Match { label, score, pair });
            }
        })?;
        Ok(ranking)
    }
}

/// An enrolled image and how alike it is to the probe.
///
/// ```
/// use arc_runtime::Match;
///
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc", gallery = 20);
///
/// # let model = tiny::model()?;
/// # let mut workspace = tiny::Workspace::new();
/// # let mut comparator = tiny::comparator(&model, &mut workspace)?;
/// # let (paper, ink) = ([0; 13 * 13], [127; 13 * 13]);
/// # let (paper, ink) = (arc_runtime::Image::new(13, &paper)?, arc_runtime::Image::new(13, &ink)?);
/// let mut gallery = tiny::Gallery::<&str>::new();
/// gallery.enroll(&mut comparator, "paper", &paper)?;
/// let Match { label, score, .. } = gallery.identify(&mut comparator, &ink)?.best().unwrap();
/// assert_eq!(label, "paper");
/// assert_eq!(score, comparator.compare(&ink, &paper)?);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Match<L> {
    /// The label given at enrollment.
    pub label: L,
    /// What the images are ranked by.
    pub score: Score,
    /// The score of the pair alone, whatever else is enrolled; `None` from an N-way model.
    pub pair: Option<Score>,
}

/// Enrolled images by score, the best first; a slice of [`Match`]es.
///
/// ```
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc", gallery = 20);
///
/// # let model = tiny::model()?;
/// # let mut workspace = tiny::Workspace::new();
/// # let mut comparator = tiny::comparator(&model, &mut workspace)?;
/// # let (paper, ink) = ([0; 13 * 13], [127; 13 * 13]);
/// # let (paper, ink) = (arc_runtime::Image::new(13, &paper)?, arc_runtime::Image::new(13, &ink)?);
/// let mut gallery = tiny::Gallery::<&str>::new();
/// gallery.enroll(&mut comparator, "ink", &ink)?;
/// gallery.enroll(&mut comparator, "paper", &paper)?;
/// let ranking = gallery.identify(&mut comparator, &ink)?;
/// assert!(ranking.is_sorted_by(|better, worse| better.score >= worse.score));
/// assert_eq!(ranking.best(), Some(ranking[0]));
/// // `None` would be: none of these.
/// assert_eq!(ranking.accepted(&model), ranking.best());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ranking<L, const CAPACITY: usize>(heapless::Vec<Match<L>, CAPACITY>);

impl<L: Copy, const CAPACITY: usize> Ranking<L, CAPACITY> {
    /// The best match; `None` if nothing is enrolled.
    pub fn best(&self) -> Option<Match<L>> {
        self.0.first().copied()
    }

    /// The best match if `model` accepts its pair; `None` is "none of these". An N-way model,
    /// which has no score for a pair, accepts any.
    ///
    /// The model's share of false accepts is that of one pair: a probe of no enrolled class has
    /// as many chances to be accepted as there are images enrolled.
    pub fn accepted(&self, model: &Model<'_>) -> Option<Match<L>> {
        self.best().filter(|found| found.pair.is_none_or(|pair| model.accepts(pair)))
    }

    fn insert(&mut self, new: Match<L>) {
        // A ranking has the capacity of its gallery, so that this cannot fail.
        let _ = self.0.push(new);
        let mut end = self.0.len();
        while let Some([.., before, last]) = self.0.get_mut(..end)
            && before.score < last.score
        {
            core::mem::swap(before, last);
            end -= 1;
        }
    }
}

impl<L, const CAPACITY: usize> Deref for Ranking<L, CAPACITY> {
    type Target = [Match<L>];

    fn deref(&self) -> &[Match<L>] {
        &self.0
    }
}
