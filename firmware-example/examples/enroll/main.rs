//! Teaches the firmware of `src/bin/enroll` over its serial line, in QEMU, and holds it to account.
//!
//! `cargo xtask firmware --bin enroll` runs it with the firmware's file. The host computes every
//! ranking itself, at a desk of its own, and the board's is to be the same to the bit.

mod board;

use board::Board;
use firmware_example::enroll::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};
use firmware_example::enroll::protocol::{Refusal, Reply, Request};
use firmware_example::enroll::{CAPACITY, Desk, Enrolled, PICTURE_BYTES, WORDS};
use firmware_example::glyphs;

fn main() {
    let firmware = std::env::args().nth(1).expect("give the firmware's file");
    let mut board = Board::start(&firmware);
    assert_eq!(board.receive(), Reply::Ready { known: 0 });

    damage(&mut board);
    println!("every damaged frame is refused, and the next one is understood");
    println!("{} losses of power: nothing is lost", power(&mut board));

    let mut flash = vec![0; 2 * PAGE_BYTES / WORD_BYTES];
    SimulatedNor::erase_all(&mut flash);
    let (mut memory, mut gallery) = ([0; WORDS], Enrolled::new());
    let flash = SimulatedNor::new(&mut flash, || {});
    let mut host = Desk::open(flash, &mut memory, &mut gallery).expect("a new chip");
    let mut ask = |board: &mut Board, request| {
        let reply = host.handle(request);
        assert_eq!(board.ask(request), reply, "{request:?}");
        reply
    };

    for character in 0..CAPACITY {
        assert_eq!(ask(&mut board, teach(character, 0)), Reply::Done);
    }
    let one_more = ask(&mut board, teach(CAPACITY, 0));
    assert_eq!(one_more, Reply::Refused(Refusal::Full { capacity: CAPACITY as u8 }));
    println!("{CAPACITY} characters are taught");

    // The last of them once more, and the power fails.
    let cut = Request::CutPower { after: 20, torn: 0xFFFF_0000 };
    assert_eq!(board.ask(cut), Reply::Done);
    assert_eq!(board.ask(teach(CAPACITY - 1, 0)), Reply::Ready { known: CAPACITY as u8 });

    let (mut recognised, mut accepted) = (0, 0);
    for character in 0..CAPACITY {
        let request = Request::Identify { picture: glyphs::bits(character, 1) };
        let Reply::Ranking { best, accepted: accepts } = ask(&mut board, request) else {
            panic!("no ranking");
        };
        let right = best[0].label == character as u16;
        recognised += usize::from(right);
        accepted += usize::from(right && accepts);
    }
    println!("{recognised} of {CAPACITY} are recognised from another drawing, {accepted} accepted");
    assert_eq!(recognised, CAPACITY);

    let mut rejected = 0;
    let unknown = CAPACITY..glyphs::CHARACTERS;
    for character in unknown.clone() {
        let request = Request::Identify { picture: glyphs::bits(character, 1) };
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
    assert_eq!(board.ask(Request::Forget { label: 0 }), Reply::Refused(Refusal::Label));
    assert_eq!(labels(board), []);
}

/// Has the power fail at every word of three changes; leaves nothing enrolled. The number of failures.
fn power(board: &mut Board) -> usize {
    let mut failures = 0;
    assert_eq!(board.ask(teach(0, 0)), Reply::Done);
    let known = board.ask(Request::Identify { picture: glyphs::bits(0, 1) });
    // A new character; a new drawing of it; and it is forgotten again.
    let changes = [
        (teach(1, 0), vec![0], vec![0, 1]),
        (teach(1, 1), vec![0, 1], vec![0, 1]),
        (Request::Forget { label: 1 }, vec![0, 1], vec![0]),
    ];
    for (change, before, after) in changes {
        for words in 0.. {
            let torn = [0xFFFF_0000, 0x0000_FFFF, 0x5555_5555][words as usize % 3];
            assert_eq!(board.ask(Request::CutPower { after: words, torn }), Reply::Done);
            let reply = board.ask(change);
            let now = labels(board);
            match reply {
                Reply::Done => {
                    assert_eq!(now, after, "{words} words before the power fails");
                    break;
                }
                Reply::Ready { known } => assert_eq!(usize::from(known), now.len()),
                other => panic!("{words} words before the power fails: {other:?}"),
            }
            assert!(now == before || now == after, "{words} words: {now:?}");
            failures += 1;
            if now == after && before != after {
                break; // The last word was torn in what is only padding.
            }
        }
    }
    let cut_off = Request::CutPower { after: u32::MAX, torn: 0 };
    assert_eq!(board.ask(cut_off), Reply::Done);
    let still = board.ask(Request::Identify { picture: glyphs::bits(0, 1) });
    assert_eq!(still, known, "the first character is as it was");
    assert_eq!(board.ask(Request::Forget { label: 0 }), Reply::Done);
    failures
}

fn labels(board: &mut Board) -> Vec<u16> {
    match board.ask(Request::List) {
        Reply::Labels(labels) => {
            let mut labels = labels.to_vec();
            labels.sort_unstable();
            labels
        }
        other => panic!("no labels: {other:?}"),
    }
}
