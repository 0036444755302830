//! What is drawn, and what it is drawn on.

/// Which values of a gray image are ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Ink {
    /// Dark strokes on a bright ground: 0 is full ink.
    Dark,
    /// Bright strokes on a dark ground: 255 is full ink.
    Bright,
}

impl Ink {
    /// The pixel (0..=127) of a gray value.
    pub(super) const fn pixel(self, gray: u8) -> i8 {
        let ink = match self {
            Self::Dark => 255 - gray,
            Self::Bright => gray,
        };
        (ink >> 1) as i8
    }
}
