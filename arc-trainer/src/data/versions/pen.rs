//! Strokes drawn again with another pen.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::plane::Plane;

/// Draws the strokes of a picture, dark on bright, again with a pen of `width` pixels, whose pressure varies.
pub fn redraw(plane: &Plane, width: f32, rng: &mut ChaCha8Rng) -> Plane {
    let middle = middle_lines(plane);
    let distances = distances(&middle, plane.width, width.ceil() as usize / 2 + 2);
    // The width swells and shrinks by up to a fifth, slowly along the page.
    let [a, b, phase] = [0; 3].map(|_| rng.random_range(0.0..std::f32::consts::TAU));
    let swell = rng.random_range(0.0..0.2f32);
    let mut drawn = plane.clone();
    let longer = plane.width.max(plane.height) as f32;
    drawn.each_at(|x, y, _| {
        let pressure = 1.0 + swell * ((a * x + b * y) / longer + phase).sin();
        let distance = distances[y as usize * plane.width + x as usize];
        255.0 * (1.0 - (pressure * width / 2.0 + 0.5 - distance).clamp(0.0, 1.0))
    });
    drawn
}

/// The middle lines of what is darker than middle gray, thinned by the algorithm of Guo and Hall (1989): a pixel at a
/// time is taken from the rims, as long as nothing falls apart.
fn middle_lines(plane: &Plane) -> Vec<bool> {
    let (width, height) = (plane.width, plane.height);
    // Rows and columns of paper around, so that each pixel has eight neighbors.
    let wide = width + 2;
    let mut ink = vec![false; wide * (height + 2)];
    for y in 0..height {
        for x in 0..width {
            ink[(y + 1) * wide + x + 1] = plane.gray[y * width + x] < 128.0;
        }
    }
    loop {
        let mut changed = false;
        for pass in 0..2 {
            let rim: Vec<usize> = (wide..ink.len() - wide)
                .filter(|&k| ink[k] && is_rim(&ink, k, wide, pass))
                .collect();
            changed |= !rim.is_empty();
            rim.into_iter().for_each(|k| ink[k] = false);
        }
        if !changed {
            break;
        }
    }
    (0..width * height).map(|k| ink[(k / width + 1) * wide + k % width + 1]).collect()
}

/// Whether a pixel may be taken in one of the two passes.
fn is_rim(ink: &[bool], k: usize, wide: usize, pass: usize) -> bool {
    let [n, ne, e, se] = [k - wide, k - wide + 1, k + 1, k + wide + 1].map(|k| ink[k]);
    let [s, sw, w, nw] = [k + wide, k + wide - 1, k - 1, k - wide - 1].map(|k| ink[k]);
    let count = |bits: [bool; 4]| bits.into_iter().filter(|&bit| bit).count();
    let crossings = count([!n && (ne || e), !e && (se || s), !s && (sw || w), !w && (nw || n)]);
    let neighbors = count([nw || n, ne || e, se || s, sw || w]).min(count([
        n || ne,
        e || se,
        s || sw,
        w || nw,
    ]));
    let keep = if pass == 0 { (s || sw || !nw) && w } else { (n || ne || !se) && e };
    crossings == 1 && (2..=3).contains(&neighbors) && !keep
}

/// The distance of each pixel to the next line, as far as `reach`; more than any pen beyond.
fn distances(lines: &[bool], width: usize, reach: usize) -> Vec<f32> {
    let height = lines.len() / width;
    let mut squares = vec![u32::MAX; lines.len()];
    for k in (0..lines.len()).filter(|&k| lines[k]) {
        let (x, y) = (k % width, k / width);
        for v in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for u in x.saturating_sub(reach)..(x + reach + 1).min(width) {
                let square = (u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2)) as u32;
                let nearest = &mut squares[v * width + u];
                *nearest = square.min(*nearest);
            }
        }
    }
    squares.into_iter().map(|square| (square as f32).sqrt()).collect()
}
