//! Gray levels as floats, and how they are moved about.

use crate::data::Picture;

/// A picture with gray levels that are not rounded yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub gray: Vec<f32>,
}

impl Plane {
    pub fn of(picture: &Picture) -> Self {
        let gray = picture.gray.iter().map(|&gray| gray.into()).collect();
        Self { width: picture.width.into(), height: picture.height.into(), gray }
    }

    pub fn picture(&self) -> Picture {
        let gray = self.gray.iter().map(|gray| gray.round().clamp(0.0, 255.0) as u8).collect();
        Picture { width: self.width as u16, height: self.height as u16, gray }
    }

    pub fn each(&mut self, mut change: impl FnMut(f32) -> f32) {
        self.gray.iter_mut().for_each(|gray| *gray = change(*gray));
    }

    /// Changes each gray level by where it is.
    pub fn each_at(&mut self, mut change: impl FnMut(f32, f32, f32) -> f32) {
        for (y, row) in self.gray.chunks_exact_mut(self.width).enumerate() {
            for (x, gray) in row.iter_mut().enumerate() {
                *gray = change(x as f32, y as f32, *gray);
            }
        }
    }

    /// The gray level of the paper: that of most of the border.
    fn paper(&self) -> f32 {
        let (first, last) = (&self.gray[..self.width], &self.gray[self.gray.len() - self.width..]);
        let mut border: Vec<f32> = first.iter().chain(last).copied().collect();
        let middle = border.len() / 2;
        *border.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    /// Scaled by a factor, averaging what comes together.
    pub fn scaled(&self, factor: f32) -> Self {
        let length = |n: usize| ((n as f32 * factor).round() as usize).max(1);
        let (width, height) = (length(self.width), length(self.height));
        let (a, b) = (self.width as f32 / width as f32, self.height as f32 / height as f32);
        self.sampled(width, height, |x, y| ((x + 0.5) * a - 0.5, (y + 0.5) * b - 0.5), a.max(b))
    }

    /// Turned about the middle by an angle, and tilted away in a direction; both in radians, but the tilt, which is how
    /// much shorter the far side is.
    pub fn turned(&self, angle: f32, tilt: f32, toward: f32) -> Self {
        let (cx, cy) = ((self.width - 1) as f32 / 2.0, (self.height - 1) as f32 / 2.0);
        let reach = cx.max(cy).max(1.0);
        let (sin, cos) = angle.sin_cos();
        let (dy, dx) = toward.sin_cos();
        let map = |x: f32, y: f32| {
            let (x, y) = (x - cx, y - cy);
            let depth = 1.0 + tilt / 2.0 * (dx * x + dy * y) / reach;
            let (x, y) = (x * depth, y * depth);
            (cos * x - sin * y + cx, sin * x + cos * y + cy)
        };
        self.sampled(self.width, self.height, map, 1.0)
    }

    /// Sampled through a map of output to input pixels, as many samples a pixel as the `step` between pixels asks for;
    /// paper outside.
    fn sampled(
        &self,
        width: usize,
        height: usize,
        map: impl Fn(f32, f32) -> (f32, f32),
        step: f32,
    ) -> Self {
        let paper = self.paper();
        let fine = step.ceil().clamp(2.0, 4.0) as usize;
        let offset = |k: usize| (k as f32 + 0.5) / fine as f32 - 0.5;
        let mut gray = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let samples = (0..fine * fine).map(|k| {
                    let (u, v) = map(x as f32 + offset(k % fine), y as f32 + offset(k / fine));
                    self.at(u, v, paper)
                });
                gray.push(samples.sum::<f32>() / (fine * fine) as f32);
            }
        }
        Self { width, height, gray }
    }

    /// Bilinear interpolation.
    fn at(&self, x: f32, y: f32, outside: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - top);
        let pixel = |x: f32, y: f32| {
            let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
            if inside { self.gray[y as usize * self.width + x as usize] } else { outside }
        };
        let row = |y| pixel(left, y) * (1.0 - right) + pixel(left + 1.0, y) * right;
        row(top) * (1.0 - below) + row(top + 1.0) * below
    }

    /// Blurred by three running means, which is close to a Gaussian of this standard deviation.
    pub fn blurred(&self, sigma: f32) -> Self {
        let mut plane = self.clone();
        // A mean over 2 r + 1 pixels has the variance r (r + 1) / 3; a fraction of r weighs the outermost ones.
        let reach = ((1.0 + 4.0 * sigma * sigma).sqrt() - 1.0) / 2.0;
        for _ in 0..3 {
            plane = plane.averaged(reach, 1, self.width);
            plane = plane.averaged(reach, self.width, self.height);
        }
        plane
    }

    /// The mean over `reach` pixels to either side, along the lines of `length` pixels that are `stride` apart.
    fn averaged(&self, reach: f32, stride: usize, length: usize) -> Self {
        let (whole, part) = (reach as i64, reach.fract());
        let mut averaged = self.clone();
        for (k, gray) in averaged.gray.iter_mut().enumerate() {
            let at = (k / stride % length) as i64;
            let pixel = |offset: i64| {
                let to = (at + offset).clamp(0, length as i64 - 1) - at;
                self.gray[(k as i64 + to * stride as i64) as usize]
            };
            let inner: f32 = (-whole..=whole).map(pixel).sum();
            let outer = pixel(-whole - 1) + pixel(whole + 1);
            *gray = (inner + part * outer) / (2.0 * reach + 1.0);
        }
        averaged
    }
}
