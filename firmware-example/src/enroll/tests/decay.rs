//! Bits decay: a label then has its newest picture or is damaged, and never has another one.

use super::*;
use crate::enroll::layout::{INDEX_BYTES, MARK, MARK_AT, UNIT, picture_at};

const PICTURE_BITS: usize = PICTURE_BYTES * 8;

/// Labels that are kept, kept anew, forgotten, and kept after that.
fn history() -> (Vec<u32>, Content) {
    let mut chip = new_chip(3);
    let kept = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (1, 6), (3, 7)]
        .map(|(l, n)| (l, Some(picture(n))));
    let forgotten = [(2, None), (4, None), (1, Some(picture(8))), (4, Some(picture(9)))];
    let mut content = Content::new();
    for change in kept.into_iter().chain(forgotten) {
        make(&mut chip, change, None).expect("the power is on");
        content = changed(&content, change);
    }
    assert_eq!(read(&mut chip.clone()).as_ref(), Ok(&content));
    (chip, content)
}

/// The damaged labels, if all others are as they should be and no label is there but those.
fn damaged(content: &Content, newest: &Content) -> Option<Vec<u16>> {
    let mut labels = Vec::new();
    for (label, picture) in content {
        match picture {
            Err(StoreError::Damaged) => labels.push(*label),
            _ if newest.get(label) == Some(picture) => {}
            _ => return None,
        }
    }
    content.keys().eq(newest.keys()).then_some(labels)
}

/// Every bit of the flash: those of the pictures harm their own, all others nothing.
#[test]
fn a_decayed_bit_brings_nothing_back() {
    let (chip, newest) = history();
    let mut harmed: BTreeMap<u16, usize> = BTreeMap::new();
    for bit in 0..chip.len() * 32 {
        let mut decayed = chip.clone();
        flip(&mut decayed, bit);
        let content = read(&mut decayed).expect("one bit does not make the store unreadable");
        match damaged(&content, &newest).expect("nothing older, and nothing forgotten")[..] {
            [] => {}
            [label] => *harmed.entry(label).or_default() += 1,
            ref more => panic!("bit {bit} harms {more:?}"),
        }
    }
    let expected = newest.keys().map(|&label| (label, PICTURE_BITS)).collect();
    assert_eq!(harmed, expected);
}

/// The power fails once a change is committed, when the snapshot before it is still there.
#[test]
fn a_decayed_bit_brings_nothing_back_after_a_loss_of_power() {
    let (chip, before) = history();
    for change in [(5, Some(picture(10))), (3, None)] {
        let make = |chip: &mut [u32], after| make(chip, change, Some(Cut { after, torn: 0 }));
        let operations = (0..).find(|&after| make(&mut chip.clone(), after).is_ok());
        // The last one erases; the one before is the last word of the mark, and is not torn.
        let last = operations.expect("it is made in the end") - 2;
        let mut cut = chip.clone();
        assert_eq!(make(&mut cut, last), Err(StoreError::Flash));
        let snapshots = cut.chunks(PAGE_WORDS).filter(|page| page[0] != u32::MAX);
        assert_eq!(snapshots.count(), 2);
        let newest = changed(&before, change);
        for bit in 0..cut.len() * 32 {
            let mut decayed = cut.clone();
            flip(&mut decayed, bit);
            let content = read(&mut decayed).expect("one bit does not make the store unreadable");
            let labels = damaged(&content, &newest).expect("nothing older, and nothing forgotten");
            assert!(labels.len() <= 1, "bit {bit} harms {labels:?}");
        }
    }
}

/// The power fails anywhere in a change, and a bit decays before the next start.
#[test]
fn a_decayed_bit_and_a_loss_of_power_together_bring_nothing_back() {
    let (chip, before) = history();
    let mut bits = numbers(2).map(|n| n as usize % (chip.len() * 32));
    for change in [(5, Some(picture(10))), (3, None), (6, Some(picture(11)))] {
        let after = changed(&before, change);
        for operations in 0.. {
            let mut cut = chip.clone();
            let made = make(&mut cut, change, Some(Cut { after: operations, torn: 0x5555_5555 }));
            if made.is_ok() {
                break;
            }
            for bit in bits.by_ref().take(40) {
                let mut decayed = cut.clone();
                flip(&mut decayed, bit);
                let content = read(&mut decayed).expect("it can be read");
                let either = damaged(&content, &before).or_else(|| damaged(&content, &after));
                assert!(either.is_some_and(|labels| labels.len() <= 1), "{operations}, bit {bit}");
            }
        }
    }
}

