//! All peers on one question: that they agree, then how fast they are, in turn.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::environment::Environment;
use super::peer::Peer;
use super::subject::{Question, Subject};

/// The peers in floats have the reference's logits up to this.
pub const TOLERANCE: f64 = 1e-4;
/// How well our logits follow the reference's, at least, where there are enough of them.
pub const CORRELATION: f64 = 0.8;
/// Times that each one is measured.
const ROUNDS: usize = 9;

/// The others by name, whether they compute in floats, and how they are called.
const PEERS: [(&str, bool, Program); 4] = [
    ("PyTorch", true, Program::Rust("libtorch")),
    ("ONNX Runtime f32", true, Program::Onnx("f32")),
    ("ONNX Runtime int8", false, Program::Onnx("int8")),
    ("tract", true, Program::Rust("tract")),
];

#[derive(Clone, Copy)]
enum Program {
    Rust(&'static str),
    Onnx(&'static str),
}

/// One row of the comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// The network.
    pub controller: &'static str,
    /// Pairs at once.
    pub batch: usize,
    /// Pairs that the runtime compares in a second.
    pub ours_pairs_per_s: f64,
    /// Pairs that the others compare in a second.
    pub peers: BTreeMap<&'static str, f64>,
    /// Ours to the fastest of them.
    pub ratio: f64,
    /// What was measured.
    #[serde(skip)]
    pub question: Question,
    /// How well the logits agree.
    #[serde(skip)]
    pub agreement: Agreement,
}

/// How well the logits of a case agree with the float reference's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agreement {
    /// The greatest difference of a peer in floats.
    pub floats: f64,
    /// The greatest difference of ours.
    pub ours: f64,
    /// Correlation of ours, of as many as 20 logits.
    pub correlation: Option<f64>,
}

/// Every question of every subject.
///
/// # Errors
///
/// If a peer fails, or they do not agree.
pub fn all(environment: &Environment, subjects: &[Subject]) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for subject in subjects {
        for question in subject.questions {
            let name = format!("{}, {}", subject.controller, question.name());
            eprintln!("timing {name}");
            cases.push(case(environment, subject, *question).context(name)?);
        }
    }
    Ok(cases)
}

fn case(environment: &Environment, subject: &Subject, question: Question) -> Result<Case> {
    let start = |program| {
        let (mut command, name) = match program {
            Program::Rust(name) => (environment.rust(), name),
            Program::Onnx(name) => (environment.onnx(), name),
        };
        Peer::start(command.arg(name).arg(&subject.folder).arg(question.name()))
    };
    let mut ours = start(Program::Rust("ours"))?;
    let mut peers = Vec::new();
    for (name, floats, program) in PEERS {
        peers.push((name, floats, start(program)?, Vec::new()));
    }

    let reference = start(Program::Rust("reference"))?.logits()?;
    let mut agreement = Agreement::of_ours(&reference, &ours.logits()?)?;
    for (name, floats, peer, _) in &mut peers {
        let difference = difference(&reference, &peer.logits()?)?;
        if *floats {
            ensure!(difference <= TOLERANCE, "{name} differs by {difference}");
            agreement.floats = agreement.floats.max(difference);
        }
    }

    let mut our_rates = Vec::new();
    for _ in 0..ROUNDS {
        our_rates.push(ours.rate()?);
        for (_, _, peer, rates) in &mut peers {
            rates.push(peer.rate()?);
        }
    }
    let peers = peers.into_iter().map(|(name, _, _, rates)| (name, median(rates)));
    Ok(Case::new(subject.controller, question, median(our_rates), peers.collect(), agreement))
}

impl Case {
    /// A row with its ratio.
    pub fn new(
        controller: &'static str,
        question: Question,
        ours: f64,
        peers: BTreeMap<&'static str, f64>,
        agreement: Agreement,
    ) -> Self {
        let best = peers.values().copied().fold(0.0, f64::max);
        let (batch, ratio) = (question.batch, ours / best);
        Self { controller, batch, ours_pairs_per_s: ours, peers, ratio, question, agreement }
    }
}

impl Agreement {
    /// How well our logits follow the reference's.
    ///
    /// # Errors
    ///
    /// If they do not.
    pub fn of_ours(reference: &[f64], ours: &[f64]) -> Result<Self> {
        let correlation = (reference.len() >= 20).then(|| correlation(reference, ours));
        ensure!(
            correlation.is_none_or(|found| found >= CORRELATION),
            "the runtime's logits don't follow the reference's: correlation {correlation:?}"
        );
        Ok(Self { floats: 0.0, ours: difference(reference, ours)?, correlation })
    }
}

/// The greatest difference of two numbers at one place.
fn difference(one: &[f64], other: &[f64]) -> Result<f64> {
    ensure!(one.len() == other.len(), "{} logits, not {}", other.len(), one.len());
    Ok(one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max))
}

/// Pearson's coefficient.
pub fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(one), mean(other));
    let product = |x: &[f64], y: &[f64], (a, b): (f64, f64)| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - a) * (y - b)).sum()
    };
    product(one, other, (a, b)) / (product(one, one, (a, a)) * product(other, other, (b, b))).sqrt()
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
