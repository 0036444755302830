//! What it costs a machine to run a model.

use arc_runtime::Dimensions;
use arc_runtime::arithmetic::activation::{SIGMOID, TANH};
use arc_runtime::arithmetic::cauchy::{FAR, INVERSE_GAMMA, NEAR};
use arc_runtime::format::BATCH;
use serde::Serialize;

/// Examples in the gallery that RAM and work are stated for.
pub const GALLERY: usize = 20;

/// Bytes of working memory in the runtime; the model itself stays in flash.
#[derive(Debug, Serialize)]
pub struct Ram {
    /// A comparator: enough to compare two images.
    pub workspace: usize,
    /// One enrolled image.
    pub features: usize,
    /// A comparator that identifies among 20, and a gallery of them; none of a model with
    /// another fixed number of ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gallery_20: Option<usize>,
}

impl Ram {
    /// What a model of these sizes takes.
    pub fn of(d: &Dimensions) -> Self {
        Self {
            workspace: 4 * d.workspace_words(),
            features: d.feature_bytes(),
            gallery_20: takes_gallery(d)
                .then(|| 4 * d.identify_words(GALLERY, BATCH) + GALLERY * d.feature_bytes()),
        }
    }
}

/// Multiply-accumulates.
#[derive(Debug, Serialize)]
pub struct Macs {
    /// One image to its features.
    pub extract: u64,
    /// Two images to their score; none of an N-way model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<u64>,
    /// One probe to its scores with 20 enrolled images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gallery_20: Option<u64>,
}

impl Macs {
    /// What a model of these sizes computes.
    pub fn of(d: &Dimensions) -> Self {
        Self {
            extract: d.stem_macs,
            pair: (d.ways == 0).then(|| d.pair_macs()),
            gallery_20: takes_gallery(d).then(|| d.identify_macs(GALLERY)),
        }
    }
}

/// Whether a model chooses among as many as 20.
fn takes_gallery(d: &Dimensions) -> bool {
    [0, GALLERY].contains(&d.ways)
}

/// Bytes of the runtime's constant tables, the same for every model.
#[derive(Debug, Serialize)]
pub struct Tables {
    /// Of the sigmoid.
    pub sigmoid: usize,
    /// Of the hyperbolic tangent.
    pub tanh: usize,
    /// Of the Cauchy density.
    pub cauchy: usize,
    /// Of one over the density's width.
    pub inverse_gamma: usize,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            sigmoid: size_of_val(SIGMOID.table()),
            tanh: size_of_val(TANH.table()),
            cauchy: size_of_val(&NEAR) + size_of_val(&FAR),
            inverse_gamma: size_of_val(&INVERSE_GAMMA),
        }
    }
}
