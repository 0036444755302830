//! A contact sheet: many drawings in one picture, to judge them by eye.

use image::{GrayImage, Luma};

use crate::data::Dataset;

/// Side of a drawing on the sheet, in pixels.
const CELL: u32 = 56;

/// A picture of the first `groups` groups, one under the other: `classes` classes side by side, and
/// `drawings` drawings of each under each other. Ink is black.
pub fn contact_sheet(
    dataset: &Dataset,
    groups: usize,
    classes: usize,
    drawings: usize,
) -> GrayImage {
    let gap = CELL / 4;
    let band = drawings as u32 * CELL + gap;
    let white = Luma([255]);
    let shown = groups.min(dataset.groups.len()) as u32;
    let mut sheet = GrayImage::from_pixel(classes as u32 * CELL, shown * band, white);
    for (g, group) in (0..shown).zip(&dataset.groups) {
        for (c, class) in (0..classes as u32).zip(&group.classes) {
            for (d, drawing) in (0..drawings as u32).zip(&class.drawings) {
                for (i, pixel) in (0..).zip(drawing.at_side(CELL as usize)) {
                    let (x, y) = (c * CELL + i % CELL, g * band + d * CELL + i / CELL);
                    sheet.put_pixel(x, y, Luma([255 - 2 * pixel as u8]));
                }
            }
        }
    }
    sheet
}
