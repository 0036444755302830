//! Small pictures to test on, in every format.

use std::io::Cursor;

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma};

/// Gray values of [`corner`], row by row.
pub const CORNER: [u8; 16 * 8] = {
    let mut gray = [255; 16 * 8];
    let mut k = 0;
    while k < 8 * 4 {
        gray[k / 8 * 16 + k % 8] = 0;
        k += 1;
    }
    gray
};

/// White, 16 pixels wide and 8 high, with a black upper left corner of half of its sides.
pub fn corner() -> DynamicImage {
    let gray = |x: u32, y: u32| Luma([CORNER[(y * 16 + x) as usize]]);
    GrayImage::from_fn(16, 8, gray).into()
}

/// The file of a picture.
pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture: DynamicImage = picture.into();
    let picture = match format {
        // What their encoders take.
        ImageFormat::Gif | ImageFormat::WebP => picture.to_rgba8().into(),
        _ => picture,
    };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The file of a picture in each format, by the format's name.
pub fn every_format(picture: DynamicImage) -> [(&'static str, Vec<u8>); 7] {
    [
        ("BMP", ImageFormat::Bmp),
        ("GIF", ImageFormat::Gif),
        ("JPEG", ImageFormat::Jpeg),
        ("PNG", ImageFormat::Png),
        ("PNM", ImageFormat::Pnm),
        ("TIFF", ImageFormat::Tiff),
        ("WebP", ImageFormat::WebP),
    ]
    .map(|(name, format)| (name, encoded(picture.clone(), format)))
}

/// The file of a picture whose metadata say how the camera was held, in Exif's numbers.
pub fn with_orientation(picture: DynamicImage, format: ImageFormat, orientation: u8) -> Vec<u8> {
    // Big-endian, one directory of one entry: the orientation, one short.
    let exif =
        [&b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation, 0, 0, 0, 0, 0, 0]];
    let exif = exif.concat();
    let rgb = picture.to_rgb8();
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Jpeg => write(JpegEncoder::new(&mut bytes), exif, &rgb),
        ImageFormat::Png => write(PngEncoder::new(&mut bytes), exif, &rgb),
        ImageFormat::WebP => write(WebPEncoder::new_lossless(&mut bytes), exif, &rgb),
        _ => unreachable!("no metadata are written to {format:?}"),
    }
    bytes
}

fn write(mut encoder: impl ImageEncoder, exif: Vec<u8>, rgb: &image::RgbImage) {
    encoder.set_exif_metadata(exif).unwrap();
    encoder.write_image(rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8).unwrap();
}

/// One pixel in lossy WebP, which there is no encoder for here.
pub const LOSSY_WEBP: [u8; 42] = *b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\
    \x30\x01\0\x9D\x01\x2A\x01\0\x01\0\x0E\xC0\xFE\x25\xA4\0\x03\x70\0\0\0\0";
