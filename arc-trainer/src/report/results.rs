//! How often the model is right, in integers and in floats.

use anyhow::Result;
use maud::{Markup, html};

use super::numbers::percent;
use crate::data::Dataset;
use crate::eval::{self, Backend, Plan, Report};

/// Supports of a one-shot trial, unless the alphabets are smaller.
const WAY: usize = 20;

/// The questions that a report asks.
pub struct Exam<'d> {
    /// One-shot classification within an alphabet.
    pub within: Plan<'d>,
    /// As many pairs: same or different?
    pub verify: Plan<'d>,
}

/// One backend's answers to an [`Exam`].
pub struct Answers {
    /// Scores of each trial's supports.
    pub within: Vec<Vec<f64>>,
    /// Logit of each pair.
    pub verify: Vec<Vec<f64>>,
    /// How good they are, protocol by protocol.
    pub reports: [Report; 2],
}

impl<'d> Exam<'d> {
    /// Draws `episodes` one-shot episodes, and a pair for each of their trials.
    ///
    /// # Errors
    /// If the drawings are too few to ask about.
    pub fn draw(data: &'d Dataset, episodes: usize) -> Result<Self> {
        let largest = data.groups.iter().map(|group| group.classes.len()).max();
        let way = WAY.min(largest.unwrap_or(0)).max(2);
        Ok(Self {
            within: eval::within(data, way, episodes, 0)?,
            verify: eval::verify(data, (way * episodes).next_multiple_of(2), 0)?,
        })
    }

    /// Has `backend` answer.
    pub fn put<B: Backend>(&self, backend: &B) -> Answers {
        let within = eval::rate(backend, &self.within);
        let verify = eval::rate(backend, &self.verify);
        let judge = |plan, ratings| Report::new(plan, ratings, backend.threshold());
        let reports = [judge(&self.within, &within), judge(&self.verify, &verify)];
        Answers { within: eval::scores(&within), verify: eval::scores(&verify), reports }
    }
}

/// The results of the integer model, and those of its float reference below them.
pub fn table(integer: &Answers, float: Option<&Answers>) -> Markup {
    html! {
        div.scroll {
            table.results {
                thead {
                    tr {
                        th { "Protocol" } th { "Arithmetic" } th.number { "Accuracy" }
                        th { "95 % interval" } th.number { "Right" } th.number { "Equal error rate" }
                    }
                }
                tbody {
                    @for (k, report) in integer.reports.iter().enumerate() {
                        (row(report, "integer", "i8 runtime"))
                        @if let Some(float) = float { (row(&float.reports[k], "float", "float reference")) }
                    }
                }
            }
        }
        @if let Some(float) = float { p.note { (agreement(integer, float)) } }
    }
}

fn row(report: &Report, class: &str, arithmetic: &str) -> Markup {
    let [low, high] = report.ci95.map(|x| 100.0 * x);
    let accuracy = 100.0 * report.accuracy;
    html! {
        tr.(class) {
            td { (name(report)) }
            td { (arithmetic) }
            td.number { strong { (percent(report.accuracy)) } }
            td.interval {
                svg.interval viewBox="0 0 100 12" preserveAspectRatio="none" role="img"
                    aria-label=(format!("{low:.1} to {high:.1} %")) {
                    line.track x1="0" x2="100" y1="6" y2="6" {}
                    rect.range x=(format!("{low:.2}")) y="3" height="6"
                        width=(format!("{:.2}", high - low)) {}
                    line.mean x1=(format!("{accuracy:.2}")) x2=(format!("{accuracy:.2}")) y1="0" y2="12" {}
                }
                span { (format!("{low:.1}–{high:.1}")) }
            }
            td.number { (report.correct) " of " (report.trials) }
            td.number {
                @if let Some(v) = report.verification { (percent(v.equal_error_rate)) } @else { "–" }
            }
        }
    }
}

/// What a protocol asks, in words.
pub fn name(report: &Report) -> String {
    match report.protocol {
        "within" => format!("Which of {}? One alphabet", report.way),
        _ => "Same or different?".into(),
    }
}

fn agreement(integer: &Answers, float: &Answers) -> String {
    let pairs = integer.verify.iter().zip(&float.verify);
    let agree = pairs.filter(|(i, f)| (i[0] >= 0.0) == (f[0] >= 0.0)).count();
    let total = integer.verify.len();
    format!(
        "Integer and float agree on {agree} of {total} pairs ({}).",
        percent(agree as f64 / total as f64)
    )
}
