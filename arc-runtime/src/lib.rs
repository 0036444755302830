#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code, missing_docs)]

#[cfg(feature = "std")]
extern crate std;

pub mod arithmetic;
mod attention;
mod comparator;
mod gallery;
mod image;
pub mod kernels;
pub mod model;
mod parts;
#[doc(hidden)]
pub mod stages;
mod workspace;

pub use attention::{Role, Step};
pub use comparator::{
    Comparator, CompareError, ExtractError, FeatureError, IdentifyError, Rating, WorkspaceTooSmall,
};
pub use gallery::{EnrollError, Gallery, Match, Ranking};
pub use image::{Frame, Image, ImageError, Ink, MAX_FRAME_SIDE};
pub use model::header::{feature_bytes, identify_words, workspace_words};
#[cfg(feature = "signed")]
pub use model::signature::{PublicKey, SignatureError, SignedLoadError};
pub use model::{Dimensions, LoadError, Model};
#[doc(inline)]
pub use stages::{Place, Score};
