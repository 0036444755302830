//! The firmware's store over flash of any size and content, and any use of it, with power that fails.
//!
//! The store is compared with a map: what was kept is there until it is forgotten, also after a reset.
#![no_main]

use std::collections::BTreeMap;

use arc_fuzz::noise::Noise;
use firmware_example::enroll::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};
use firmware_example::enroll::{CAPACITY, PICTURE_BYTES, Picture, Store, StoreError};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

/// Words of a page.
const PAGE: usize = PAGE_BYTES / WORD_BYTES;

/// Labels are few, so that they meet.
const LABELS: u16 = CAPACITY as u16 + 4;

fuzz_target!(|data: &[u8]| {
    // An input that ends early is no finding.
    let _ = attack(&mut Unstructured::new(data));
});

/// What a store has of each label: its picture, or none if that has decayed. Or why nothing can be read.
type Content = core::result::Result<BTreeMap<u16, Option<Picture>>, StoreError>;

fn attack(input: &mut Unstructured<'_>) -> Result<()> {
    let mut chip = any_chip(input)?;
    for _ in 0..input.int_in_range(1..=4)? {
        let mut content = start(&mut chip);
        assert_eq!(start(&mut chip), content, "a second start reads what the first one read");
        let before = chip.clone();
        let power_fails = session(&mut chip, &mut content, input)?;
        if !power_fails {
            assert!(content.is_ok() || chip == before, "what cannot be read is left as it is");
            assert_eq!(start(&mut chip), content, "a reset changes nothing");
        }
        decay(&mut chip, input)?;
    }
    Ok(())
}

/// New flash, flash of noise, or flash that a store has used.
fn any_chip(input: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    let mut chip = vec![u32::MAX; PAGE * input.int_in_range(0..=4)?];
    match input.int_in_range(0..=3)? {
        0 => {}
        1 => chip.fill(input.arbitrary()?),
        2 => {
            let mut noise = Noise::new(input)?;
            chip.iter_mut().for_each(|word| *word = noise.within(i32::MIN, i32::MAX) as u32);
        }
        _ => {
            let mut content = start(&mut chip);
            session(&mut chip, &mut content, input)?;
            decay(&mut chip, input)?;
        }
    }
    Ok(chip)
}

/// Starts, and reads all that is kept.
fn start(chip: &mut [u32]) -> Content {
    read(&mut Store::open(SimulatedNor::new(chip, || {})))
}

fn read(store: &mut Store<SimulatedNor<'_>>) -> Content {
    let entries = store.entries()?.to_vec();
    assert!(entries.len() <= CAPACITY);
    let mut content = BTreeMap::new();
    for entry in entries {
        let picture = match store.picture(entry.label) {
            Ok(picture) => Some(picture),
            Err(StoreError::Damaged) => None,
            Err(error) => panic!("label {} is kept, and still: {error:?}", entry.label),
        };
        assert_eq!(content.insert(entry.label, picture), None, "a label is kept twice");
    }
    Ok(content)
}

/// Uses the store from a start to the next, and `content` with it; whether the power fails in between.
fn session(chip: &mut [u32], content: &mut Content, input: &mut Unstructured<'_>) -> Result<bool> {
    let mut store = Store::open(SimulatedNor::new(chip, || {}));
    for _ in 0..input.int_in_range(0..=30)? {
        if input.ratio(1, 16)? {
            let (after, torn) = (input.int_in_range(0..=1200)?, input.arbitrary()?);
            store.flash().cut_after(after, torn);
        }
        let label = input.int_in_range(0..=LABELS)?;
        let (result, mut next) = match input.int_in_range(0..=7)? {
            0 | 1 => {
                let mut next = content.clone();
                let known = next.as_mut().map(|kept| kept.remove(&label).is_some());
                let expected = match known {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(StoreError::Label),
                    Err(error) => Err(*error),
                };
                (check(store.forget(label), expected), next)
            }
            2 => {
                let result = store.format();
                (check(result, Ok(())), Ok(BTreeMap::new()))
            }
            _ => {
                let picture = Noise::new(input)?.numbers(PICTURE_BYTES, 0, 255);
                let picture: Picture = picture.try_into().expect("as many bytes as a picture has");
                let mut next = content.clone();
                let expected = match &mut next {
                    Ok(kept) if kept.len() == CAPACITY && !kept.contains_key(&label) => {
                        Err(StoreError::Full)
                    }
                    Ok(kept) => {
                        kept.insert(label, Some(picture));
                        Ok(())
                    }
                    Err(error) => Err(*error),
                };
                (check(store.keep(label, &picture), expected), next)
            }
        };
        match result {
            Outcome::Done => *content = next,
            Outcome::Refused => {}
            Outcome::Flash if small(&mut store) => {}
            // The power has failed, and the flash answers no more: the next start tells which it is.
            Outcome::Flash => {
                drop(store);
                let found = start(chip);
                if found != *content {
                    // Changed entirely; formatting may also leave flash that was never used.
                    if content.is_err() {
                        next = found.clone();
                    }
                    assert_eq!(found, next, "a change was made by half");
                }
                *content = found;
                return Ok(true);
            }
        }
        assert_eq!(read(&mut store), *content);
    }
    Ok(false)
}

/// How a change went.
enum Outcome {
    Done,
    Refused,
    Flash,
}

/// A change does what is expected, unless the flash fails.
fn check(
    result: core::result::Result<(), StoreError>,
    expected: core::result::Result<(), StoreError>,
) -> Outcome {
    if result == Err(StoreError::Flash) {
        return Outcome::Flash;
    }
    assert_eq!(result, expected);
    if result.is_ok() { Outcome::Done } else { Outcome::Refused }
}

/// Whether the flash is too small for a store.
fn small(store: &mut Store<SimulatedNor<'_>>) -> bool {
    store.flash().words().len() < 2 * PAGE
}

/// Changes a few bits.
fn decay(chip: &mut [u32], input: &mut Unstructured<'_>) -> Result<()> {
    for _ in 0..input.int_in_range(0..=3)? {
        if !chip.is_empty() {
            let place = input.choose_index(chip.len())?;
            chip[place] ^= 1 << input.int_in_range(0..=31)?;
        }
    }
    Ok(())
}
