//! Drawings and where they come from: Omniglot's folders or zip, the published one-shot runs.

mod budget;
mod dataset;
mod digest;
mod drawing;
pub mod fetch;
#[cfg(test)]
mod fixture;
mod load;
mod runs;
mod save;
mod source;
pub mod synth;

pub use dataset::{Class, Dataset, Group};
pub use drawing::Drawing;
pub use runs::{Run, load_runs};
