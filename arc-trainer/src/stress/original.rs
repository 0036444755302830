//! The pictures as they are before any change.

use arc_runtime::Ink;

use crate::data::{Drawing, Picture};

/// Most pixels of a side. Larger pictures, such as a telephone's, would take minutes and gigabytes, and show no more.
const LARGEST_SIDE: usize = 1024;

/// A picture as the drawing that changes are made on: at its own resolution, but for those over `LARGEST_SIDE`.
pub fn original(picture: Picture) -> Drawing {
    Drawing::of(no_larger_than(picture, LARGEST_SIDE), Ink::Dark)
}

/// The picture itself, or the means of its blocks of so many pixels that no side is longer.
fn no_larger_than(picture: Picture, largest: usize) -> Picture {
    let (width, height) = (usize::from(picture.width), usize::from(picture.height));
    let block = width.max(height).div_ceil(largest);
    if block == 1 {
        return picture;
    }
    let mean = |left: usize, top: usize| {
        let rows = picture.gray.chunks_exact(width).skip(top).take(block);
        let row = |row: &[u8]| -> (usize, usize) {
            let part = &row[left..width.min(left + block)];
            (part.len(), part.iter().map(|&gray| usize::from(gray)).sum())
        };
        let add = |(count, sum), (more, gray)| (count + more, sum + gray);
        let (count, sum): (usize, usize) = rows.map(row).fold((0, 0), add);
        ((sum + count / 2) / count) as u8
    };
    let tops = (0..height).step_by(block);
    let gray = tops.flat_map(|top| (0..width).step_by(block).map(move |left| (left, top)));
    let gray = gray.map(|(left, top)| mean(left, top)).collect();
    let [width, height] = [width, height].map(|side| side.div_ceil(block) as u16);
    Picture { width, height, gray }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pictures_are_averaged_and_others_are_left_alone() {
        let picture = Picture { width: 5, height: 3, gray: (0..15).map(|k| 10 * k).collect() };
        assert_eq!(no_larger_than(picture.clone(), 5), picture);
        let half = no_larger_than(picture, 4);
        // The last column and row are of blocks that are cut off.
        let expected = Picture { width: 3, height: 2, gray: vec![30, 50, 65, 105, 125, 140] };
        assert_eq!(half, expected);
    }

    #[test]
    fn the_drawing_shows_the_picture() {
        let picture = Picture { width: 2, height: 1, gray: vec![10, 200] };
        assert_eq!(original(picture.clone()).picture(), picture);
    }
}
