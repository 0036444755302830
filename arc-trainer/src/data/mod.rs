//! Pictures, drawings and where they come from: class folders or a zip of them, such as Omniglot's, and the
//! published one-shot runs.

mod budget;
mod dataset;
mod digest;
mod drawing;
pub mod fetch;
#[cfg(test)]
mod fixture;
mod layout;
mod load;
mod picture;
mod remarks;
mod runs;
mod save;
mod skipped;
mod source;
pub mod synth;
pub mod versions;

pub use dataset::{Class, Dataset, Group};
pub use drawing::Drawing;
pub use picture::{Picture, is_picture};
pub use runs::{Run, load_runs, load_runs_with};
pub use skipped::{OnBad, Skipped};
