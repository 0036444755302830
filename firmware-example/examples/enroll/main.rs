//! Teaches the firmware of `src/bin/enroll` over its serial line, in QEMU, and holds it to account.
//!
//! `cargo xtask firmware --bin enroll` runs it with the firmware's file. The host computes every
//! ranking itself, at a desk of its own, and the board's is to be the same to the bit.

mod board;

use board::Board;
use firmware_example::enroll::layout::{INDEX_AT, picture_at};
use firmware_example::enroll::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};
use firmware_example::enroll::protocol::{FORMAT_MAGIC, Info, PROTOCOL, Refusal, Reply, Request};
use firmware_example::enroll::{
    CAPACITY, Desk, Enrolled, Format, PICTURE_BYTES, StoreError, Workspace,
};
use firmware_example::glyphs;

fn main() {
    let firmware = std::env::args().nth(1).expect("give the firmware's file");
    let mut board = Board::start(&firmware);
    assert_eq!(board.receive(), Reply::Ready(info(Ok(0), 0)));

    damage(&mut board);
    println!("every damaged frame is refused, and the next one is understood");
    println!("{} losses of power: nothing is lost", power(&mut board));
    decay(&mut board);
    println!("decayed bits are told, and a flash that can't be read is formatted");

    let mut flash = vec![0; 2 * PAGE_BYTES / WORD_BYTES];
    SimulatedNor::erase_all(&mut flash);
    let (mut workspace, mut gallery) = (Workspace::new(), Enrolled::new());
    let flash = SimulatedNor::new(&mut flash, || {});
    let mut host = Desk::open(flash, &mut workspace, &mut gallery).expect("the model is sound");
    let mut ask = |board: &mut Board, request| {
        let reply = host.handle(request);
        assert_eq!(board.ask(request), reply, "{request:?}");
        reply
    };

    for character in 0..CAPACITY {
        assert_eq!(ask(&mut board, teach(character, 0)), Reply::Done);
    }
    let one_more = ask(&mut board, teach(CAPACITY, 0));
    assert_eq!(one_more, Reply::Refused(Refusal::Store(StoreError::Full)));
    println!("{CAPACITY} characters are taught");

    // The last of them once more, and the power fails.
    let cut = Request::CutPower { after: 20, torn: 0xFFFF_0000 };
    assert_eq!(board.ask(cut), Reply::Done);
    assert_eq!(board.ask(teach(CAPACITY - 1, 0)), Reply::Ready(info(Ok(CAPACITY as u8), 0)));

    let (mut recognized, mut accepted) = (0, 0);
    for character in 0..CAPACITY {
        let request = identify(character);
        let Reply::Ranking { best, accepted: accepts, .. } = ask(&mut board, request) else {
            panic!("no ranking");
        };
        let right = best[0].label == character as u16;
        recognized += usize::from(right);
        accepted += usize::from(right && accepts);
    }
    println!("{recognized} of {CAPACITY} are recognized from another drawing, {accepted} accepted");
    assert_eq!(recognized, CAPACITY);

    let mut rejected = 0;
    let unknown = CAPACITY..glyphs::CHARACTERS;
    for character in unknown.clone() {
        let request = identify(character);
        let Reply::Ranking { accepted, .. } = ask(&mut board, request) else {
            panic!("no ranking");
        };
        rejected += usize::from(!accepted);
    }
    println!("{rejected} of {} unknown characters are none of these", unknown.len());
}

fn teach(character: usize, drawing: usize) -> Request<'static> {
    Request::Enroll { label: character as u16, picture: glyphs::bits(character, drawing) }
}

fn identify(character: usize) -> Request<'static> {
    Request::Identify { picture: glyphs::bits(character, 1) }
}

/// Sends what is no request.
fn damage(board: &mut Board) {
    let refused = Reply::Refused(Refusal::Frame);
    let frame = board.frame(&teach(0, 0));
    for place in 0..frame.len() - 1 {
        let mut damaged = frame.clone();
        damaged[place] = if damaged[place] == 0xA5 { 0x5A } else { 0xA5 };
        board.send_raw(&damaged);
        assert_eq!(board.receive(), refused, "byte {place} damaged");
    }
    // Half a frame and the next one; more than any frame; nothing but ends; a picture of another size.
    board.send_raw(&frame[..frame.len() / 2]);
    board.send_raw(&[0]);
    assert_eq!(board.receive(), refused);
    board.send_raw(&[1; 5000]);
    board.send_raw(&[0, 0, 0]);
    assert_eq!(board.receive(), refused);
    let needed = PICTURE_BYTES as u16;
    let small = board.ask(Request::Identify { picture: &[0; 17] });
    assert_eq!(small, Reply::Refused(Refusal::Picture { needed }));
    assert_eq!(
        board.ask(Request::Forget { label: 0 }),
        Reply::Refused(Refusal::Store(StoreError::Label))
    );
    assert_eq!(labels(board), []);
}

