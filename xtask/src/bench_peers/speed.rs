//! The runtime by itself, as `arc-trainer bench` measures it: on more threads, and with every set of kernels.

use std::collections::BTreeMap;
use std::iter::successors;
use std::path::PathBuf;
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use arc_runtime::kernels::Host;
use serde::Deserialize;

use super::measure::median;
use super::work::Work;
use crate::trainer::{self, Trainer};

/// Times that every setting has its turn.
const ROUNDS: usize = 3;

/// A network that is measured by itself.
pub struct Network {
    /// What it is called in the tables.
    pub name: &'static str,
    /// The model file.
    pub model: PathBuf,
    /// What it computes.
    pub work: Work,
    /// Whether other kernels than the fastest are measured, too.
    pub every_set: bool,
}

impl Network {
    /// The network in a model file.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn new(name: &'static str, model: PathBuf, every_set: bool) -> Result<Self> {
        Ok(Self { name, work: Work::of(&model)?, model, every_set })
    }
}

/// What `arc-trainer bench` says of a network in one setting.
#[derive(Debug, Clone, Deserialize)]
pub struct Speed {
    /// The network's name.
    #[serde(skip)]
    pub network: &'static str,
    /// The set of kernels.
    pub backend: String,
    /// Threads.
    pub threads: usize,
    /// Pairs per second by the batch.
    pub pairs_per_s: BTreeMap<usize, f64>,
    /// 20-way identifications per second, the probe's stem included.
    pub identify20_per_s: f64,
    /// Multiply-accumulates of a pair.
    pub macs_per_pair: u64,
    /// Bytes of the packed weights.
    pub weight_bytes: u64,
    /// Billions of bytes a second that are read of memory as large as the weights.
    pub read_gbytes_per_s: f64,
    /// Billions a second that these threads of this machine can do.
    pub peak_gmacs: f64,
    /// The part of them that is used.
    pub share_of_peak: f64,
}

impl Speed {
    /// Pairs per second in a batch; 0 for one that was not measured.
    pub fn pairs(&self, batch: usize) -> f64 {
        self.pairs_per_s.get(&batch).copied().unwrap_or(0.0)
    }
}

/// Measures every network with the kernels of this machine's choice, from one thread to all, and on one
/// thread with its other kernels. All settings take turns; medians.
///
/// # Errors
///
/// If the verb fails.
pub fn measure(trainer: &Trainer, networks: &[Network]) -> Result<Vec<Speed>> {
    let settings = settings(networks)?;
    let mut rounds = vec![Vec::new(); settings.len()];
    for round in 1..=ROUNDS {
        eprintln!("timing {} settings, round {round} of {ROUNDS}", settings.len());
        for ((network, kernels, threads), speeds) in settings.iter().zip(&mut rounds) {
            let mut bench = trainer.verb("bench");
            bench.arg(&network.model).args(["--threads", &threads.to_string()]);
            let speed: Speed = trainer::json(bench.env(arc_runtime::kernels::VARIABLE, kernels))?;
            speeds.push(Speed { network: network.name, ..speed });
        }
    }
    Ok(rounds.iter().map(|speeds| middle(speeds)).collect())
}

/// The name of the kernels that this machine takes unless it is told otherwise.
///
/// # Errors
///
/// If the environment asks for kernels that it has not.
pub fn kernels() -> Result<&'static str> {
    Ok(Host::choose()?.name())
}

/// 1, 2, 4 and so on, and all that this machine runs at once.
pub fn threads() -> Result<Vec<usize>> {
    let all = available_parallelism().context("asking for the number of cores")?.get();
    let doubled = successors(Some(1), |threads| Some(2 * threads));
    Ok(doubled.take_while(|&threads| threads < all).chain([all]).collect())
}

/// Each network with the kernels and threads that it is measured with.
fn settings(networks: &[Network]) -> Result<Vec<(&Network, &'static str, usize)>> {
    let (chosen, threads) = (kernels()?, threads()?);
    let mut settings = Vec::new();
    for network in networks {
        settings.extend(threads.iter().map(|&threads| (network, chosen, threads)));
        let others = Host::available().map(|set| set.name()).filter(|&name| name != chosen);
        settings.extend(others.filter(|_| network.every_set).map(|name| (network, name, 1)));
    }
    Ok(settings)
}

/// The median of every number of the same setting.
fn middle(speeds: &[Speed]) -> Speed {
    let of = |number: &dyn Fn(&Speed) -> f64| median(speeds.iter().map(number).collect());
    let first = &speeds[0];
    Speed {
        pairs_per_s: first.pairs_per_s.keys().map(|&b| (b, of(&|s| s.pairs(b)))).collect(),
        identify20_per_s: of(&|s| s.identify20_per_s),
        read_gbytes_per_s: of(&|s| s.read_gbytes_per_s),
        peak_gmacs: of(&|s| s.peak_gmacs),
        share_of_peak: of(&|s| s.share_of_peak),
        ..first.clone()
    }
}
