//! The power fails in the middle of every flash operation, and nothing that was kept is lost.

use super::*;
use crate::enroll::CAPACITY;

/// Words are torn at the end, at the front and all over.
const TORN: [u32; 3] = [0xFFFF_0000, 0x0000_FFFF, 0x5555_5555];

/// Cuts every operation of each change, and then again every `stride`th while the host asks again. The numbers of
/// both.
fn cut_everywhere(
    chip: &mut [u32],
    changes: &[Change],
    torn: u32,
    stride: usize,
) -> (usize, usize) {
    let (mut cuts, mut cuts_again) = (0, 0);
    let mut before = read(&mut chip.to_vec()).expect("a chip that can be read");
    for &change in changes {
        let after = changed(&before, change);
        let hold_all = |mut chip: Vec<u32>| {
            let content =
                read(&mut chip).expect("a loss of power leaves nothing that can't be read");
            let used =
                chip.chunks(PAGE_WORDS).filter(|page| page.iter().any(|&word| word != u32::MAX));
            assert_eq!(used.count(), 1, "a start leaves the snapshot that counts and no other");
            content == before || content == after
        };
        for operations in 0.. {
            let mut cut = chip.to_vec();
            if make(&mut cut, change, Some(Cut { after: operations, torn })).is_ok() {
                break;
            }
            cuts += 1;
            assert!(hold_all(cut.clone()), "{change:?}, cut after {operations}");
            for again in (0..).step_by(stride) {
                let mut cut = cut.clone();
                if make(&mut cut, change, Some(Cut { after: again, torn })).is_ok() {
                    assert_eq!(read(&mut cut).as_ref(), Ok(&after));
                    break;
                }
                cuts_again += 1;
                assert!(hold_all(cut), "{change:?}, cut after {operations} and {again}");
            }
        }
        make(chip, change, None).expect("the power is on");
        assert_eq!(read(&mut chip.to_vec()).as_ref(), Ok(&after));
        before = after;
    }
    (cuts, cuts_again)
}

/// A few labels taught, taught anew, and forgotten, from a chip that was never started.
#[test]
fn nothing_is_lost_wherever_the_power_fails() {
    let changes = [
        (1, Some(picture(1))),
        (2, Some(picture(2))),
        (1, Some(picture(3))),
        (1, None),
        (1, Some(picture(4))),
        (2, None),
        (1, None),
    ];
    for (pages, torn) in [(2, TORN[0]), (3, TORN[1]), (4, TORN[2])] {
        let (cuts, again) = cut_everywhere(&mut new_chip(pages), &changes, torn, 31);
        std::println!(
            "{pages} pages, torn {torn:08x}: {cuts} cuts, and {again} more while trying again"
        );
        // Each change writes two copies of the index and the mark, and erases the bank before.
        let least = changes.len() * (2 * 288 + 32 + 4) / 4;
        assert!(cuts > least && again > least, "{cuts} cuts, {again} again");
    }
}

#[test]
fn nothing_is_lost_from_a_full_store() {
    let mut chip = new_chip(2);
    let mut store = open(&mut chip);
    for n in 0..CAPACITY {
        store.keep(n as u16, &picture(n)).expect("there is a place");
    }
    let changes = [(7, Some(picture(99))), (3, None), (3, Some(picture(98)))];
    for torn in TORN {
        let (cuts, _) = cut_everywhere(&mut chip.clone(), &changes, torn, 499);
        assert!(cuts > changes.len() * (CAPACITY - 1) * PICTURE_BYTES / WORD_BYTES, "{cuts} cuts");
    }
}

/// A store that can be read is formatted entirely or not at all; one that can't, by asking until it is done.
#[test]
fn formatting_ends_wherever_the_power_fails() {
    let mut kept = new_chip(2);
    make(&mut kept, (1, Some(picture(1))), None).expect("the power is on");
    let content = read(&mut kept.clone());
    let garbage: Vec<u32> = numbers(1).take(kept.len()).collect();
    for (chip, before) in [(kept, content), (garbage, Err(StoreError::Unreadable))] {
        for torn in TORN {
            for after in 0.. {
                let mut cut = chip.clone();
                let mut flash = SimulatedNor::new(&mut cut, || {});
                flash.cut_after(after, torn);
                let done = Store::open(flash).format().is_ok();
                let content = read(&mut cut.clone());
                assert!(content == Ok(Content::new()) || !done && content == before, "{content:?}");
                assert_eq!(open(&mut cut).format(), Ok(()));
                assert_eq!(read(&mut cut), Ok(Content::new()));
                assert_eq!(copies(&cut, &picture(1)), 0);
                if done {
                    break;
                }
            }
        }
    }
}
