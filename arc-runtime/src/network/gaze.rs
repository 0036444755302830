//! The gaze: where the next glimpse is taken.

/// Where a glimpse is taken, Q0.15.
///
/// ```
/// # use arc_runtime::{Comparator, Image, Model};
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// # let pixels = [0; 13 * 13];
/// # let image = Image::new(13, &pixels)?;
/// let mut gazes = Vec::new();
/// comparator.compare_traced(&image, &image, |step| gazes.push(step.gaze))?;
/// // The pixel that the first glimpse is centered on, of 13 rows and columns.
/// let pixel = |v: i16| ((i32::from(v) + (1 << 15)) * 13) >> 16;
/// assert_eq!((pixel(gazes[0].y), pixel(gazes[0].x)), (7, 4));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gaze {
    /// Center from top (-1) to bottom (1).
    pub y: i16,
    /// Center from left (-1) to right (1).
    pub x: i16,
    /// Spread: 0 covers the whole map, 1 or -1 a single spot.
    pub d: i16,
}
