//! An alphabet: a style of its own, and characters made in it.

use std::f32::consts::{PI, TAU};

use glam::Vec2;
use rand::{Rng, seq::IndexedRandom};

use super::{
    glyph::{Glyph, Joint, bounds},
    noise::normal,
    raster::Bitmap,
    stroke::{Piece, Stroke},
};

/// Overlap (intersection over union of thickly drawn shapes) above which two characters are taken
/// for the same.
const TOO_ALIKE: f32 = 0.62;
/// New attempts at a character that looks like one the alphabet has already.
const ATTEMPTS: usize = 40;

/// What the characters of an alphabet have in common.
struct Style {
    /// Chance that a piece of a stroke is straight.
    straight: f32,
    /// Typical turns of the curved pieces, in radians.
    turns: [f32; 3],
    /// Typical corners, in radians.
    corners: [f32; 2],
    /// Chance that a turn is to the right.
    right: f32,
    /// Chance that a stroke goes on with another piece.
    go_on: f32,
    /// Chance that a character goes on with another stroke.
    more: f32,
    /// Chance that such a stroke is a dot.
    dots: f32,
    /// Chance that it touches an earlier stroke.
    touch: f32,
    /// Chance that it repeats the stroke before it, side by side.
    echo: f32,
    /// Angle by which its verticals lean.
    lean: f32,
    /// Factor on the width of its characters.
    stretch: f32,
    /// Strokes that its characters share.
    motifs: Vec<Stroke>,
}

/// Draws the characters of a new alphabet, each unlike the others.
pub fn alphabet(characters: usize, rng: &mut impl Rng) -> Vec<Glyph> {
    let style = Style::new(rng);
    let mut glyphs = Vec::with_capacity(characters);
    let mut shapes: Vec<Bitmap> = Vec::with_capacity(characters);
    while glyphs.len() < characters {
        // The last attempt is taken as it is, so that an alphabet of any size comes to an end.
        for attempt in 1..=ATTEMPTS {
            let glyph = style.glyph(rng);
            let paths = glyph.paths(0.0, rng);
            let shape = shape(&paths);
            let is_new = shapes.iter().all(|other| shape.overlap(other) < TOO_ALIKE);
            if (is_new && is_legible(&paths)) || attempt == ATTEMPTS {
                glyphs.push(glyph);
                shapes.push(shape);
                break;
            }
        }
    }
    glyphs
}

/// The character in thick lines, in which small differences do not count.
fn shape(paths: &[Vec<Vec2>]) -> Bitmap {
    const SIDE: u16 = 32;
    let mut bitmap = Bitmap::new(SIDE);
    for path in paths {
        let path: Vec<Vec2> = path.iter().map(|p| *p * f32::from(SIDE)).collect();
        bitmap.draw(&path, 2.0);
    }
    bitmap
}

/// Whether a character is about as wide as high, and neither a mere dash nor a tangle.
fn is_legible(paths: &[Vec<Vec2>]) -> bool {
    let (low, high) = bounds(paths);
    let (longer, shorter) = ((high - low).max_element(), (high - low).min_element());
    let length: f32 =
        paths.iter().flat_map(|path| path.windows(2)).map(|p| p[0].distance(p[1])).sum();
    shorter > 0.4 * longer && (1.4..4.5).contains(&(length / longer))
}

