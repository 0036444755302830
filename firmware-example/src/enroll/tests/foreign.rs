//! Flash that holds something else: it is never taken for a store, left as it is, and can be formatted.

use super::*;
use crate::enroll::layout::{INDEX_AT, INDEX_BYTES};
use crate::enroll::{CAPACITY, CRC, Format};

/// Nothing but formatting is done, and it helps.
fn refused(chip: &[u32], error: StoreError) {
    let mut opened = chip.to_vec();
    let mut store = open(&mut opened);
    assert_eq!(store.entries(), Err(error));
    assert_eq!(store.picture(1), Err(error));
    assert_eq!(store.keep(1, &picture(1)), Err(error));
    assert_eq!(store.forget(1), Err(error));
    assert_eq!(*store.flash().words(), *chip, "it is left as it is");
    assert_eq!(store.format(), Ok(()));
    assert_eq!(store.entries(), Ok(&[][..]));
    assert_eq!(store.keep(1, &picture(2)), Ok(()));
    assert_eq!(read(&mut opened), Ok(Content::from([(1, Ok(picture(2)))])));
}

/// Replaces words of both copies of the index, and their checksum with them.
fn rewrite(chip: &mut [u32], page: usize, words: &[(usize, u32)]) {
    for at in INDEX_AT {
        let copy = &mut chip[page * PAGE_WORDS + at / WORD_BYTES..][..INDEX_BYTES / WORD_BYTES];
        for &(place, word) in words {
            copy[place] = word;
        }
        let (crc, content) = copy.split_last_mut().expect("an index");
        let bytes: Vec<u8> = content.iter().flat_map(|word| word.to_le_bytes()).collect();
        *crc = CRC.checksum(&bytes);
    }
}

fn one_picture() -> (Vec<u32>, usize) {
    let mut chip = new_chip(4);
    make(&mut chip, (1, Some(picture(1))), None).expect("the power is on");
    let page = chip.chunks(PAGE_WORDS).position(|page| page[0] != u32::MAX).expect("a snapshot");
    (chip, page)
}

#[test]
fn other_firmware_is_named_and_its_pictures_are_not_read() {
    let Format { version, side, capacity } = Format::OURS;
    let others = [
        Format { version: version + 1, ..Format::OURS },
        Format { side: side / 2, ..Format::OURS },
        Format { capacity: capacity + 1, ..Format::OURS },
    ];
    for other in others {
        let (mut chip, page) = one_picture();
        let words = [
            (1, u32::from(other.version) | u32::from(other.side) << 16),
            (2, u32::from(other.capacity) | 1 << 16),
        ];
        rewrite(&mut chip, page, &words);
        refused(&chip, StoreError::Foreign(other));
    }
    let (mut chip, page) = one_picture();
    rewrite(&mut chip, page, &[]);
    assert_eq!(read(&mut chip).map(|content| content.len()), Ok(1), "what is ours is read");
}

#[test]
fn an_index_that_makes_no_sense_is_refused() {
    let sizes = |held| u32::from(Format::OURS.capacity) | held << 16;
    let too_many = [(2, sizes(CAPACITY as u32 + 1))];
    let no_label = [(4, 0x0001_0000)];
    let twice = [(2, sizes(2)), (7, 1), (8, 1), (9, 0)];
    for words in [&too_many[..], &no_label, &twice] {
        let (mut chip, page) = one_picture();
        rewrite(&mut chip, page, words);
        refused(&chip, StoreError::Unreadable);
    }
}

#[test]
fn what_is_no_store_is_refused() {
    // Also one word at the start of a page: the logs of other programs begin so.
    for words in [1, 2, 40, PAGE_WORDS, 3 * PAGE_WORDS, 4 * PAGE_WORDS] {
        for page in 0..4 {
            let mut chip = new_chip(4);
            let garbage = numbers(words as u32 + 4);
            chip[page * PAGE_WORDS..]
                .iter_mut()
                .take(words)
                .zip(garbage)
                .for_each(|(word, n)| *word = n);
            refused(&chip, StoreError::Unreadable);
        }
    }
    refused(&[0; 4 * PAGE_WORDS], StoreError::Unreadable);
}

/// The log that the first release kept, with one picture, of label 7; all of it is where an index is.
#[test]
fn the_log_of_the_first_release_is_refused() {
    let mut chip = new_chip(4);
    // The mark of a page; the entry's two checksums and its length; its key, the label and the picture.
    let header = [0, 0xB83F_93C2, 0xEB89_0083].map(u32::to_le_bytes);
    let entry = [0, 7, 0].into_iter().chain(0..PICTURE_BYTES as u8).chain([0]);
    let bytes: Vec<u8> = header.into_iter().flatten().chain(entry).collect();
    let (words, rest) = bytes.as_chunks();
    assert!(rest.is_empty() && bytes.len() < INDEX_BYTES);
    chip.iter_mut().zip(words).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
    refused(&chip, StoreError::Unreadable);
}

/// Snapshots with many wrong words, some with a right checksum: whatever is read, no label is there twice.
#[test]
fn no_content_harms() {
    let (chip, page) = one_picture();
    let mut numbers = numbers(5).map(|n| n as usize);
    let mut below = |end| numbers.next().expect("there is no end") % end;
    let (mut readable, mut refused) = (0, 0);
    for _ in 0..5000 {
        let mut chip = chip.clone();
        for _ in 0..below(4) {
            let place = page * PAGE_WORDS + below(200);
            chip[place] = below(usize::MAX) as u32;
        }
        let wrong: Vec<_> = (0..below(4)).map(|_| (below(12), below(4) as u32 * 0x4001)).collect();
        rewrite(&mut chip, page, &wrong);
        match read(&mut chip) {
            Ok(_) => readable += 1,
            Err(_) => refused += 1,
        }
        let mut store = open(&mut chip);
        let _ = (store.keep(9, &picture(9)), store.forget(1));
        assert_eq!(store.format(), Ok(()));
        assert_eq!(read(&mut chip), Ok(Content::new()));
    }
    assert!(readable > 100 && refused > 100, "{readable} readable, {refused} refused");
}

#[test]
fn a_flash_that_is_too_small_is_refused() {
    let mut chip = new_chip(1);
    let mut store = open(&mut chip);
    assert_eq!(store.entries(), Err(StoreError::Flash));
    assert_eq!(store.format(), Err(StoreError::Flash));
}
