//! A serial line that delivers arbitrary bytes, then one message that is whole.
//!
//! Whatever came before, an end byte and a whole frame are understood; and a message that was
//! understood can be sent.
#![no_main]

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use firmware_example::enroll::protocol::{Reply, Request};
use firmware_example::enroll::{Line, ReceiveError, SendError};
use libfuzzer_sys::fuzz_target;

/// Ends a frame.
const END: u8 = 0;

fuzz_target!(|data: &[u8]| {
    requests(data);
    replies(data);
});

/// What a device makes of the bytes.
fn requests(data: &[u8]) {
    let last = Request::Forget { label: 0x1234 };
    let mut line = Line::new(Wire::after(data, |line| line.send(&last)));
    let mut seen = None;
    loop {
        match line.receive::<Request<'_>>() {
            Ok(request) => {
                let mut other = Line::new(Wire::default());
                other.send(&request).expect("the wire has room");
                assert_eq!(other.receive(), Ok(request));
                seen = Some(matches!(request, Request::Forget { label: 0x1234 }));
            }
            Err(ReceiveError::Frame) => seen = Some(false),
            Err(ReceiveError::Line(_)) => break,
        }
    }
    assert_eq!(seen, Some(true), "the frame behind the noise");
}

/// What a host makes of the bytes.
fn replies(data: &[u8]) {
    let mut line = Line::new(Wire::after(data, |line| line.send(&Reply::Done)));
    let mut seen = None;
    loop {
        match line.receive::<Reply>() {
            Ok(reply) => {
                let mut other = Line::new(Wire::default());
                other.send(&reply).expect("the wire has room");
                assert_eq!(other.receive().as_ref(), Ok(&reply));
                seen = Some(reply == Reply::Done);
            }
            Err(ReceiveError::Frame) => seen = Some(false),
            Err(ReceiveError::Line(_)) => break,
        }
    }
    assert_eq!(seen, Some(true), "the frame behind the noise");
}

/// A wire that leads back to its sender, and fails when it is empty.
#[derive(Default)]
struct Wire {
    bytes: Vec<u8>,
    read: usize,
}

/// Nothing is left to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Empty;

impl Wire {
    /// Noise, an end byte, and what is sent.
    fn after(
        noise: &[u8],
        send: impl FnOnce(&mut Line<Wire>) -> Result<(), SendError<Empty>>,
    ) -> Self {
        let mut line = Line::new(Self { bytes: [noise, &[END]].concat(), read: 0 });
        send(&mut line).expect("the wire has room");
        std::mem::take(line.bytes())
    }
}

impl ErrorType for Wire {
    type Error = Empty;
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Empty> {
        let rest = &self.bytes[self.read..];
        let count = rest.len().min(bytes.len());
        if count == 0 {
            return Err(Empty);
        }
        bytes[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Empty> {
        self.bytes.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Empty> {
        Ok(())
    }
}

impl embedded_io::Error for Empty {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl std::fmt::Display for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing is left to read")
    }
}

impl std::error::Error for Empty {}