/// Two bits at a time, half of them both in the index: if that can't be read the store says so.
#[test]
fn two_decayed_bits_bring_nothing_back() {
    let (chip, newest) = history();
    let page = chip.chunks(PAGE_WORDS).position(|page| page[0] != u32::MAX).expect("a snapshot");
    let index = (page * PAGE_BYTES * 8, MARK_AT * 8);
    let mut numbers = numbers(3).map(|n| n as usize);
    let mut bit = |(first, length)| first + numbers.next().expect("there is no end") % length;
    let mut unreadable = 0;
    for run in 0..20_000 {
        let mut decayed = chip.clone();
        let place = if run % 2 == 0 { index } else { (0, chip.len() * 32) };
        flip(&mut decayed, bit(place));
        flip(&mut decayed, bit(place));
        match read(&mut decayed) {
            Ok(content) => assert!(damaged(&content, &newest).is_some(), "run {run}: {content:?}"),
            Err(error) => {
                assert_eq!(error, StoreError::Unreadable);
                unreadable += 1;
            }
        }
    }
    assert!(unreadable > 0, "both copies of the index were never damaged");
}

#[test]
fn a_damaged_label_stays_damaged_until_it_is_kept_anew_or_forgotten() {
    let (mut chip, mut content) = history();
    let place = chip.iter().position(|&word| word == first_word(&picture(8))).expect("it is kept");
    flip(&mut chip, place * 32);
    content.insert(1, Err(StoreError::Damaged));
    assert_eq!(read(&mut chip.clone()).as_ref(), Ok(&content));
    for change in [(6, Some(picture(10))), (5, None), (6, Some(picture(11)))] {
        make(&mut chip, change, None).expect("the power is on");
        content = changed(&content, change);
        assert_eq!(read(&mut chip.clone()).as_ref(), Ok(&content));
    }
    for change in [(1, Some(picture(12))), (1, None)] {
        let mut chip = chip.clone();
        make(&mut chip, change, None).expect("the power is on");
        assert_eq!(read(&mut chip), Ok(changed(&content, change)));
    }
}

/// The first start after a bit of the index or the mark has decayed writes them anew.
#[test]
fn a_decayed_index_is_written_anew() {
    let (chip, newest) = history();
    let page = chip.chunks(PAGE_WORDS).position(|page| page[0] != u32::MAX).expect("a snapshot");
    for bit in (0..picture_at(0) * 8).map(|bit| page * PAGE_BYTES * 8 + bit) {
        let mut decayed = chip.clone();
        flip(&mut decayed, bit);
        assert_eq!(read(&mut decayed).as_ref(), Ok(&newest));
        let bytes: Vec<u8> = decayed.iter().flat_map(|word| word.to_le_bytes()).collect();
        let copies = bytes.chunks(PAGE_BYTES).filter(|page| {
            page[..INDEX_BYTES] == page[INDEX_BYTES..MARK_AT] && page[MARK_AT..][..UNIT] == MARK
        });
        assert_eq!(copies.count(), 1, "bit {bit}");
    }
}

#[test]
fn forgotten_and_replaced_pictures_are_not_in_the_flash() {
    let mut chip = new_chip(4);
    let mut content = Content::new();
    for n in 0..60 {
        let label = (n * 7 % 16) as u16;
        let change = (label, (n % 5 != 4).then(|| picture(n)));
        make(&mut chip, change, None).expect("the power is on");
        content = changed(&content, change);
        for n in 0..=n {
            let kept = content.values().any(|kept| *kept == Ok(picture(n)));
            assert_eq!(copies(&chip, &picture(n)), usize::from(kept), "picture {n}");
        }
    }
}

/// A flash that clears a bit that was not to be.
#[test]
fn a_flash_that_does_not_hold_what_is_written_is_found_out() {
    let mut chip = new_chip(2);
    make(&mut chip, (1, Some(picture(1))), None).expect("the power is on");
    let content = read(&mut chip.clone());
    let worn = chip.chunks(PAGE_WORDS).position(|page| page[0] == u32::MAX).expect("a blank bank");
    let worn = worn * PAGE_WORDS + picture_at(1) / WORD_BYTES;
    let mut flash = SimulatedNor::new(&mut chip, || {});
    flash.wear_out(worn, !(1 << 20));
    let mut store = Store::open(flash);
    assert_eq!(store.keep(2, &[0xFF; PICTURE_BYTES]), Err(StoreError::Flash));
    assert_eq!(store.picture(1), Ok(picture(1)));
    assert_eq!(store.entries().map(<[_]>::len), Ok(1));
    assert_eq!(read(&mut chip), content);
}

/// A flash that does not erase a bit of a picture.
#[test]
fn a_picture_that_cannot_be_erased_is_told() {
    let mut chip = new_chip(2);
    make(&mut chip, (1, Some(picture(1))), None).expect("the power is on");
    let word = first_word(&picture(1));
    let worn = chip.iter().position(|&held| held == word).expect("it is kept");
    let mut flash = SimulatedNor::new(&mut chip, || {});
    flash.wear_out(worn, word);
    let mut store = Store::open(flash);
    assert_eq!(store.forget(1), Err(StoreError::Flash));
    assert_eq!(store.entries(), Ok(&[][..]), "it is forgotten all the same");
    assert_eq!(read(&mut chip), Ok(Content::new()));
}

fn first_word(picture: &Picture) -> u32 {
    u32::from_le_bytes([picture[0], picture[1], picture[2], picture[3]])
}
