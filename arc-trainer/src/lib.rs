//! Trains, exports, evaluates and explains ARC models.
