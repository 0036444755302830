//! What goes over the serial line: a request of the host's, then a reply of the device's.
//!
//! Each is a postcard value with its CRC-32, framed by COBS (see [`Line`](super::Line)). After every
//! reset the device says [`Reply::Ready`] unasked.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::CAPACITY;

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
    /// Forget what is known of a label.
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
}

/// What the device answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The device has started and knows so many labels.
    Ready {
        /// Labels known.
        known: u8,
    },
    /// The request is carried out, and will have been after a reset, too.
    Done,
    /// The known labels, in no order.
    Labels(Vec<u16, CAPACITY>),
    /// The best of the enrolled, the best first.
    Ranking {
        /// At most three.
        best: Vec<Candidate, 3>,
        /// Whether the model takes the picture for the first of them; otherwise it is none of them.
        accepted: bool,
    },
    /// The request is not carried out.
    Refused(Refusal),
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

/// Why a request is not carried out; everything is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The frame was damaged, too long, or holds no request: send it again.
    Frame,
    /// The picture has not so many bytes.
    Picture {
        /// Bytes of a picture.
        needed: u16,
    },
    /// So many labels are known, and no more can be: forget one first.
    Full {
        /// Labels known.
        capacity: u8,
    },
    /// The label is not known.
    Label,
    /// The flash failed, or holds what cannot be read.
    Flash,
    /// The device has no simulated flash.
    Unsupported,
}
