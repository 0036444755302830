//! What was found, as a table or as JSON.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Change, Score};
use crate::printable::printable;

/// Columns of a bar for an accuracy of 100 %.
const BAR: f64 = 30.0;

/// A change and what it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The change.
    pub change: Change,
    /// With all images changed.
    pub both: Score,
    /// With the probes changed, and the supports as they were.
    pub probe: Score,
}

/// A model under all changes, printed as a table, or as a JSON array with a line for each change and place.
#[derive(Debug, Clone)]
pub struct Stress {
    /// The rows; the first one is without a change.
    pub rows: Vec<Row>,
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Supports that a probe is compared with.
    pub way: usize,
    /// File name of the model.
    pub model: String,
    /// File or folder name of the data.
    pub data: String,
    /// What ran it.
    pub backend: &'static str,
    /// Wall-clock time, loading not included.
    pub seconds: f64,
}

/// Which images were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Where {
    Both,
    Probe,
}

/// An object of the JSON array.
#[derive(Serialize)]
struct Line {
    change: &'static str,
    strength: String,
    r#where: Where,
    #[serde(flatten)]
    score: Score,
}

impl Row {
    /// Both scores, with where the change was made.
    fn scores(&self) -> [(Where, Score); 2] {
        [(Where::Both, self.both), (Where::Probe, self.probe)]
    }

    /// The change and its strength for a reader.
    fn label(&self) -> String {
        let Self { change, .. } = self;
        let label = format!("{} {}{}", change.name(), change.strength(), change.unit());
        label.trim_end().to_owned()
    }
}

impl Stress {
    /// The score that is worst by some measure, and its name.
    fn worst(&self, badness: impl Fn(&Score) -> f64) -> Option<(String, f64)> {
        let scores = self.rows.iter().flat_map(|row| row.scores().map(|score| (row, score)));
        // The first of equal ones: the clean pictures come first.
        let worst =
            scores.rev().max_by(|(_, (_, a)), (_, (_, b))| badness(a).total_cmp(&badness(b)));
        worst.map(|(row, (place, score))| {
            let place = match place {
                Where::Both => "all pictures",
                Where::Probe => "the probe alone",
            };
            (format!("{} on {place}", row.label()), badness(&score))
        })
    }
}

impl Serialize for Stress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().flat_map(|row| {
            row.scores().map(|(place, score)| Line {
                change: row.change.name(),
                strength: row.change.strength(),
                r#where: place,
                score,
            })
        }))
    }
}

impl fmt::Display for Stress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.rows.iter().any(|row| row.both.false_accepts.is_some());
        write!(f, "{:<16}{:>8}{:>9}", "% right", "both", "probe")?;
        if pairs {
            write!(f, "{:>16}{:>9}", "false accepts", "probe")?;
        }
        for row in &self.rows {
            let [both, probe] = [row.both, row.probe].map(|score| 100.0 * score.accuracy);
            write!(f, "\n{:<16}{both:>8.1}{probe:>9.1}", row.label())?;
            if let (Some(both), Some(probe)) = (row.both.false_accepts, row.probe.false_accepts) {
                write!(f, "{:>16.2}{:>9.2}", 100.0 * both, 100.0 * probe)?;
            }
            let bar = "█".repeat((BAR * row.both.accuracy).round() as usize);
            write!(f, "  {bar}")?;
            if row.both.refused > 0 {
                write!(f, "  refused {}", row.both.refused)?;
            }
        }
        if let Some((name, badness)) = self.worst(|score| -score.accuracy) {
            write!(f, "\nworst: {name}, {:.1} % right", -100.0 * badness)?;
        }
        if let Some((name, share)) =
            self.worst(|score| score.false_accepts.unwrap_or(0.0)).filter(|_| pairs)
        {
            write!(f, "\nmost false accepts: {name}, {:.2} %", 100.0 * share)?;
        }
        let trials = self.rows.first().map_or(0, |row| row.both.trials);
        write!(
            f,
            "\n{}, {}-way, {trials} trials each; {} on {}, {} backend, {:.0} s",
            self.protocol,
            self.way,
            printable(&self.model),
            printable(&self.data),
            self.backend,
            self.seconds
        )
    }
}
