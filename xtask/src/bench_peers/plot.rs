//! `docs/speed-KERNELS.svg`: pairs per second of everyone, a group of bars for each case.

use std::error::Error;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::measure::Case;
use super::page::thousands;

/// In pixels.
const SIZE: (u32, u32) = (960, 400);
/// Of text and marks: these read on white and on GitHub's dark ground alike.
const INK: RGBColor = RGBColor(110, 118, 129);
const COLOURS: [RGBColor; 6] = [
    RGBColor(214, 111, 15),
    RGBColor(31, 119, 180),
    RGBColor(108, 174, 214),
    RGBColor(148, 103, 189),
    RGBColor(44, 150, 70),
    RGBColor(140, 120, 60),
];
/// Of the width that a case has, what its bars take.
const GROUP: f64 = 0.8;

/// The plot as SVG, on a transparent ground.
///
/// # Errors
///
/// If the plot can't be laid out.
pub fn plot(cases: &[Case]) -> Result<String> {
    let mut svg = String::new();
    draw(cases, &mut svg).map_err(|error| anyhow!("the plot: {error}"))?;
    Ok(svg)
}

fn draw(cases: &[Case], svg: &mut String) -> Result<(), Box<dyn Error + Send + Sync>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let lines = lines(cases);
    let rates = || lines.iter().flat_map(|(_, rates)| rates).copied();
    let least = 10f64.powf(rates().fold(f64::INFINITY, f64::min).log10().floor());
    // Room for the key above the bars.
    let most = 20.0 * rates().fold(least, f64::max);
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .caption("Pairs per second on one thread, by network and batch (logarithmic)", text(16))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(-0.5..cases.len() as f64 - 0.5, (least..most).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK)
        .label_style(text(13))
        .x_labels(cases.len())
        .x_label_formatter(&|x| label(cases, *x))
        .y_label_formatter(&|y| thousands(*y))
        .draw()?;
    let width = GROUP / lines.len() as f64;
    for (k, (name, rates)) in lines.iter().enumerate() {
        let color = COLOURS[k % COLOURS.len()];
        let left = |place: usize| place as f64 - GROUP / 2.0 + k as f64 * width;
        let bar = |(place, &rate): (usize, &f64)| {
            Rectangle::new([(left(place), least), (left(place) + width, rate)], color.filled())
        };
        chart
            .draw_series(rates.iter().enumerate().map(bar))?
            .label(*name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(text(13))
        .draw()?;
    Ok(())
}

/// Everyone's name and rates, ours first.
fn lines(cases: &[Case]) -> Vec<(&'static str, Vec<f64>)> {
    let ours = cases.iter().map(|case| case.ours_pairs_per_s).collect();
    let names = cases.first().map(|case| case.peers.keys().copied()).into_iter().flatten();
    let rates = |name| cases.iter().filter_map(|case| case.peers.get(name).copied()).collect();
    std::iter::once(("ours", ours)).chain(names.map(|name| (name, rates(name)))).collect()
}

/// What stands under the group at a place.
fn label(cases: &[Case], place: f64) -> String {
    let whole = (place - place.round()).abs() < 1e-6 && place > -0.5;
    let case = whole.then(|| cases.get(place.round() as usize)).flatten();
    case.map_or_else(String::new, |case| format!("{}, {}", case.controller, case.batch))
}
