//! How a run went: loss, accuracies and learning rate over its steps.

use maud::{Markup, html};

use super::chart::{Chart, Line};
use crate::config::{Config, Recipe};
use crate::run::metrics::Line as Metric;

/// The charts of a run.
pub fn curves(config: &Config, lines: &[Metric]) -> Markup {
    let (mut loss, mut training, mut rate, mut validation) = (vec![], vec![], vec![], vec![]);
    for line in lines {
        let step = line.step() as f64;
        match *line {
            Metric::Train { loss: l, accuracy, rate: r, .. } => {
                loss.push((step, l));
                training.push((step, 100.0 * accuracy));
                rate.push((step, 1e3 * r));
            }
            Metric::Validation { accuracy, .. } => validation.push((step, 100.0 * accuracy)),
        }
    }
    let steps = lines.iter().map(Metric::step).max().unwrap_or(0) as f64;
    let training_title = match config.training.recipe {
        Recipe::Episodes { way, .. } => format!("Training accuracy: which of {way}?"),
        Recipe::Pairs { .. } => "Training accuracy: same or different?".into(),
    };
    let floor = |points: &[(f64, f64)]| {
        // The least but one: the first value, from untrained weights, would flatten the rest.
        let least = points.iter().skip(1).map(|p| p.1).fold(100.0, f64::min);
        (least / 10.0).floor() * 10.0
    };
    let percent = |v: f64| if v == v.round() { format!("{v:.0} %") } else { format!("{v:.1} %") };
    let charts = [
        Chart {
            title: "Loss (cross-entropy, nats)",
            points: loss,
            steps,
            line: Line::Smoothed,
            range: [0.0, 0.0],
            format: |v| if v == v.round() { format!("{v:.0}") } else { format!("{v:.2}") },
        },
        Chart {
            title: "Validation accuracy: one-shot, on held-out alphabets",
            range: [floor(&validation), 100.0],
            points: validation,
            steps,
            line: Line::Marked,
            format: percent,
        },
        Chart {
            title: &training_title,
            points: training,
            steps,
            line: Line::Smoothed,
            range: [0.0, 100.0],
            format: percent,
        },
        Chart {
            title: "Learning rate (thousandths)",
            points: rate,
            steps,
            line: Line::Plain,
            range: [0.0, 0.0],
            format: |v| format!("{v:.2}"),
        },
    ];
    html! {
        div.charts { @for chart in charts.iter().filter(|chart| !chart.points.is_empty()) { (chart.draw()) } }
    }
}
