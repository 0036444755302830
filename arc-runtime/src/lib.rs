#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code, missing_docs)]

#[cfg(feature = "std")]
extern crate std;

// In layers: each module uses those before it alone, which tests/it/layers.rs checks.
pub mod arithmetic;
mod comparator;
mod embed;
pub mod format;
mod gallery;
mod image;
pub mod kernels;
#[doc(hidden)]
pub mod layers;
mod model;
#[doc(hidden)]
pub mod network;
pub mod preparation;
mod slices;

pub use comparator::{
    Comparator, ComparatorError, CompareError, ExtractError, FeatureError, IdentifyError, Rating,
    Workspace,
};
#[cfg(feature = "signed")]
pub use format::signature::{PublicKey, SignatureError, SignedLoadError};
pub use format::sizes::{feature_bytes, identify_words, workspace_words};
pub use format::{Dimensions, LoadError};
pub use gallery::{EnrollError, Gallery, Match, Ranking};
pub use image::{Frame, Image, ImageError, Ink, MAX_FRAME_SIDE};
pub use layers::{Line, PackError};
pub use model::Model;
#[doc(inline)]
pub use network::{Gaze, Role, Score, Step};
