//! A dataset as tensors: all drawings at one size, and where each one is.

use tch::{Device, Kind, Tensor};

use crate::data::Dataset;

/// All drawings of a dataset at one side, one row each.
pub struct Canvas {
    /// i8 `[drawings, side, side]`, 127 = full ink.
    pixels: Tensor,
    /// Row of drawing `[group][class][drawer]`.
    pub rows: Vec<Vec<Vec<i64>>>,
}

impl Canvas {
    /// Scales every drawing to `side`.
    pub fn new(dataset: &Dataset, side: usize, device: Device) -> Self {
        let mut pixels: Vec<i8> = Vec::new();
        let mut next = 0..;
        let rows = dataset
            .groups
            .iter()
            .map(|group| {
                let class_rows = |class: &crate::data::Class| {
                    let drawing_row = |drawing: &crate::data::Drawing| {
                        pixels.extend(drawing.at_side(side));
                        next.next().expect("endless")
                    };
                    class.drawings.iter().map(drawing_row).collect()
                };
                group.classes.iter().map(class_rows).collect()
            })
            .collect();
        let side = side as i64;
        let count = pixels.len() as i64 / (side * side);
        let pixels = Tensor::from_slice(&pixels).view([count, side, side]).to_device(device);
        Self { pixels, rows }
    }

    /// Ink of the given rows as float `[n, side, side]`, 0 to 1.
    pub fn ink(&self, rows: &[i64]) -> Tensor {
        let rows = Tensor::from_slice(rows).to_device(self.pixels.device());
        self.pixels.index_select(0, &rows).to_kind(Kind::Float) / 127.0
    }
}
