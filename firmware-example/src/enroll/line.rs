//! Framed messages over a serial line, the same at both ends.

use embedded_io::{Read, Write};
use postcard::ser_flavors::{Cobs, Slice, crc::CrcModifier};
use serde::{Deserialize, Serialize};

use super::CRC;

/// COBS keeps this byte out of a frame, so that it ends one: after damage, the next frame is whole.
const END: u8 = 0;
/// Bytes that hold any frame: of the longest message, which is a list of all labels, the CRC and what COBS
/// adds.
const FRAME_BYTES: usize = 192;

/// One end of a serial line.
pub struct Line<L> {
    bytes: L,
    frame: [u8; FRAME_BYTES],
}

/// Why a message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError<E> {
    /// The serial line failed.
    Line(E),
    /// The message is longer than a frame, which no message of the protocol is.
    Long,
}

/// Why there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiveError<E> {
    /// The serial line failed.
    Line(E),
    /// A frame arrived that is damaged, too long, or no message.
    Frame,
}

impl<L: Read + Write> Line<L> {
    /// Frames over `bytes`.
    pub const fn new(bytes: L) -> Self {
        Self { bytes, frame: [0; FRAME_BYTES] }
    }

    /// The bytes themselves, unframed.
    pub const fn bytes(&mut self) -> &mut L {
        &mut self.bytes
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the serial line fails, or the message is longer than a frame.
    pub fn send(&mut self, message: &impl Serialize) -> Result<(), SendError<L::Error>> {
        let digest = CRC.digest();
        let frame = Cobs::try_new(Slice::new(&mut self.frame))
            .and_then(|cobs| {
                postcard::serialize_with_flavor(message, CrcModifier::new(cobs, digest))
            })
            .map_err(|_| SendError::Long)?;
        self.bytes.write_all(frame).map_err(SendError::Line)?;
        self.bytes.flush().map_err(SendError::Line)
    }

    /// Waits for the next frame and reads its message. Empty frames mean nothing: an end byte may
    /// be sent at any time to be rid of half a frame.
    ///
    /// # Errors
    /// If the serial line fails, or the frame is no message.
    pub fn receive<'a, T: Deserialize<'a>>(&'a mut self) -> Result<T, ReceiveError<L::Error>> {
        let length = self.fill().map_err(ReceiveError::Line)?;
        let frame = self.frame.get_mut(..length).ok_or(ReceiveError::Frame)?;
        let length = cobs::decode_in_place(frame).map_err(|_| ReceiveError::Frame)?;
        let frame = frame.get(..length).ok_or(ReceiveError::Frame)?;
        match postcard::take_from_bytes_crc32(frame, CRC.digest()) {
            Ok((message, [])) => Ok(message),
            _ => Err(ReceiveError::Frame),
        }
    }

    /// Reads up to the end of a frame that is not empty; its length, which may be more than was kept.
    fn fill(&mut self) -> Result<usize, L::Error> {
        let mut length = 0;
        loop {
            let mut byte = [END];
            match self.bytes.read(&mut byte)? {
                0 => continue,
                _ if byte != [END] => {
                    if let Some(place) = self.frame.get_mut(length) {
                        [*place] = byte;
                    }
                    length = length.saturating_add(1);
                }
                _ if length > 0 => return Ok(length),
                _ => {}
            }
        }
    }
}
