//! What happens to a picture before the network gets it.

use arc_runtime::preparation::{
    Contrast, InkPreparation, PhotoPreparation, Polarity, Preparation, PrepareError,
};
use arc_runtime::{Frame, ImageError};

const SIDE: usize = 32;

const INK: Preparation =
    Preparation::Ink(InkPreparation { polarity: Polarity::Found, margin: 15, least: 16 });

/// Gray pixels of some width.
#[derive(Clone)]
struct Page {
    width: usize,
    gray: Vec<u8>,
}

impl Page {
    fn new(width: usize, height: usize, gray: impl Fn(usize, usize) -> u8) -> Self {
        let gray = (0..width * height).map(|k| gray(k % width, k / width)).collect();
        Self { width, gray }
    }

    /// The strokes of a letter, 3 pixels wide and 40 high, at a place of a white page.
    fn letter(left: usize, top: usize) -> Self {
        Self::new(110, 100, |x, y| {
            let (x, y) = (x.wrapping_sub(left), y.wrapping_sub(top));
            let stem = x < 3 && y < 40;
            let arms = x < 25 && (y < 3 || (18..21).contains(&y));
            if stem || arms { 0 } else { 255 }
        })
    }

    fn map(&self, gray: impl Fn(usize, usize, u8) -> u8) -> Self {
        let height = self.gray.len() / self.width;
        Self::new(self.width, height, |x, y| gray(x, y, self.gray[y * self.width + x]))
    }

    /// Noise of up to `range` gray levels to either side.
    fn noisy(&self, range: i32) -> Self {
        let mut state = 7u32;
        let mut noisy = self.clone();
        for gray in &mut noisy.gray {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as i32 % (2 * range + 1) - range;
            *gray = (i32::from(*gray) + noise).clamp(0, 255) as u8;
        }
        noisy
    }

    fn frame(&self) -> Frame<'_> {
        Frame::new(self.width, self.gray.len() / self.width, &self.gray).unwrap()
    }

    fn prepare(&self, preparation: &Preparation) -> Result<Vec<i8>, PrepareError> {
        let mut pixels = vec![0; SIDE * SIDE];
        preparation.prepare(&self.frame(), SIDE, &mut pixels).map(|image| image.pixels().to_vec())
    }

    fn ink(&self) -> Vec<i8> {
        self.prepare(&INK).unwrap()
    }
}

/// The mean difference of two images' pixels.
fn difference(a: &[i8], b: &[i8]) -> f64 {
    let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / a.len() as f64
}

#[test]
fn paper_and_light_leave_no_trace() {
    let clean = Page::letter(40, 30);
    let expected = clean.ink();
    assert!(expected.iter().filter(|&&pixel| pixel == 127).count() > 60);
    let changed = [
        ("gray paper", clean.map(|_, _, gray| gray / 2 + 40)),
        ("pale ink", clean.map(|_, _, gray| 150 + gray / 3)),
        ("the light falls off", clean.map(|x, _, gray| (usize::from(gray) * (60 + x) / 170) as u8)),
        ("a shadow", clean.map(|x, y, gray| if 2 * x + y < 120 { gray / 2 } else { gray })),
        ("white on black", clean.map(|_, _, gray| 255 - gray)),
        ("gray on dark gray", clean.map(|_, _, gray| 90 - gray / 4)),
        ("noise", clean.noisy(20)),
    ];
    for (name, page) in changed {
        let difference = difference(&page.ink(), &expected);
        assert!(difference < 4.0, "{name}: {difference}");
    }
}

#[test]
fn the_ink_is_cut_out_wherever_it_is() {
    let expected = Page::letter(40, 30).ink();
    for (left, top) in [(0, 0), (85, 60), (3, 59), (70, 1)] {
        let difference = difference(&Page::letter(left, top).ink(), &expected);
        assert!(difference < 8.0, "{left}, {top}: {difference}");
    }
    // On a page twice as high and wide.
    let small = Page::letter(40, 30);
    let large = Page::new(220, 200, |x, y| {
        let inside = (100..210).contains(&x) && (5..105).contains(&y);
        if inside { small.gray[(y - 5) * 110 + x - 100] } else { 255 }
    });
    assert!(difference(&large.ink(), &expected) < 6.0);
}

#[test]
fn specks_frames_and_edges_are_left_out() {
    let clean = Page::letter(40, 30);
    let expected = clean.ink();
    let changed = [
        ("specks", clean.map(|x, y, gray| if x * 7 % 23 == 3 && y % 17 == 5 { 0 } else { gray })),
        (
            "a frame",
            clean.map(|x, y, gray| {
                let edge = x.min(y).min(109 - x).min(99 - y);
                if (3..5).contains(&edge) { 0 } else { gray }
            }),
        ),
        ("the edge of the page", clean.map(|_, y, gray| if y > 95 { 20 } else { gray })),
        (
            "lines on the paper",
            clean.map(|_, y, gray| if y % 12 == 4 { gray.min(180) } else { gray }),
        ),
    ];
    for (name, page) in changed {
        let difference = difference(&page.ink(), &expected);
        assert!(difference < 6.0, "{name}: {difference}");
    }
}

