//! The gaze: where the next glimpse is taken.

/// Where a glimpse is taken, Q0.15.
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
