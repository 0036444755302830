//! Images from gray rows, packed bits and frames of any size.

use crate::common::Random;
use arc_runtime::{Frame, Image, ImageError, Ink};

#[test]
fn gray_rows_become_ink() {
    let gray: Vec<u8> = (0..64).map(|k| k * 4 + 3).collect();
    let (mut dark, mut bright) = ([0; 64], [0; 64]);
    let dark = Image::from_gray(8, &gray, Ink::Dark, &mut dark).unwrap();
    let bright = Image::from_gray(8, &gray, Ink::Bright, &mut bright).unwrap();
    for (k, &gray) in gray.iter().enumerate() {
        assert_eq!(dark.pixels()[k], ((255 - gray) / 2) as i8);
        assert_eq!(bright.pixels()[k], (gray / 2) as i8);
    }
    assert_eq!((dark.pixels()[63], bright.pixels()[63]), (0, 127));
}

#[test]
fn packed_bits_begin_at_the_left_and_each_row_at_a_byte() {
    let mut pixels = [1; 100];
    let bits = [0b1000_0000, 0b0100_0000].repeat(10);
    let image = Image::from_bits(10, &bits, &mut pixels).unwrap();
    for row in image.pixels().chunks(10) {
        assert_eq!(row, [127, 0, 0, 0, 0, 0, 0, 0, 0, 127]);
    }
}

#[test]
fn wrong_sizes_are_errors() {
    let mut pixels = [0; 63];
    let gray = [0; 65];
    let length = |needed, given| Err(ImageError::Length { needed, given });
    assert_eq!(Image::from_gray(8, &gray, Ink::Dark, &mut pixels), length(64, 65));
    let room = Err(ImageError::Buffer { needed: 64, given: 63 });
    assert_eq!(Image::from_gray(8, &gray[1..], Ink::Dark, &mut pixels), room);
    assert_eq!(Image::from_bits(8, &gray[..7], &mut pixels), length(8, 7));
    assert_eq!(Image::new(8, &[0; 63]), length(64, 63));
    assert_eq!(Image::new(0, &[]), Err(ImageError::Empty));
    let mut negative = [0; 64];
    negative[9] = -1;
    let pixel = ImageError::Pixel { index: 9, found: -1 };
    assert_eq!(Image::new(8, &negative), Err(pixel));
    assert_eq!(Frame::new(0, 5, &[]), Err(ImageError::Empty));
    assert_eq!(Frame::new(3, 5, &[0; 14]), Err(ImageError::Length { needed: 15, given: 14 }));
    let huge = Frame::new(usize::MAX, 2, &[0; 14]);
    assert_eq!(huge, Err(ImageError::TooLarge { found: usize::MAX }));
    let frame = Frame::new(3, 5, &[0; 15]).unwrap();
    let room = Err(ImageError::Buffer { needed: 64, given: 63 });
    assert_eq!(frame.shrink(8, Ink::Dark, &mut pixels), room);
    assert_eq!(frame.shrink(0, Ink::Dark, &mut pixels), Err(ImageError::Empty));
    let huge = Err(ImageError::TooLarge { found: 65_536 });
    assert_eq!(frame.shrink(65_536, Ink::Dark, &mut pixels), huge);
}

#[test]
fn crops_stay_within_the_frame() {
    let gray: Vec<u8> = (0..30).collect();
    let frame = Frame::new(6, 5, &gray).unwrap();
    let part = frame.crop(2, 1, 3, 4).unwrap();
    let mut pixels = [0; 1];
    let mean = part.shrink(1, Ink::Bright, &mut pixels).unwrap().pixels()[0];
    // Rows of 8 9 10, 14 15 16, 20 21 22, 26 27 28 have the mean 18.
    assert_eq!(mean, 9);
    assert!(frame.crop(5, 4, 1, 1).is_ok());
    for (x, y, width, height) in [(4, 0, 3, 1), (0, 5, 1, 1), (usize::MAX, 0, 2, 1)] {
        assert_eq!(frame.crop(x, y, width, height), Err(ImageError::Crop));
    }
    assert_eq!(frame.crop(0, 0, 0, 1), Err(ImageError::Empty));
    let nested = part.crop(1, 1, 1, 1).unwrap();
    let value = nested.shrink(1, Ink::Bright, &mut pixels).unwrap().pixels()[0];
    assert_eq!(value, 15 / 2);
}

/// Enlarges both axes to the common multiple, then averages whole blocks.
fn shrink_by_enlarging(width: usize, height: usize, gray: &[u8], side: usize) -> Vec<i8> {
    let mut pixels = Vec::new();
    for i in 0..side {
        for j in 0..side {
            let mut sum = 0;
            for y in i * height..(i + 1) * height {
                for x in j * width..(j + 1) * width {
                    sum += u64::from(gray[y / side * width + x / side]);
                }
            }
            let area = (width * height) as u64;
            let mean = (sum + area / 2) / area;
            pixels.push(((255 - mean) >> 1) as i8);
        }
    }
    pixels
}

#[test]
fn shrinking_is_exact_area_averaging() {
    let mut random = Random(5);
    for (width, height, side) in [(105, 105, 32), (20, 33, 8), (8, 8, 8), (5, 3, 12), (64, 1, 9)] {
        let gray = random.bytes(width * height);
        let mut pixels = vec![0; side * side];
        let frame = Frame::new(width, height, &gray).unwrap();
        let image = frame.shrink(side, Ink::Dark, &mut pixels).unwrap();
        let expected = shrink_by_enlarging(width, height, &gray, side);
        assert_eq!(image.pixels(), expected, "{width} x {height} to {side}");
    }
}

#[test]
fn the_greatest_frame_does_not_overflow() {
    const SIDE: usize = arc_runtime::MAX_FRAME_SIDE;
    for (width, height) in [(SIDE, 3), (3, SIDE)] {
        let gray = vec![255; width * height];
        let mut pixels = [0; 128 * 128];
        let frame = Frame::new(width, height, &gray).unwrap();
        let image = frame.shrink(128, Ink::Bright, &mut pixels).unwrap();
        assert!(image.pixels().iter().all(|&pixel| pixel == 127));
    }
}
