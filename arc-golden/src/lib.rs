//! Golden vectors: models, images and every number that comparing them gives.
//!
//! The same on the host, in firmware and for every set of kernels: no heap, no `std`, all of it
//! in flash. `README.md` says how they were made.

#![no_std]

pub mod buffers;
mod check;
pub mod frames;
mod gallery;
pub mod prepared;
mod random;
mod record;
pub mod shipped;
pub mod sizes;
pub mod suite;

pub use check::{Difference, Reproduced, reproduce, reproduce_packed};
pub use gallery::{Identified, identify, identify_packed};
pub use random::{random, random_packed};
pub use record::{Identification, MAX_STEPS, MAX_SUPPORTS, Pair, Picture, Step, pairs, records};

use arc_runtime::{feature_bytes, identify_words, include_model, workspace_words};

/// A model and what comparing images with it gives.
#[derive(Debug, Clone, Copy)]
pub struct Golden {
    /// Its name, that of its files.
    pub name: &'static str,
    /// The model file.
    pub model: &'static [u8],
    /// The records of its comparisons, for [`pairs`].
    pub vectors: &'static [u8],
}

/// All golden vectors: a model with a stem of convolutions, one with residual blocks, and one
/// on raw pixels.
pub const GOLDEN: [Golden; 3] = [
    Golden { name: "convarc", model: CONVARC, vectors: include_bytes!("../convarc.vectors") },
    Golden { name: "residual", model: RESIDUAL, vectors: include_bytes!("../residual.vectors") },
    Golden { name: "arc", model: ARC, vectors: include_bytes!("../arc.vectors") },
];

/// Golden vectors of probes among several supports: in full context (5, 3 and 8 of them), and
/// among 5 ways.
pub const GALLERIES: [Golden; 2] = [
    Golden { name: "context", model: CONTEXT, vectors: include_bytes!("../context.vectors") },
    Golden { name: "ways", model: WAYS, vectors: include_bytes!("../ways.vectors") },
];

const CONVARC: &[u8] = include_model!("../convarc.arc");
const RESIDUAL: &[u8] = include_model!("../residual.arc");
const ARC: &[u8] = include_model!("../arc.arc");
const CONTEXT: &[u8] = include_model!("../context.arc");
const WAYS: &[u8] = include_model!("../ways.arc");

/// Words of a comparator that compares pairs with any of [`GOLDEN`].
const PAIR_WORDS: usize = {
    let (mut most, mut k) = (0, 0);
    while k < GOLDEN.len() {
        most = greater(most, workspace_words(GOLDEN[k].model));
        k += 1;
    }
    most
};

/// Words of a comparator that identifies with any of [`GALLERIES`], among as many supports as any
/// record has.
const GALLERY_WORDS: usize = {
    let (mut most, mut k) = (0, 0);
    while k < GALLERIES.len() {
        most = greater(most, identify_words(GALLERIES[k].model, MAX_SUPPORTS));
        k += 1;
    }
    most
};

/// Bytes that hold the features of any of these models.
const fn features(goldens: &[Golden]) -> usize {
    let (mut most, mut k) = (0, 0);
    while k < goldens.len() {
        most = greater(most, feature_bytes(goldens[k].model));
        k += 1;
    }
    most
}

const fn greater(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

// The project's README, whose program is a test: in this crate, which has the drawings and needs no libtorch. A doc
// comment in front would have the program's paths begin here instead of at the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
