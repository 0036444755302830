//! Trains, exports, evaluates and explains ARC models.
pub mod data;