#[test]
fn bars_and_boxes_that_are_all_there_is_are_kept() {
    // A division sign and an empty box, cut out as tightly as can be.
    let division = Page::new(40, 30, |x, y| {
        let dot = (17..23).contains(&x) && !(6..24).contains(&y);
        if (13..17).contains(&y) || dot { 0 } else { 255 }
    });
    let bar = &division.ink()[16 * SIDE..17 * SIDE];
    assert!(bar[4..28].iter().all(|&pixel| pixel == 127), "{bar:?}");
    let square =
        Page::new(40, 40, |x, y| if x.min(y).min(39 - x).min(39 - y) < 3 { 0 } else { 255 });
    let ink = square.ink();
    assert!(ink[16 * SIDE + 2] > 60 && ink[16 * SIDE + 16] == 0);
}

#[test]
fn where_nothing_is_drawn_nothing_is_prepared() {
    let page = |gray: fn(usize, usize) -> u8| Page::new(96, 80, gray);
    let pages = [
        ("white", page(|_, _| 255)),
        ("black", page(|_, _| 0)),
        ("nearly black", page(|_, _| 4).noisy(4)),
        ("gray paper", page(|_, _| 140).noisy(5)),
        ("light from one side", page(|x, _| 100 + x as u8).noisy(3)),
        ("noise", page(|_, _| 128).noisy(127)),
        ("more noise", page(|_, _| 160).noisy(60)),
        ("specks", page(|x, y| if (31 * x + 17 * y) % 101 == 0 { 0 } else { 255 })),
    ];
    for (name, page) in pages {
        assert_eq!(page.prepare(&INK), Err(PrepareError::Blank), "{name}");
    }
}

#[test]
fn what_is_ink_can_be_told() {
    let told = |polarity| Preparation::Ink(InkPreparation { polarity, ..Default::default() });
    let letter = Page::letter(40, 30);
    assert_eq!(letter.prepare(&told(Polarity::Dark)).unwrap(), letter.ink());
    let negative = letter.map(|_, _, gray| 255 - gray);
    assert_eq!(negative.prepare(&told(Polarity::Bright)).unwrap(), negative.ink());
    assert_ne!(negative.prepare(&told(Polarity::Dark)), Ok(negative.ink()));
}

#[test]
fn a_margin_is_left_and_a_dot_does_not_fill_the_image() {
    let wide = Preparation::Ink(InkPreparation { margin: 64, ..Default::default() });
    let rim = |ink: &[i8]| (0..SIDE).all(|k| ink[k] == 0 && ink[k * SIDE] == 0);
    let letter = Page::letter(40, 30);
    let ink = letter.prepare(&wide).unwrap();
    assert!(rim(&ink) && (0..5).all(|y| rim(&ink[y * SIDE..][..SIDE].repeat(SIDE))));
    let dot =
        Page::new(200, 200, |x, y| if x.abs_diff(90).max(y.abs_diff(70)) < 3 { 0 } else { 255 });
    let least = Preparation::Ink(InkPreparation { least: 64, ..Default::default() });
    let area =
        |preparation| dot.prepare(preparation).unwrap().iter().filter(|&&pixel| pixel > 60).count();
    let areas = [&INK, &least].map(area);
    assert!(areas[0] > 50 && (1..=9).contains(&areas[1]), "{areas:?}");
}

#[test]
fn a_part_of_a_frame_is_a_frame() {
    let inner = Page::letter(40, 30).noisy(9);
    let outer = Page::new(150, 120, |x, y| {
        if (20..130).contains(&x) && (7..107).contains(&y) {
            inner.gray[(y - 7) * 110 + x - 20]
        } else {
            (x * y) as u8
        }
    });
    let part = outer.frame().crop(20, 7, 110, 100).unwrap();
    let mut pixels = vec![0; SIDE * SIDE];
    let image = INK.prepare(&part, SIDE, &mut pixels).unwrap();
    assert_eq!(image.pixels(), inner.ink());
}

