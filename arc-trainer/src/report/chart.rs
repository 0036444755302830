//! A small line chart in SVG. Colors and fonts come from the page's style sheet.

use std::fmt::Write;

use maud::{Markup, html};

use super::numbers::grouped;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 250.0;
/// Left edge of the plot, right of the ticks' labels.
const LEFT: f64 = 52.0;
/// Right edge of the plot; the label of the last value stands beyond it.
const RIGHT: f64 = WIDTH - 62.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 40.0;

/// A series of (step, value) over the steps of a run.
pub struct Chart<'a> {
    /// What is shown, the unit included.
    pub title: &'a str,
    /// The values, by rising step.
    pub points: Vec<(f64, f64)>,
    /// Last step of the axis.
    pub steps: f64,
    /// How the line is drawn.
    pub line: Line,
    /// Least and greatest value that the axis shows whatever the values.
    pub range: [f64; 2],
    /// Writes a value with its unit.
    pub format: fn(f64) -> String,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// As it is.
    Plain,
    /// Smoothed, with the values themselves faintly behind it.
    Smoothed,
    /// With a mark for each value, and the greatest one named.
    Marked,
}

impl Chart<'_> {
    /// The chart as a figure; nothing if there are no values.
    pub fn draw(&self) -> Markup {
        let values = self.points.iter().map(|p| p.1);
        let low = values.clone().fold(self.range[0], f64::min);
        let high = values.fold(self.range[1], f64::max);
        let y_ticks = ticks(low, high, 5);
        let (low, high) = (low.min(y_ticks[0]), high.max(*y_ticks.last().expect("never empty")));
        let x = |step: f64| LEFT + (RIGHT - LEFT) * step / self.steps.max(1.0);
        let y = |value: f64| BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low);
        let place = |&(step, value): &(f64, f64)| (x(step), y(value));

        let smooth = smoothed(&self.points);
        let line = if self.line == Line::Smoothed { &smooth } else { &self.points };
        let named = match self.line {
            Line::Marked => line.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }),
            _ => line.last().copied(),
        };
        html! {
            figure.chart {
                figcaption { (self.title) }
                svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(self.title) {
                    @for tick in &y_ticks {
                        line.grid x1=(LEFT) x2=(RIGHT) y1=(fixed(y(*tick))) y2=(fixed(y(*tick))) {}
                        text.tick x=(LEFT - 8.0) y=(fixed(y(*tick) + 4.0)) text-anchor="end" {
                            ((self.format)(*tick))
                        }
                    }
                    @for tick in ticks(0.0, self.steps, 5).iter().filter(|t| **t <= self.steps) {
                        line.axis x1=(fixed(x(*tick))) x2=(fixed(x(*tick))) y1=(BOTTOM) y2=(BOTTOM + 5.0) {}
                        text.tick x=(fixed(x(*tick))) y=(BOTTOM + 19.0) text-anchor="middle" {
                            (grouped(*tick))
                        }
                    }
                    line.axis x1=(LEFT) x2=(RIGHT) y1=(BOTTOM) y2=(BOTTOM) {}
                    text.tick x=(RIGHT) y=(HEIGHT - 4.0) text-anchor="end" { "training steps" }
                    @if self.line == Line::Smoothed { path.raw d=(path(&self.points, place)) {} }
                    path.line d=(path(line, place)) {}
                    @if self.line == Line::Marked {
                        @for (x, y) in line.iter().map(place) {
                            circle.mark cx=(fixed(x)) cy=(fixed(y)) r="3" {}
                        }
                    }
                    @if let Some(point) = named {
                        @let (x, y) = place(&point);
                        circle.named cx=(fixed(x)) cy=(fixed(y)) r="4" {}
                        @if self.line == Line::Marked {
                            // A maximum has room above it.
                            text.named x=(fixed(x.max(LEFT + 30.0))) y=(fixed((y - 10.0).max(TOP - 2.0))) text-anchor="middle" {
                                "best " ((self.format)(point.1))
                            }
                        } @else {
                            text.named x=(fixed(x + 9.0)) y=(fixed(y + 4.0)) { ((self.format)(point.1)) }
                        }
                    }
                }
            }
        }
    }
}

/// Round numbers from at most `low` to at least `high`, about `count` steps of 1, 2 or 5 times a
/// power of ten.
fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let rough = span / count as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|k| k * power).into_iter().find(|s| *s >= 0.999 * rough);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) =
        ((low / step + 1e-9).floor() as i64, (low.max(low + span) / step - 1e-9).ceil() as i64);
    (first..=last).map(|k| k as f64 * step).collect()
}

/// Means over windows centerd on each point, a fortieth of the points to each side.
fn smoothed(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let reach = points.len() / 40;
    let window = |k: usize| {
        // As far to one side as to the other, so that the ends are not dragged.
        let reach = reach.min(k).min(points.len() - 1 - k);
        &points[k - reach..=k + reach]
    };
    let mean = |k: usize| window(k).iter().map(|p| p.1).sum::<f64>() / window(k).len() as f64;
    points.iter().enumerate().map(|(k, &(step, _))| (step, mean(k))).collect()
}

fn path(points: &[(f64, f64)], place: impl Fn(&(f64, f64)) -> (f64, f64)) -> String {
    let mut path = String::new();
    for (k, (x, y)) in points.iter().map(place).enumerate() {
        let command = if k == 0 { 'M' } else { 'L' };
        write!(path, "{command}{x:.1} {y:.1}").expect("writing to memory");
    }
    path
}

fn fixed(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        assert_eq!(ticks(0.0, 100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 4.4, 4), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(ticks(3.0, 3.0, 2), [3.0, 3.5, 4.0]);
    }

    #[test]
    fn smoothing_keeps_lines_and_ends() {
        let line: Vec<_> = (0..200).map(|k| (f64::from(k), 3.0 * f64::from(k))).collect();
        for (smooth, point) in smoothed(&line).iter().zip(&line) {
            assert!((smooth.1 - point.1).abs() < 1e-9);
        }
    }
}
