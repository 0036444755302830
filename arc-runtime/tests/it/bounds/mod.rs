//! Every check of `Model::load`, on both sides of its bound: what is just allowed loads, what is just
//! beyond is refused by name.

mod follows;
mod header;
mod model;
mod ranges;
mod rows;
mod sums;