impl Style {
    fn new(rng: &mut impl Rng) -> Self {
        let mut style = Self {
            straight: rng.random_range(0.05..0.8),
            turns: [
                rng.random_range(0.5..1.6),
                rng.random_range(1.6..3.6),
                rng.random_range(3.6..6.6),
            ],
            corners: [rng.random_range(1.3..1.8), rng.random_range(0.6..2.6)],
            right: rng.random_range(0.2..0.8),
            go_on: rng.random_range(0.2..0.55),
            more: rng.random_range(0.45..0.8),
            dots: if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.05..0.3) },
            touch: rng.random_range(0.5..1.0),
            echo: if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.05..0.3) },
            lean: 0.1 * normal(rng),
            stretch: rng.random_range(0.75..1.3),
            motifs: Vec::new(),
        };
        let motifs = rng.random_range(4..9);
        style.motifs = (0..motifs).map(|_| style.stroke(rng)).collect();
        style
    }

    /// A new stroke.
    fn stroke(&self, rng: &mut impl Rng) -> Stroke {
        // Most scripts set out along the axes, some along a diagonal.
        let eighths = *[0, 2, 2, 2, 0, 1, 3].choose(rng).expect("not empty");
        let mut pieces = vec![self.piece(rng)];
        while pieces.len() < 4 && rng.random_bool(self.go_on.into()) {
            let corner = if rng.random_bool(0.5) { self.corner(rng) } else { 0.0 };
            pieces.push(Piece { corner, ..self.piece(rng) });
        }
        Stroke { heading: eighths as f32 * TAU / 8.0 + self.lean, pieces }
    }

    fn piece(&self, rng: &mut impl Rng) -> Piece {
        let straight = rng.random_bool(self.straight.into());
        let size = rng.random_range(0.35..0.9);
        let turn = if straight {
            0.0
        } else {
            self.side(rng) * *self.turns.choose(rng).expect("not empty")
        };
        // An arc is as long as its chord asks for: the more it turns, the more line it takes.
        let length = size * (1.0 + turn.abs() / PI * 0.6);
        Piece { corner: 0.0, turn, length }
    }

    fn corner(&self, rng: &mut impl Rng) -> f32 {
        self.side(rng) * *self.corners.choose(rng).expect("not empty")
    }

    /// Right or left.
    fn side(&self, rng: &mut impl Rng) -> f32 {
        if rng.random_bool(self.right.into()) { 1.0 } else { -1.0 }
    }

    /// A new character.
    fn glyph(&self, rng: &mut impl Rng) -> Glyph {
        let mut strokes = vec![(self.motif(rng), Joint::default())];
        while strokes.len() < 4 && rng.random_bool(self.more.into()) {
            let next = if rng.random_bool(self.echo.into()) {
                self.echo(&strokes, rng)
            } else {
                self.another(strokes.len(), rng)
            };
            strokes.push(next);
        }
        Glyph { strokes, size: rng.random_range(0.5..0.75), stretch: self.stretch }
    }

    /// The last stroke again, beside itself.
    fn echo(&self, strokes: &[(Stroke, Joint)], rng: &mut impl Rng) -> (Stroke, Joint) {
        let onto = strokes.len() - 1;
        let stroke = strokes[onto].0.clone();
        let aside = Vec2::from_angle(stroke.heading).perp() * self.side(rng);
        (stroke, Joint { onto, at: 0.0, by: 0.0, gap: aside * rng.random_range(0.2..0.4) })
    }

    /// A stroke that touches one of the `earlier` ones or lies beside it, or a dot.
    fn another(&self, earlier: usize, rng: &mut impl Rng) -> (Stroke, Joint) {
        let end = |rng: &mut _| *[0.0, 0.0, 0.5, 1.0, 1.0].choose(rng).expect("not empty");
        let onto = rng.random_range(0..earlier);
        let mut joint = Joint { onto, at: end(rng), by: end(rng), gap: Vec2::ZERO };
        let dot = rng.random_bool(self.dots.into());
        if dot || !rng.random_bool(self.touch.into()) {
            let angle = rng.random_range(0..8) as f32 * TAU / 8.0;
            joint.gap = Vec2::from_angle(angle) * rng.random_range(0.15..0.4);
            joint.by = 0.5;
        }
        (if dot { self.dot() } else { self.motif(rng) }, joint)
    }

    /// Mostly one of the alphabet's own strokes, posed and sized anew; sometimes a new one.
    fn motif(&self, rng: &mut impl Rng) -> Stroke {
        let stroke = match self.motifs.choose(rng) {
            Some(motif) if rng.random_bool(0.75) => motif.clone(),
            _ => self.stroke(rng),
        };
        let quarters = *[0, 0, 0, 1, 2, 3].choose(rng).expect("not empty");
        stroke.posed(rng.random_bool(0.3), quarters).scaled(rng.random_range(0.6..1.1))
    }

    fn dot(&self) -> Stroke {
        let piece = Piece { corner: 0.0, turn: 0.0, length: 0.04 };
        Stroke { heading: PI / 4.0, pieces: vec![piece] }
    }
}
