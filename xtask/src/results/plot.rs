//! `docs/results.svg`: accuracy against the size of the file and the number of glimpses.

use std::error::Error;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::measure::{Glimpses, Measured, Results, System};
use super::published::BY_GLIMPSES;
use crate::trainer::Evaluation;

/// Both panels in pixels.
const SIZE: (u32, u32) = (960, 360);
/// Of text and marks: these read on white and on GitHub's dark ground alike.
const INK: RGBColor = RGBColor(110, 118, 129);
const LAKE: RGBColor = RGBColor(31, 119, 180);
const WITHIN: RGBColor = RGBColor(214, 111, 15);
const VERIFY: RGBColor = RGBColor(44, 150, 70);

/// What a line is called, its color and its points.
type Line<'a> = (&'a str, RGBColor, Vec<(f64, f64)>);

/// The plot as SVG, on a transparent ground.
///
/// # Errors
///
/// If the plot can't be laid out.
pub fn plot(results: &Results) -> Result<String> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    let panels = [Some(sizes(&results.systems)), results.glimpses.as_ref().map(|g| glimpses(&g.1))];
    for (area, panel) in root.split_evenly((1, 2)).iter().zip(panels) {
        if let Some(panel) = panel {
            panel.draw(area).map_err(|error| anyhow!("the plot: {error}"))?;
        }
    }
    drop(root);
    Ok(svg)
}

/// Accuracy in integers against the logarithm of the file's size, to base 2, of the models that
/// answer all questions.
fn sizes(systems: &[System]) -> Panel<'_> {
    let systems = || systems.iter().filter(|system| system.integer.verify.is_some());
    let size = |measured: &Measured| (measured.inspection.file_bytes as f64 / 1e3).log2();
    let points = |of: fn(&Measured) -> Option<Evaluation>| -> Vec<(f64, f64)> {
        let measured = systems().map(|system| &system.integer);
        measured.filter_map(|m| Some((size(m), 100.0 * of(m)?.accuracy))).collect()
    };
    let name = |system: &'_ System| {
        let within = 100.0 * system.integer.within?.accuracy;
        let name = system.name.strip_prefix("omniglot-").unwrap_or(&system.name);
        Some((name.to_owned(), (size(&system.integer), within)))
    };
    Panel {
        title: "Accuracy (%) by size of the file (KB), i8",
        ticks: |x| format!("{:.0}", x.exp2()),
        joined: false,
        names: systems().filter_map(name).collect(),
        lines: vec![
            ("lake", LAKE, points(|measured| measured.lake)),
            ("within", WITHIN, points(|measured| measured.within)),
            ("verify", VERIFY, points(|measured| measured.verify)),
        ],
    }
}

/// Accuracy against glimpses, with the paper's verification.
fn glimpses(counted: &[Glimpses]) -> Panel<'static> {
    let points = |of: fn(&Glimpses) -> Option<Evaluation>| -> Vec<(f64, f64)> {
        counted.iter().filter_map(|g| Some((g.per_image as f64, 100.0 * of(g)?.accuracy))).collect()
    };
    let paper = BY_GLIMPSES.map(|(count, accuracy)| (count as f64, 100.0 * accuracy));
    Panel {
        title: "Accuracy (%) by glimpses of each image",
        ticks: |x| format!("{x:.0}"),
        joined: true,
        names: Vec::new(),
        lines: vec![
            ("within", WITHIN, points(|g| g.within)),
            ("verify", VERIFY, points(|g| g.verify)),
            ("verify, paper's ARC", INK, paper.to_vec()),
        ],
    }
}

/// One of the two diagrams.
struct Panel<'a> {
    title: &'a str,
    /// Writes a whole number of the horizontal axis.
    ticks: fn(f64) -> String,
    /// Whether a line joins the points of a color.
    joined: bool,
    /// What is written under which points.
    names: Vec<(String, (f64, f64))>,
    lines: Vec<Line<'a>>,
}

impl Panel<'_> {
    fn draw(
        &self,
        area: &DrawingArea<SVGBackend<'_>, Shift>,
    ) -> std::result::Result<(), Box<dyn Error + Send + Sync>> {
        let points = || self.lines.iter().flat_map(|line| &line.2);
        let least = points().map(|point| point.0).fold(f64::INFINITY, f64::min).floor();
        let most = points().map(|point| point.0).fold(least + 1.0, f64::max).ceil();
        let floor = points().map(|point| point.1).fold(95.0, f64::min);
        let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, text(16))
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(40)
            .build_cartesian_2d(
                least - 0.2..most + 0.2,
                ((floor - 2.0) / 5.0).floor() * 5.0..100.0,
            )?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(INK.mix(0.25))
            .axis_style(INK)
            .label_style(text(13))
            .x_labels((most - least) as usize + 1)
            .x_label_formatter(&|x| (self.ticks)(*x))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()?;
        for (name, color, points) in &self.lines {
            let joined = points.iter().copied().filter(|_| self.joined);
            let line = LineSeries::new(joined, color.stroke_width(2));
            chart
                .draw_series(line)?
                .label(*name)
                .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
            chart.draw_series(points.iter().map(|&at| Circle::new(at, 3, color.filled())))?;
        }
        let style = text(13).pos(Pos::new(HPos::Center, VPos::Top));
        chart.draw_series(self.names.iter().map(|(name, at)| {
            EmptyElement::at(*at) + Text::new(name.clone(), (0, 6), style.clone())
        }))?;
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(text(13))
            .draw()?;
        Ok(())
    }
}
