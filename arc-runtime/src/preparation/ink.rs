//! Drawings, writing, symbols: takes out paper and light, and cuts out the ink.

use super::bitmap::{Bitmap, Component};
use super::cut::cut;
use super::light::Light;
use super::page::{Page, RUN};
use super::{InkPreparation, PrepareError};
use crate::image::Frame;

/// Share of the ink's full strength, Q8, from which on a place is a part of a stroke.
const STROKE: u32 = 96;

/// Share of it that a fair part of each stroke reaches, Q8; a shadow does not.
const STRONG: u32 = 160;

/// Fewest bits of a part of a drawing: a single pixel spreads over four.
const LEAST_PART: u32 = 5;

/// Where the ink of a frame is and how strong.
pub(super) struct Found<'l> {
    pub(super) light: &'l Light,
    /// The parts of the page that show ink, and those around them.
    pub(super) near: Bitmap,
    /// Pixels of the frame: first column and row, and those behind the last.
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

/// Prepares a frame: fills the pixels of a square image.
///
/// Not to be inlined: the other preparations' stack is not taken on top.
#[inline(never)]
pub(super) fn prepare(
    frame: &Frame<'_>,
    kind: &InkPreparation,
    side: usize,
    pixels: &mut [i8],
) -> Result<(), PrepareError> {
    let page = Page::new(*frame);
    let light = Light::measure(&page, kind.polarity).ok_or(PrepareError::Blank)?;
    let strokes = strokes(&page, &light).ok_or(PrepareError::Blank)?;
    let (left, top, right, bottom) = extent(&page, &light, &strokes);
    let block = page.block();
    let found = Found {
        light: &light,
        near: strokes.dilate(),
        left: left * block,
        top: top * block,
        right: right * block,
        bottom: bottom * block,
    };
    cut(&page, &found, kind, side, pixels);
    Ok(())
}

/// What a page shows that is darker than its paper.
struct Marks {
    /// At least [`STROKE`] of the ink's strength.
    all: Bitmap,
    /// At least [`STRONG`] of it.
    strong: Bitmap,
}

impl Marks {
    #[inline(never)]
    fn find(page: &Page<'_>, light: &Light) -> Self {
        let (stroke, strong) = (light.below(STROKE), light.below(STRONG));
        let mut marks = Self { all: Bitmap::EMPTY, strong: Bitmap::EMPTY };
        let mut grays = [0; RUN];
        for y in 0..page.height() {
            let (row, paper) = (page.bit(y), light.row(page, y));
            for start in (0..page.width()).step_by(RUN) {
                let grays = &mut grays[..RUN.min(page.width() - start)];
                page.read(start, y, grays);
                light.make_positive(grays);
                // Most of a page is paper, brighter than a stroke is anywhere in these columns.
                let most = (paper.most(start, start + grays.len() - 1) * stroke) >> 8;
                for (x, &mut gray) in (start..).zip(grays) {
                    let gray = u32::from(gray);
                    if gray >= most {
                        continue;
                    }
                    let paper = paper.at(x);
                    if gray < (paper * stroke) >> 8 {
                        marks.all.0[row] |= 1 << page.bit(x);
                        if gray < (paper * strong) >> 8 {
                            marks.strong.0[row] |= 1 << page.bit(x);
                        }
                    }
                }
            }
        }
        marks
    }
}

/// The marks that belong to what was drawn, and not to specks, shadows, frames or the edge of the page.
#[inline(never)]
fn strokes(page: &Page<'_>, light: &Light) -> Option<Bitmap> {
    let marks = &Marks::find(page, light);
    let size = (page.bit(page.width() - 1) + 1, page.bit(page.height() - 1) + 1);
    // The largest part's bits, and the largest one's that is no frame.
    let (mut largest, mut inner) = (0, 0);
    each_part(marks, size, &mut |part, frame| {
        largest = part.area().max(largest);
        inner = if frame { inner } else { part.area().max(inner) };
    });
    // A drawing as large as the page is no frame if there is nothing else.
    let frames = inner < 6;
    let least = (if frames { largest } else { inner } / 24).max(LEAST_PART);
    let (mut strokes, mut specks) = (Bitmap::EMPTY, 0);
    each_part(marks, size, &mut |part, frame| {
        if frame && !frames {
            return;
        }
        if part.area() < least {
            specks += part.area();
        } else {
            strokes.add(&part.bits);
        }
    });
    (strokes.count() > specks).then_some(strokes)
}

/// Shows each connected part of the marks that is no shadow, and whether it is a frame.
fn each_part(marks: &Marks, size: (usize, usize), see: &mut dyn FnMut(&Component, bool)) {
    let mut rest = marks.all;
    while let Some(part) = rest.take_component() {
        if 4 * part.bits.common(&marks.strong) >= part.area() {
            see(&part, is_frame(&part, size));
        }
    }
}

/// Whether a part of the marks runs along the page's edges: a frame around all of it, or a line along one side.
fn is_frame(part: &Component, (columns, rows): (usize, usize)) -> bool {
    // Frame and edge lie in the outer tenth of the page.
    let (x, y) = (columns / 10, rows / 10);
    let (left, right) = part.columns();
    let (top, bottom) = (part.top, part.bottom);
    let wide = left <= x && right + x + 1 >= columns;
    let high = top <= y && bottom + y + 1 >= rows;
    let line = wide && (bottom <= y || top + y + 1 >= rows)
        || high && (right <= x || left + x + 1 >= columns);
    line || wide
        && high
        && part.bits.is_empty_within(top + y + 1..bottom - y, left + x + 1..right - x)
}

/// The pixels that the strokes cover: first column and row, and those behind the last.
#[inline(never)]
fn extent(page: &Page<'_>, light: &Light, strokes: &Bitmap) -> (usize, usize, usize, usize) {
    // The gray of a single pixel is that of its neighbors, too.
    let wider = usize::from(page.block() == 1);
    let stroke = light.below(STROKE);
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    for y in 0..page.height() {
        let row = strokes.0[page.bit(y)];
        if row == 0 {
            continue;
        }
        let paper = light.row(page, y);
        let marked = |x: &usize| {
            let gray = || u32::from(light.positive(page.gray(*x, y)));
            row >> page.bit(*x) & 1 == 1 && gray() < (paper.at(*x) * stroke) >> 8
        };
        let bits = row.trailing_zeros() as usize..64 - row.leading_zeros() as usize;
        let mut columns = page.blocks(bits);
        if let Some(first) = columns.find(marked) {
            let last = columns.rfind(marked).unwrap_or(first);
            left = left.min(first);
            top = top.min(y);
            right = right.max((last + 1 + wider).min(page.width()));
            bottom = bottom.max((y + 1 + wider).min(page.height()));
        }
    }
    (left, top, right, bottom)
}
