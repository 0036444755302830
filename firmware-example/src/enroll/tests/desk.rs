//! The desk answers whatever its flash holds.

use std::boxed::Box;

use super::*;
use crate::enroll::layout::picture_at;
use crate::enroll::protocol::{FORMAT_MAGIC, Info, Known, PROTOCOL, Refusal, Reply, Request};
use crate::enroll::{CAPACITY, Desk, Enrolled, Format, Line, Workspace};
use crate::glyphs;

/// Has a desk on the chip carry out requests, after what it says at the start.
fn ask(chip: &mut [u32], requests: &[Request<'_>]) -> Vec<Reply> {
    let (mut workspace, mut gallery) = (Box::new(Workspace::new()), Box::new(Enrolled::new()));
    let flash = SimulatedNor::new(chip, || {});
    let mut desk = Desk::open(flash, &mut workspace, &mut gallery).expect("the model is sound");
    let mut replies = vec![desk.ready()];
    replies.extend(requests.iter().map(|&request| desk.handle(request)));
    replies
}

fn info(known: Result<u8, StoreError>, damaged: u8) -> Info {
    Info { protocol: PROTOCOL, format: Format::OURS, known, damaged }
}

fn enroll(label: u16) -> Request<'static> {
    Request::Enroll { label, picture: glyphs::bits(label.into(), 0) }
}

fn identify(label: u16) -> Request<'static> {
    Request::Identify { picture: glyphs::bits(label.into(), 1) }
}

const FORMAT: Request<'_> = Request::Format { magic: FORMAT_MAGIC };

#[test]
fn a_flash_that_cannot_be_read_is_told_and_formatted() {
    let garbage: Vec<u32> = numbers(6).take(2 * PAGE_WORDS).collect();
    let mut chip = garbage.clone();
    let requests = [
        enroll(1),
        identify(1),
        Request::Forget { label: 1 },
        Request::List,
        Request::Info,
        Request::Format { magic: FORMAT_MAGIC ^ 1 },
    ];
    let refused = || Reply::Refused(Refusal::Store(StoreError::Unreadable));
    let info_unreadable = info(Err(StoreError::Unreadable), 0);
    let expected = [
        Reply::Ready(info_unreadable),
        refused(),
        refused(),
        refused(),
        refused(),
        Reply::Info(info_unreadable),
        Reply::Refused(Refusal::Magic),
    ];
    assert_eq!(ask(&mut chip, &requests), expected);
    assert_eq!(chip, garbage, "nothing was written");

    let replies = ask(&mut chip, &[FORMAT, Request::List, enroll(1)]);
    assert_eq!(replies[1..], [Reply::Done, Reply::Labels(heapless::Vec::new()), Reply::Done]);
    assert_eq!(ask(&mut chip, &[]), [Reply::Ready(info(Ok(1), 0))]);
}

#[test]
fn a_damaged_label_is_told_and_can_be_enrolled_again_or_forgotten() {
    let mut chip = new_chip(2);
    ask(&mut chip, &[enroll(0), enroll(1), enroll(0)]);
    // The picture of label 1 is the first now.
    let page = chip.chunks(PAGE_WORDS).position(|page| page[0] != u32::MAX).expect("a snapshot");
    flip(&mut chip, (page * PAGE_BYTES + picture_at(0)) * 8 + 100);

    let known = |label, generation, damaged| Known { label, generation, damaged };
    let labels = |known: &[Known]| Reply::Labels(known.iter().copied().collect());
    let best = |reply: &Reply| match reply {
        Reply::Ranking { best, damaged, .. } => {
            (best.iter().map(|found| found.label).collect::<Vec<_>>(), *damaged)
        }
        other => panic!("no ranking: {other:?}"),
    };
    let replies = ask(&mut chip, &[Request::List, identify(1), Request::Info]);
    assert_eq!(replies[0], Reply::Ready(info(Ok(2), 1)));
    // The store itself was the first generation.
    assert_eq!(replies[1], labels(&[known(1, 3, true), known(0, 4, false)]));
    assert_eq!(best(&replies[2]), (vec![0], 1));
    assert_eq!(replies[3], Reply::Info(info(Ok(2), 1)));

    let replies = ask(&mut chip.clone(), &[enroll(1), identify(1), Request::List]);
    assert_eq!(best(&replies[2]), (vec![1, 0], 0));
    assert_eq!(replies[3], labels(&[known(0, 4, false), known(1, 5, false)]));
    let replies = ask(&mut chip, &[Request::Forget { label: 1 }, Request::List]);
    assert_eq!(replies[1..], [Reply::Done, labels(&[known(0, 4, false)])]);
}

/// After a failure that is no reset, the gallery is what the flash holds.
#[test]
fn a_flash_that_fails_is_told() {
    let mut chip = new_chip(2);
    ask(&mut chip, &[enroll(0)]);
    let (mut workspace, mut gallery) = (Box::new(Workspace::new()), Box::new(Enrolled::new()));
    let flash = SimulatedNor::new(&mut chip, || {});
    let mut desk = Desk::open(flash, &mut workspace, &mut gallery).expect("the model is sound");
    desk.flash().cut_after(20, 0);
    let failed = Reply::Refused(Refusal::Store(StoreError::Flash));
    for request in [enroll(1), identify(0), Request::List, FORMAT] {
        assert_eq!(desk.handle(request), failed);
    }
    assert_eq!(desk.handle(Request::Info), Reply::Info(info(Err(StoreError::Flash), 0)));
    assert_eq!(ask(&mut chip, &[])[0], Reply::Ready(info(Ok(1), 0)));
}

/// Sends and receives the longest messages.
#[test]
fn every_message_fits_in_a_frame() {
    let longest = Known { label: u16::MAX, generation: u32::MAX, damaged: true };
    let format = Format { version: u16::MAX, side: u16::MAX, capacity: u16::MAX };
    let known = Err(StoreError::Foreign(format));
    let labels = Reply::Labels((0..CAPACITY).map(|_| longest).collect());
    let info = Reply::Info(Info { protocol: u16::MAX, format, known, damaged: u8::MAX });
    for reply in [labels, info] {
        let mut line = Line::new(Loop::default());
        line.send(&reply).expect("it fits");
        assert_eq!(line.receive(), Ok(reply));
    }
    let request = Request::Enroll { label: u16::MAX, picture: &[0xFF; PICTURE_BYTES] };
    let mut line = Line::new(Loop::default());
    line.send(&request).expect("it fits");
    assert_eq!(line.receive(), Ok(request));
}

/// A line from its end to its start.
#[derive(Default)]
struct Loop(std::collections::VecDeque<u8>);

impl embedded_io::ErrorType for Loop {
    type Error = core::convert::Infallible;
}

impl embedded_io::Read for Loop {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Self::Error> {
        let mut held = self.0.drain(..bytes.len().min(self.0.len()));
        Ok(bytes.iter_mut().zip(&mut held).map(|(place, byte)| *place = byte).count())
    }
}

impl embedded_io::Write for Loop {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