#[test]
fn frames_of_any_shape_are_taken() {
    let mut state = 1u32;
    let mut random = |most: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % most
    };
    let mut shapes =
        vec![(1, 1), (1, 65_535), (65_535, 1), (3, 3000), (700, 2), (193, 192), (385, 7)];
    shapes.extend((0..60).map(|_| (1 + random(220), 1 + random(220))));
    let mut taken = 0;
    for (k, (width, height)) in shapes.into_iter().enumerate() {
        let (a, b, c) = (random(40) + 1, random(40) + 1, random(256));
        let page = Page::new(width, height, |x, y| {
            if x / a % 3 == 0 && y / b % 4 == 0 {
                (c * (x + y) / 64) as u8
            } else {
                255 - (c / 2) as u8
            }
        });
        for side in [1, 32, 128] {
            let mut pixels = vec![-1; side * side];
            match INK.prepare(&page.frame(), side, &mut pixels) {
                Ok(image) => {
                    taken += 1;
                    assert!(image.pixels().iter().all(|&pixel| pixel >= 0), "shape {k}");
                }
                Err(error) => assert_eq!(error, PrepareError::Blank),
            }
        }
    }
    assert!(taken > 60, "{taken}");
}

#[test]
fn wrong_sides_and_buffers_are_refused() {
    let letter = Page::letter(40, 30);
    for preparation in [Preparation::None, INK, photo(Contrast::Local)] {
        for side in [0, 129] {
            let mut pixels = vec![0; 129 * 129];
            let refused = preparation.prepare(&letter.frame(), side, &mut pixels);
            assert_eq!(refused, Err(PrepareError::Side { found: side }));
        }
        let mut pixels = vec![0; SIDE * SIDE - 1];
        let refused = preparation.prepare(&letter.frame(), SIDE, &mut pixels);
        let short = ImageError::Buffer { needed: SIDE * SIDE, given: SIDE * SIDE - 1 };
        assert_eq!(refused, Err(PrepareError::Image(short)));
    }
}

fn photo(contrast: Contrast) -> Preparation {
    Preparation::Photo(PhotoPreparation { contrast })
}

#[test]
fn the_contrast_of_a_photo_is_normalized() {
    // The middle square of a wide picture: a bright disk on a dark ground.
    let disk = Page::new(96, 64, |x, y| {
        if x.abs_diff(48).pow(2) + y.abs_diff(32).pow(2) < 300 { 150 } else { 90 }
    });
    for contrast in [Contrast::Global, Contrast::Local] {
        let expected = disk.prepare(&photo(contrast)).unwrap();
        let middle = expected[16 * SIDE + 16];
        assert!(middle > 75 && expected[0] < 70, "{contrast:?}: {middle}, {}", expected[0]);
        let dark = disk.map(|_, _, gray| gray / 2);
        let pale = disk.map(|_, _, gray| 100 + gray / 2);
        for page in [dark, pale] {
            let difference = difference(&page.prepare(&photo(contrast)).unwrap(), &expected);
            assert!(difference < 2.0, "{contrast:?}: {difference}");
        }
    }
    // Light that falls off is taken out by the local one alone.
    let aslant = Page::new(64, 64, |x, y| {
        (40 + 2 * x + if (x / 8 + y / 8) % 2 == 0 { 30 } else { 0 }) as u8
    });
    let spread = |contrast| {
        let ink = aslant.prepare(&photo(contrast)).unwrap();
        let column = |x: usize| (0..SIDE).map(|y| i32::from(ink[y * SIDE + x])).sum::<i32>() / 32;
        column(28) - column(4)
    };
    let spreads = [Contrast::Global, Contrast::Local].map(spread);
    assert!(spreads[0] > 50 && spreads[1].abs() < 35, "{spreads:?}");
}

#[test]
fn the_bits_stay_as_they_are() {
    let pages = [
        Page::letter(40, 30),
        Page::letter(11, 50)
            .noisy(25)
            .map(|x, y, gray| (usize::from(gray) * (90 + x + y) / 300) as u8),
        Page::letter(60, 5).map(|x, _, gray| 255 - (usize::from(gray) * (40 + x) / 150) as u8),
        Page::new(640, 480, |x, y| {
            let ring = (x.abs_diff(400).pow(2) + y.abs_diff(200).pow(2)).abs_diff(8100) < 900;
            if ring { 60 } else { (150 + x / 10 + y / 20) as u8 }
        })
        .noisy(12),
    ];
    let mut sums = Vec::new();
    for preparation in [INK, photo(Contrast::Global), photo(Contrast::Local), Preparation::None] {
        for page in &pages {
            let pixels = page.prepare(&preparation).unwrap();
            // FNV-1a.
            sums.push(pixels.iter().fold(0x811C_9DC5u32, |sum, &pixel| {
                (sum ^ u32::from(pixel as u8)).wrapping_mul(0x0100_0193)
            }));
        }
    }
    assert_eq!(sums, SUMS, "{sums:#X?}");
}

/// Of each preparation and page.
const SUMS: [u32; 16] = [
    0xE431E0F1, 0xE431E0F1, 0xE431E0F1, 0x322A25A5, 0xFA6CA90C, 0xAB2068B7, 0x810568AC, 0xA2088FC2,
    0xF431B1C1, 0xB6A73F25, 0x7E552B1A, 0x8BEC0856, 0xF3796CA9, 0x54AD308D, 0xCF5269EE, 0xC12AEB6E,
];
