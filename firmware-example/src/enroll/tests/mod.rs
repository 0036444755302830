//! The store and the desk on simulated flash: power that fails, bits that decay, and what is not a store.

mod decay;
mod desk;
mod foreign;
mod power;

use std::collections::BTreeMap;
use std::{vec, vec::Vec};

use super::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};
use super::{PICTURE_BYTES, Picture, Store, StoreError};

const PAGE_WORDS: usize = PAGE_BYTES / WORD_BYTES;

/// What a store holds: of each label the picture, or that it is damaged.
type Content = BTreeMap<u16, Result<Picture, StoreError>>;

/// A change to what is kept: a label's picture, or none.
type Change = (u16, Option<Picture>);

/// A failure of the power: the number of flash operations before it, and the bits of the word that are not written.
#[derive(Clone, Copy)]
struct Cut {
    after: u32,
    torn: u32,
}

fn picture(n: usize) -> Picture {
    let mut bytes = numbers(n as u32).map(|n| n as u8);
    core::array::from_fn(|_| bytes.next().expect("there is no end"))
}

/// A chip that was never written to.
fn new_chip(pages: usize) -> Vec<u32> {
    let mut chip = vec![0; pages * PAGE_WORDS];
    SimulatedNor::erase_all(&mut chip);
    chip
}

fn open(chip: &mut [u32]) -> Store<SimulatedNor<'_>> {
    Store::open(SimulatedNor::new(chip, || {}))
}

/// What the chip holds once it has started.
fn read(chip: &mut [u32]) -> Result<Content, StoreError> {
    let mut store = open(chip);
    let entries = store.entries()?.to_vec();
    let mut content = Content::new();
    for entry in entries {
        let picture = store.picture(entry.label);
        assert_eq!(entry.damaged, picture == Err(StoreError::Damaged));
        let twice = content.insert(entry.label, picture);
        assert_eq!(twice, None, "label {} is kept twice", entry.label);
    }
    Ok(content)
}

/// Starts and makes a change; perhaps the power fails.
fn make(chip: &mut [u32], (label, picture): Change, cut: Option<Cut>) -> Result<(), StoreError> {
    let mut flash = SimulatedNor::new(chip, || {});
    if let Some(Cut { after, torn }) = cut {
        flash.cut_after(after, torn);
    }
    let mut store = Store::open(flash);
    match picture {
        Some(picture) => store.keep(label, &picture),
        // It may be forgotten already: the host asks again.
        None => match store.forget(label) {
            Err(StoreError::Label) => Ok(()),
            result => result,
        },
    }
}

/// What `content` becomes by a change.
fn changed(content: &Content, (label, picture): Change) -> Content {
    let mut content = content.clone();
    match picture {
        Some(picture) => content.insert(label, Ok(picture)),
        None => content.remove(&label),
    };
    content
}

fn flip(chip: &mut [u32], bit: usize) {
    chip[bit / 32] ^= 1 << (bit % 32);
}

/// How often the picture is in the chip.
fn copies(chip: &[u32], picture: &Picture) -> usize {
    let bytes: Vec<u8> = chip.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.windows(PICTURE_BYTES).filter(|window| window == picture).count()
}

/// Numbers that look random, the same every time.
fn numbers(seed: u32) -> impl Iterator<Item = u32> {
    core::iter::successors(Some(seed), |n| {
        Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
    })
    .map(|n| n ^ n >> 16)
    .skip(1)
}
