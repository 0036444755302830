//! Drawings as pictures inside of the page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::{DynamicImage, GrayAlphaImage, ImageFormat, LumaA};

use crate::data::Drawing;

/// Largest side of an embedded picture, in pixels.
pub const LARGEST_SIDE: u16 = 128;

/// A square picture as a data URI: black ink on transparent paper, so that it suits a light page
/// and, inverted, a dark one.
pub fn data_uri(drawing: &Drawing) -> String {
    let side = drawing.width.max(drawing.height).min(LARGEST_SIDE);
    // 0 to 127 becomes the opacity, 0 to 254.
    let mut ink = drawing.at_side(side.into()).into_iter().map(|pixel| 2 * pixel as u8);
    let picture = GrayAlphaImage::from_fn(side.into(), side.into(), |_, _| {
        LumaA([0, ink.next().expect("one value a pixel")])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut png, ImageFormat::Png)
        .expect("a small picture encodes into memory");
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png.into_inner()))
}
