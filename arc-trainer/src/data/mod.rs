//! Drawings and where they come from: Omniglot's folders or zip, the published one-shot runs.

mod dataset;
mod drawing;
mod load;
mod runs;
mod source;

pub use dataset::{Class, Dataset, Group};
pub use drawing::Drawing;
pub use runs::{Run, load_runs};
