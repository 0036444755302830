//! The power fails in the middle of every flash operation, and nothing that was kept is lost.

use std::collections::BTreeMap;
use std::{vec, vec::Vec};

use super::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};
use super::store::{Store, StoreError};
use super::{CAPACITY, PICTURE_BYTES};

const PAGES: usize = 4;

type Content = BTreeMap<u16, [u8; PICTURE_BYTES]>;

/// A change to what is kept: a label's picture, or none.
type Change = (u16, Option<[u8; PICTURE_BYTES]>);

/// Labels that are changed; the others have to move from page to page.
const CHANGED: usize = 16;

/// All labels taught, then some taught anew and some forgotten, over many pages.
fn changes() -> impl Iterator<Item = Change> {
    let picture = |n: usize| core::array::from_fn(|byte| (n * 31 + byte * 7) as u8);
    let taught = (0..CAPACITY).map(move |n| (n as u16, Some(picture(n))));
    let changed = (CAPACITY..130).map(move |n| {
        let forgotten = n % 5 == 0;
        ((n * 7 % CHANGED) as u16, (!forgotten).then(|| picture(n)))
    });
    taught.chain(changed)
}

/// What the chip holds once it has started; all of it is good, and no label is there twice.
fn kept(chip: &mut [u32]) -> Content {
    let mut content = Content::new();
    let flash = SimulatedNor::new(chip, || {});
    let opened = Store::open(flash, |label, picture| {
        let twice = content.insert(label, picture.try_into().expect("a whole picture"));
        assert_eq!(twice, None, "label {label} is kept twice");
        Ok::<_, StoreError>(())
    });
    opened.map(drop).expect("a loss of power leaves nothing that can't be read");
    content
}

/// Starts and makes a change; the power fails after some operations, and tears a word.
fn make(chip: &mut [u32], (label, picture): Change, cut: Option<Cut>) -> Result<(), StoreError> {
    let mut flash = SimulatedNor::new(chip, || {});
    if let Some(Cut { after, torn }) = cut {
        flash.cut_after(after, torn);
    }
    let mut store = Store::open(flash, |_, _| Ok::<_, StoreError>(()))?;
    match picture {
        Some(picture) => store.keep(label, &picture),
        None => store.forget(label).map(drop),
    }
}

#[derive(Clone, Copy)]
struct Cut {
    after: u32,
    torn: u32,
}

#[test]
fn nothing_is_lost_when_words_are_torn_at_the_end() {
    nothing_is_lost_wherever_the_power_fails(0xFFFF_0000);
}

#[test]
fn nothing_is_lost_when_words_are_torn_at_the_front() {
    nothing_is_lost_wherever_the_power_fails(0x0000_FFFF);
}

#[test]
fn nothing_is_lost_when_words_are_torn_all_over() {
    nothing_is_lost_wherever_the_power_fails(0x5555_5555);
}

fn nothing_is_lost_wherever_the_power_fails(torn: u32) {
    let mut chip = vec![0; PAGES * PAGE_BYTES / WORD_BYTES];
    SimulatedNor::erase_all(&mut chip);
    let (mut before, mut cuts, mut cuts_again, mut longest) = (Content::new(), 0, 0, 0);
    for change in changes() {
        let mut after = before.clone();
        match change {
            (label, Some(picture)) => after.insert(label, picture),
            (label, None) => after.remove(&label),
        };
        let either = |content| content == before || content == after;
        for operations in 0.. {
            let mut cut = chip.clone();
            if make(&mut cut, change, Some(Cut { after: operations, torn })).is_ok() {
                break;
            }
            cuts += 1;
            longest = longest.max(operations);
            assert!(either(kept(&mut cut.clone())), "{change:?}, cut after {operations}");
            // The host asks again, and the power fails again, perhaps in the middle of a repair.
            for again in (0..).step_by(29) {
                let mut cut = cut.clone();
                if make(&mut cut, change, Some(Cut { after: again, torn })).is_ok() {
                    assert_eq!(kept(&mut cut), after);
                    break;
                }
                cuts_again += 1;
                let content = kept(&mut cut);
                assert!(either(content), "{change:?}, cut after {operations} and {again}");
            }
        }
        make(&mut chip, change, None).expect("the power is on");
        before = after;
        assert_eq!(kept(&mut chip.clone()), before);
    }
    std::println!("torn {torn:08x}: {cuts} cuts, and {cuts_again} more while trying again");
    assert!(cuts > 3000 && cuts_again > 3000, "{cuts} cuts, {cuts_again} again");
    let moved = ((CAPACITY - CHANGED) * PICTURE_BYTES / WORD_BYTES) as u32;
    assert!(longest > moved, "pictures were not moved: {longest} operations at most");
}

#[test]
fn a_full_store_refuses_what_is_new_and_takes_what_it_knows() {
    let mut chip = vec![u32::MAX; PAGES * PAGE_BYTES / WORD_BYTES];
    let flash = SimulatedNor::new(&mut chip, || {});
    let mut store = Store::open(flash, |_, _| Ok::<_, StoreError>(())).expect("a new chip");
    for label in 0..CAPACITY as u16 {
        store.keep(label, &[1; PICTURE_BYTES]).expect("there is a slot");
    }
    assert_eq!(store.keep(99, &[2; PICTURE_BYTES]), Err(StoreError::Full));
    assert_eq!(store.keep(7, &[3; PICTURE_BYTES]), Ok(()));
    assert_eq!((store.forget(3), store.forget(3)), (Ok(true), Ok(false)));
    assert_eq!(store.keep(99, &[4; PICTURE_BYTES]), Ok(()));
    let known: Vec<u16> = store.labels().collect();
    let content = kept(&mut chip);
    assert_eq!(known.len(), CAPACITY);
    assert!(known.iter().all(|label| content.contains_key(label)));
    assert_eq!((content[&7], content[&99]), ([3; PICTURE_BYTES], [4; PICTURE_BYTES]));
}

#[test]
fn a_flash_that_holds_something_else_is_refused() {
    let before = vec![0x1234_5678; PAGES * PAGE_BYTES / WORD_BYTES];
    let mut chip = before.clone();
    let flash = SimulatedNor::new(&mut chip, || {});
    let opened = Store::open(flash, |_, _| Ok::<_, StoreError>(()));
    assert_eq!(opened.map(drop), Err(StoreError::Flash));
    assert_eq!(chip, before, "and left as it is");
}
