//! One comparison in pictures: both images, and over them what each glimpse covers.

use arc_runtime::Role;
use maud::{Markup, html};

use super::numbers::percent;
use super::picture::data_uri;
use super::trace::{Glimpse, Trace};
use crate::data::Drawing;

/// Side of a picture in its own coordinates.
const SIDE: f64 = 320.0;

/// A comparison to be shown.
pub struct Pair<'a> {
    /// Its number on the page, for the names of its pictures.
    pub number: usize,
    /// The image seen first.
    pub probe: &'a Drawing,
    /// The image that it is compared with.
    pub support: &'a Drawing,
    /// Whether both are of one class.
    pub same: bool,
    /// What happened.
    pub trace: Trace,
}

impl Pair<'_> {
    /// The pair as a card: verdict, then a row for each image.
    pub fn draw(&self) -> Markup {
        let probability = *self.trace.after.last().expect("at least one glimpse");
        // A logit of 0 is a probability of one half and counts as "same".
        let said_same = probability >= 0.5;
        let right = said_same == self.same;
        let certainty = if said_same { probability } else { 1.0 - probability };
        html! {
            article.pair.wrong[!right] {
                header {
                    h3 { @if self.same { "Same class" } @else { "Different classes" } }
                    p.verdict {
                        span.sign { @if right { "✓" } @else { "✗" } }
                        " The model says " strong { @if said_same { "same" } @else { "different" } }
                        ", " (percent(certainty)) " sure"
                    }
                }
                (self.row(Role::Probe))
                (self.row(Role::Support))
            }
        }
    }

    fn row(&self, role: Role) -> Markup {
        let (name, drawing) = match role {
            Role::Probe => ("Probe", self.probe),
            Role::Support => ("Support", self.support),
        };
        let id = format!("{}-{}", name.to_lowercase(), self.number);
        let glimpses: Vec<&Glimpse> =
            self.trace.glimpses.iter().filter(|glimpse| glimpse.role == role).collect();
        html! {
            div.row {
                figure.whole {
                    svg viewBox=(view_box()) role="img" aria-label=(format!("{name} with its glimpses")) {
                        image id=(id) width=(SIDE) height=(SIDE) href=(data_uri(drawing)) {}
                        @for (k, glimpse) in glimpses.iter().enumerate() { g.(step(k)) { (extent(glimpse)) } }
                        @for (k, ends) in glimpses.windows(2).enumerate() {
                            line.path.(step(k + 1)) x1=(at(ends[0].x)) y1=(at(ends[0].y))
                                x2=(at(ends[1].x)) y2=(at(ends[1].y)) {}
                        }
                        @for (k, glimpse) in glimpses.iter().enumerate() { g.(step(k)) { (badge(glimpse, k + 1)) } }
                    }
                    figcaption { (name) }
                }
                ol.strip {
                    @for (k, glimpse) in glimpses.iter().enumerate() {
                        li.(step(k)) {
                            span.order { (k + 1) }
                            svg.where viewBox=(view_box()) aria-hidden="true" {
                                use href=(format!("#{id}")) {}
                                (extent(glimpse))
                                (samples(glimpse))
                            }
                            (seen(glimpse))
                            @if role == Role::Support { (score(self.trace.after[k])) }
                        }
                    }
                }
            }
        }
    }
}

/// The class that gives a step its color.
pub fn step(k: usize) -> String {
    format!("s{k}")
}

fn view_box() -> String {
    format!("0 0 {SIDE} {SIDE}")
}

fn at(fraction: f64) -> String {
    format!("{:.1}", fraction * SIDE)
}

fn grid_side(glimpse: &Glimpse) -> usize {
    glimpse.seen.len().isqrt()
}

/// The box that a glimpse covers: a spacing around each sample.
fn extent(glimpse: &Glimpse) -> Markup {
    let side = (glimpse.spacing * grid_side(glimpse) as f64).max(0.02);
    html! {
        rect.extent x=(at(glimpse.x - side / 2.0)) y=(at(glimpse.y - side / 2.0))
            width=(at(side)) height=(at(side)) rx="4" {}
    }
}

/// The points where a glimpse samples the image.
fn samples(glimpse: &Glimpse) -> Markup {
    let n = grid_side(glimpse);
    let offset = |k: usize| glimpse.spacing * (k as f64 - (n as f64 - 1.0) / 2.0);
    html! {
        @for row in 0..n { @for column in 0..n {
            circle.sample cx=(at(glimpse.x + offset(column))) cy=(at(glimpse.y + offset(row))) r="9" {}
        } }
    }
}

fn badge(glimpse: &Glimpse, number: usize) -> Markup {
    html! {
        circle.badge cx=(at(glimpse.x)) cy=(at(glimpse.y)) r="10" {}
        text.badge x=(at(glimpse.x)) y=(at(glimpse.y + 0.0135)) text-anchor="middle" { (number) }
    }
}

/// What a glimpse brought the controller.
fn seen(glimpse: &Glimpse) -> Markup {
    let n = grid_side(glimpse);
    html! {
        svg.seen viewBox=(format!("0 0 {n} {n}")) aria-hidden="true" {
            rect.paper width=(n) height=(n) {}
            @for (k, brightness) in glimpse.seen.iter().enumerate() {
                rect.cell x=(k % n) y=(k / n) width="1" height="1" fill-opacity=(format!("{brightness:.2}")) {}
            }
        }
    }
}

/// The probability of "same" as a bar.
fn score(probability: f64) -> Markup {
    html! {
        span.score.same[probability >= 0.5] title="probability of “same” after these glimpses" {
            (bar(probability))
            (percent(probability))
        }
    }
}

/// A horizontal bar from 0 to 1.
pub fn bar(fraction: f64) -> Markup {
    html! {
        svg.bar viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="6" {}
            rect.value width=(format!("{:.1}", 100.0 * fraction)) height="6" {}
            line.half x1="50" x2="50" y1="0" y2="6" {}
        }
    }
}
