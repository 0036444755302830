//! The runtime's integration tests in one program, so that a change of the library links one program anew.

mod bounds;
mod common;
mod comparator;
mod corpus;
mod filter;
mod identify;
mod image;
mod kernels;
mod layers;
mod model;
mod network;
mod packed;
mod preparation;
#[cfg(feature = "signed")]
mod signature;
mod sizes;
