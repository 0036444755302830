//! Datasets as tensors: all drawings at one size, and where each one is.

use tch::{Device, Kind, Tensor};

use crate::data::{Class, Dataset, Drawing};

/// All drawings of datasets at one side, one row each; the versions of a drawing stand in successive rows.
pub struct Canvas {
    /// i8 `[drawings, side, side]`, 127 = full ink.
    pixels: Tensor,
    /// Of each dataset, the first row of drawing `[group][class][drawer]`.
    pub sets: Vec<Vec<Vec<Vec<i64>>>>,
    /// Rows of each drawing.
    pub versions: usize,
}

impl Canvas {
    /// Scales every drawing to `side`.
    ///
    /// Of each dataset there are all versions, alike in their groups and classes, and as many as of the others.
    pub fn new(sets: &[Vec<Dataset>], side: usize, device: Device) -> Self {
        let mut pixels: Vec<i8> = Vec::new();
        let versions = sets.first().map_or(1, Vec::len);
        let mut next = (0..).step_by(versions);
        let sets = sets.iter().map(|versions| {
            let groups = versions[0].groups.iter().enumerate();
            let groups = groups.map(|(g, group)| {
                let class_rows = |(c, class): (usize, &Class)| {
                    let drawing_row = |(d, _): (usize, &Drawing)| {
                        let same = versions.iter().map(|set| &set.groups[g].classes[c].drawings[d]);
                        same.for_each(|drawing| pixels.extend(drawing.at_side(side)));
                        next.next().expect("endless")
                    };
                    class.drawings.iter().enumerate().map(drawing_row).collect()
                };
                group.classes.iter().enumerate().map(class_rows).collect()
            });
            groups.collect()
        });
        let sets = sets.collect();
        let side = side as i64;
        let count = pixels.len() as i64 / (side * side);
        let pixels = Tensor::from_slice(&pixels).view([count, side, side]).to_device(device);
        Self { pixels, sets, versions }
    }

    /// Ink of the given rows as float `[n, side, side]`, 0 to 1.
    pub fn ink(&self, rows: &[i64]) -> Tensor {
        let rows = Tensor::from_slice(rows).to_device(self.pixels.device());
        self.pixels.index_select(0, &rows).to_kind(Kind::Float) / 127.0
    }
}
