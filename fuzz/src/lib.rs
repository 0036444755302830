//! What several targets share.

pub mod compare;
pub mod float;
pub mod noise;
pub mod scratch;
pub mod sound;
