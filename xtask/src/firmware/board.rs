//! The boards: one `firmware-example/boards/NAME.toml` for each.

use std::fmt;

/// A board that QEMU has, one for each core that the runtime is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Board {
    /// Cortex-M0
    Microbit,
    /// Cortex-M3
    Mps2An385,
    /// Cortex-M4F
    Mps2An386,
    /// Cortex-M7
    Mps2An500,
    /// Cortex-M55
    Mps3An547,
}

impl Board {
    /// All of them, from the smallest core to the largest.
    pub const ALL: [Self; 5] =
        [Self::Microbit, Self::Mps2An385, Self::Mps2An386, Self::Mps2An500, Self::Mps3An547];

    /// QEMU's name, and that of the board's files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microbit => "microbit",
            Self::Mps2An385 => "mps2-an385",
            Self::Mps2An386 => "mps2-an386",
            Self::Mps2An500 => "mps2-an500",
            Self::Mps3An547 => "mps3-an547",
        }
    }
}

impl Board {
    /// Whether it has RAM for 20 enrolled images, and flash for the small model.
    pub fn holds_gallery(self) -> bool {
        self != Self::Microbit
    }
}

/// Boards of the world, reached through a debug probe.
pub const PROBED: [&str; 2] = ["nrf52840", "rp2040"];

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
