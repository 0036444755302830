//! One-shot classification in pictures: a probe, and its supports from the most to the least alike.

use maud::{Markup, html};

use super::glimpses::bar;
use super::numbers::percent;
use super::picture::data_uri;
use crate::data::Drawing;

/// A one-shot trial to be shown.
pub struct Ranking<'a> {
    /// The image in question.
    pub probe: &'a Drawing,
    /// The supports with their scores and probabilities.
    pub supports: Vec<Support<'a>>,
}

/// A support of a [`Ranking`].
pub struct Support<'a> {
    /// The example.
    pub drawing: &'a Drawing,
    /// What it is ranked by.
    pub score: f64,
    /// Probability that it is of the probe's class.
    pub probability: f64,
    /// Whether it is.
    pub right: bool,
}

impl Ranking<'_> {
    /// The trial as a card; sorts the supports, the most alike first.
    pub fn draw(&mut self) -> Markup {
        self.supports.sort_by(|a, b| b.score.total_cmp(&a.score));
        let rank = self.supports.iter().position(|support| support.right).map_or(0, |k| k + 1);
        let way = self.supports.len();
        html! {
            article.ranking.wrong[rank != 1] {
                header {
                    h3 { "Which of " (way) " is it?" }
                    p.verdict {
                        span.sign { @if rank == 1 { "✓" } @else { "✗" } }
                        @if rank == 1 { " The right one comes first" }
                        @else { " The right one comes " strong { "number " (rank) } }
                    }
                }
                div.row {
                    figure.whole {
                        (picture(self.probe, "the probe"))
                        figcaption { "Probe" }
                    }
                    ol.gallery {
                        @for support in &self.supports {
                            li.right[support.right] {
                                (picture(support.drawing, if support.right { "the right support" } else { "a support" }))
                                span.score.same[support.probability >= 0.5] {
                                    (bar(support.probability))
                                    (percent(support.probability))
                                }
                                @if support.right { span.tag { "right one" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn picture(drawing: &Drawing, name: &str) -> Markup {
    html! {
        svg viewBox="0 0 320 320" role="img" aria-label=(name) {
            image width="320" height="320" href=(data_uri(drawing)) {}
        }
    }
}
