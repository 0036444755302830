//! Golden vectors: models, images and every number that comparing them gives.
//!
//! The same on the host, in firmware and for every set of kernels: no heap, no `std`, all of it
//! in flash. `README.md` says how they were made.

#![no_std]

mod check;
mod record;

pub use check::{Difference, Reproduced, reproduce};
pub use record::{MAX_STEPS, Pair, Picture, Step, pairs};

use arc_runtime::{feature_bytes, include_model, workspace_words};

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

/// All golden vectors: a model with a stem of convolutions, one with residual blocks, and one that
/// looks at the pixels themselves.
pub const GOLDEN: [Golden; 3] = [
    Golden { name: "convarc", model: CONVARC, vectors: include_bytes!("../convarc.vectors") },
    Golden { name: "residual", model: RESIDUAL, vectors: include_bytes!("../residual.vectors") },
    Golden { name: "arc", model: ARC, vectors: include_bytes!("../arc.vectors") },
];

const CONVARC: &[u8] = include_model!("../convarc.arc");
const RESIDUAL: &[u8] = include_model!("../residual.arc");
const ARC: &[u8] = include_model!("../arc.arc");

/// Words of a comparator that runs any of them.
pub const WORDS: usize =
    greatest([workspace_words(CONVARC), workspace_words(RESIDUAL), workspace_words(ARC)]);

/// Bytes that hold the features of any of them.
const FEATURES: usize =
    greatest([feature_bytes(CONVARC), feature_bytes(RESIDUAL), feature_bytes(ARC)]);

const fn greatest(sizes: [usize; GOLDEN.len()]) -> usize {
    let (mut most, mut k) = (0, 0);
    while k < sizes.len() {
        most = if sizes[k] > most { sizes[k] } else { most };
        k += 1;
    }
    most
}