/// Flash operations between two failures of the power. The tests on the host have it fail at each.
const STRIDE: usize = 7;

/// Has the power fail all along three changes; leaves nothing enrolled. The number of failures.
fn power(board: &mut Board) -> usize {
    let mut failures = 0;
    assert_eq!(board.ask(teach(0, 0)), Reply::Done);
    let known = board.ask(identify(0));
    // A new character; a new drawing of it; and it is forgotten again.
    let changes = [
        (teach(1, 0), vec![0], vec![0, 1]),
        (teach(1, 1), vec![0, 1], vec![0, 1]),
        (Request::Forget { label: 1 }, vec![0, 1], vec![0]),
    ];
    for (change, before, after) in changes {
        for words in (0..).step_by(STRIDE) {
            let torn = [0xFFFF_0000, 0x0000_FFFF, 0x5555_5555][words as usize % 3];
            assert_eq!(board.ask(Request::CutPower { after: words, torn }), Reply::Done);
            let reply = board.ask(change);
            let now = labels(board);
            match reply {
                Reply::Done => {
                    assert_eq!(now, after, "{words} words before the power fails");
                    break;
                }
                Reply::Ready(info) => assert_eq!(info.known.map(usize::from), Ok(now.len())),
                other => panic!("{words} words before the power fails: {other:?}"),
            }
            assert!(now == before || now == after, "{words} words: {now:?}");
            failures += 1;
            if now == after && before != after {
                break; // It was committed, and what it replaces was to be erased.
            }
        }
    }
    let cut_off = Request::CutPower { after: u32::MAX, torn: 0 };
    assert_eq!(board.ask(cut_off), Reply::Done);
    let still = board.ask(identify(0));
    assert_eq!(still, known, "the first character is as it was");
    assert_eq!(board.ask(Request::Forget { label: 0 }), Reply::Done);
    failures
}

/// Has bits of the flash decay while the power is off; leaves nothing enrolled.
fn decay(board: &mut Board) {
    let unreadable = StoreError::Unreadable;
    assert_eq!(board.ask(teach(0, 0)), Reply::Done);
    assert_eq!(board.ask(teach(1, 0)), Reply::Done);
    flip(board, picture_at(0));
    assert_eq!(reset_by(board, teach(2, 0)), info(Ok(2), 1));
    let Reply::Ranking { best, damaged: 1, .. } = board.ask(identify(0)) else {
        panic!("the damage is not told");
    };
    assert!(best.iter().all(|found| found.label == 1), "{best:?}");
    assert_eq!(board.ask(teach(0, 0)), Reply::Done);
    assert_eq!(labels(board), [0, 1]);

    INDEX_AT.into_iter().for_each(|at| flip(board, at));
    assert_eq!(reset_by(board, teach(2, 0)), info(Err(unreadable), 0));
    for request in [teach(0, 0), identify(0), Request::Forget { label: 0 }, Request::List] {
        assert_eq!(board.ask(request), Reply::Refused(Refusal::Store(unreadable)));
    }
    let unasked = Request::Format { magic: FORMAT_MAGIC + 1 };
    assert_eq!(board.ask(unasked), Reply::Refused(Refusal::Magic));
    let format = Request::Format { magic: FORMAT_MAGIC };
    assert_eq!(reset_by(board, format), info(Err(unreadable), 0), "the power failed");
    assert_eq!(board.ask(format), Reply::Done);
    assert_eq!(board.ask(Request::Info), Reply::Info(info(Ok(0), 0)));
}

/// Flips a bit at this place of every page.
fn flip(board: &mut Board, at: usize) {
    for page in 0.. {
        let bit = 8 * (page * PAGE_BYTES + at) as u32;
        match board.ask(Request::Decay { bit }) {
            Reply::Done => {}
            reply => {
                assert_eq!(reply, Reply::Refused(Refusal::Unsupported));
                assert!(page > 0);
                break;
            }
        }
    }
}

/// Has the power fail at the first word of a change; what the board says after that.
fn reset_by(board: &mut Board, change: Request<'_>) -> Info {
    assert_eq!(board.ask(Request::CutPower { after: 0, torn: u32::MAX }), Reply::Done);
    match board.ask(change) {
        Reply::Ready(info) => info,
        other => panic!("no reset: {other:?}"),
    }
}

fn info(known: Result<u8, StoreError>, damaged: u8) -> Info {
    Info { protocol: PROTOCOL, format: Format::OURS, known, damaged }
}

fn labels(board: &mut Board) -> Vec<u16> {
    match board.ask(Request::List) {
        Reply::Labels(known) => {
            assert!(known.iter().all(|known| !known.damaged));
            let mut labels: Vec<u16> = known.iter().map(|known| known.label).collect();
            labels.sort_unstable();
            labels
        }
        other => panic!("no labels: {other:?}"),
    }
}
