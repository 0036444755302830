//! What goes over the serial line: a request of the host's, then a reply of the device's.
//!
//! Each is a postcard value with its CRC-32, framed by COBS (see [`Line`](super::Line)). After every
//! reset the device says [`Reply::Ready`] unasked.
//!
//! Whoever holds the line is trusted: the CRC finds damage, and no message is signed or secret.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::{CAPACITY, Format, StoreError};

/// The version of these messages. A later one adds variants at the end.
pub const PROTOCOL: u16 = 2;
/// What [`Request::Format`] has to carry, so that no accident can erase everything.
pub const FORMAT_MAGIC: u32 = u32::from_le_bytes(*b"WIPE");

/// What the host asks for. Pictures are packed bits, as [`arc_runtime::Image::from_bits`] takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Keep this picture as the example of `label`, in place of the one there may be: asking twice,
    /// because a reset swallowed the reply, does no harm.
    Enroll {
        /// The label.
        label: u16,
        /// The picture.
        #[serde(borrow)]
        picture: &'a [u8],
    },
    /// Which of the enrolled is this?
    Identify {
        /// The picture.
        #[serde(borrow)]
        picture: &'a [u8],
    },
    /// Forget a label and erase its picture.
    Forget {
        /// The label.
        label: u16,
    },
    /// Which labels are known?
    List,
    /// For tests, understood where the flash is simulated: cut the power in the middle of the flash
    /// operation after the next `after`.
    CutPower {
        /// Flash operations that still succeed.
        after: u32,
        /// The bits of a word that the power does not suffice to write.
        torn: u32,
    },
    /// How are you?
    Info,
    /// Erase everything in the flash, also what can't be read, and begin anew.
    Format {
        /// [`FORMAT_MAGIC`], or nothing is erased.
        magic: u32,
    },
    /// For tests, understood where the flash is simulated: flip a bit of the flash.
    Decay {
        /// Its number from the start of the flash.
        bit: u32,
    },
}

/// What the device answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The device has started.
    Ready(Info),
    /// The request is carried out, and will have been after a reset, too.
    Done,
    /// The known labels, in the order in which they were enrolled.
    Labels(Vec<Known, CAPACITY>),
    /// The best of the enrolled, the best first.
    Ranking {
        /// At most three.
        best: Vec<Candidate, 3>,
        /// Whether the model takes the picture for the first of them; otherwise it is none of them.
        accepted: bool,
        /// Labels that the picture was not compared with, because theirs is damaged: enroll them again, or
        /// forget them.
        damaged: u8,
    },
    /// The request is not carried out.
    Refused(Refusal),
    /// How the device is.
    Info(Info),
}

/// How the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// The version of the messages: [`PROTOCOL`].
    pub protocol: u16,
    /// The format of the pictures that this firmware keeps.
    pub format: Format,
    /// Labels known, damaged ones too; or why the flash can't be read. Until it is formatted, only
    /// [`Request::Info`] and [`Request::Format`] are carried out then.
    pub known: Result<u8, StoreError>,
    /// How many of them are damaged.
    pub damaged: u8,
}

/// An enrolled label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The label.
    pub label: u16,
    /// Grows with every change, so that it tells a new picture of a label from the one before.
    pub generation: u32,
    /// Whether bits of its picture have decayed in the flash.
    pub damaged: bool,
}

/// An enrolled character and how alike it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The label that it was enrolled with.
    pub label: u16,
    /// How alike it is: the logit, Q15.16.
    pub logit: i32,
    /// The probability that it is the same character, Q0.15.
    pub probability: i16,
}

/// Why a request is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The frame was damaged, too long, or holds no request: send it again.
    Frame,
    /// The picture has another number of bytes.
    Picture {
        /// Bytes of a picture.
        needed: u16,
    },
    /// What is kept does not allow it.
    Store(StoreError),
    /// [`Request::Format`] did not carry [`FORMAT_MAGIC`].
    Magic,
    /// The embedded model can't compute this: the firmware is built wrongly.
    Model,
    /// The device has no simulated flash, or none of this size.
    Unsupported,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
