//! How much a file from outside may ask of this machine.
//!
//! A few hundred kilobytes of a zip or a picture unfold into gigabytes. So what is read is bounded before it
//! is read, and what is decoded before it is decoded: in memory, and in work where memory does not
//! bound it.

/// The largest file of a kind.
#[derive(Debug, Clone, Copy)]
pub struct FileLimit {
    /// Bytes.
    pub bytes: u64,
    /// What to do with a larger one.
    pub remedy: &'static str,
}

/// One mebibyte.
const MIB: u64 = 1 << 20;

/// A zip, which is held in memory while its members are read. Omniglot's largest has 10 MB.
pub const ZIP: FileLimit =
    FileLimit { bytes: 256 * MIB, remedy: "unpack it and name the folder instead" };

/// One picture, as a file or as a zip's member. The largest allowed picture, stored with 8 bits of
/// gray and not compressed at all, has half of that.
pub const PICTURE: FileLimit =
    FileLimit { bytes: 32 * MIB, remedy: "scale the picture down or save it in 8-bit gray" };

/// The labels of a one-shot run. A published one has 1.2 kB.
pub const LABELS: FileLimit =
    FileLimit { bytes: 64 << 10, remedy: "a run has one line for each of its probes" };

/// A model file: all [`WEIGHTS`] as floats, and as much again.
pub const MODEL: FileLimit =
    FileLimit { bytes: 256 * MIB, remedy: "is it one that `arc-trainer export` wrote?" };

/// A checkpoint: all [`WEIGHTS`] as floats, their running average, the two moments of the
/// optimizer, and as much again.
pub const CHECKPOINT: FileLimit =
    FileLimit { bytes: 1024 * MIB, remedy: "is it one that `arc-trainer train` wrote?" };

/// A configuration. TOML in memory is many times as large as in the file; the ones here have 2 kB.
pub const CONFIG: FileLimit =
    FileLimit { bytes: 64 << 10, remedy: "a configuration has a few kilobytes" };

/// A key in PEM, which has 100 to 250 bytes.
pub const KEY: FileLimit =
    FileLimit { bytes: 16 << 10, remedy: "is it one that `arc-trainer keygen` made?" };

/// A run's metrics: 150 bytes for every hundredth step, so 40 million steps.
pub const METRICS: FileLimit =
    FileLimit { bytes: 64 * MIB, remedy: "is it one that `arc-trainer train` wrote?" };

/// Files of a folder or members of a zip: their names are held in memory. Omniglot has 33 thousand.
pub const FILES: usize = 1 << 18;

/// One-shot runs of a data set, each of which looks through all names. There are 20 published ones.
pub const RUNS: usize = 1000;

/// Longest side of a picture, in pixels, and so 16 million pixels: with 16 bits of red, green, blue
/// and alpha, decoding one takes 176 MB, and as a TIFF, which is decoded before it is put in order,
/// 300 MB.
pub const PICTURE_SIDE: u32 = 4096;

/// Memory for all that a picture has beside its pixels: color profile, texts, metadata.
pub const PICTURE_EXTRAS: u64 = 8 * MIB;

/// Pictures of more pixels are decoded one at a time, so that the memory to decode one is not needed
/// once for each thread.
pub const DECODED_ALONE: u64 = MIB;

/// Bytes of the drawings of a data set, at the side that they are held at. Omniglot at side 105
/// takes 358 MB.
pub const DRAWINGS: u64 = 1024 * MIB;

/// Bytes read and pixels decoded for a data set, together: some minutes of work. It stops a zip whose
/// directory names the same few bytes a hundred thousand times.
pub const DECODING: u64 = 1 << 35;

/// Weights of a network. The largest in `models/` has 1.1 million.
pub const WEIGHTS: usize = 1 << 25;

/// Memory for an evaluation's trials and for their scores.
pub const TRIALS: u64 = 1024 * MIB;
