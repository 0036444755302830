//! `arc-trainer bench`

mod rates;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::layers::Line;
use clap::Args;
use rayon::ThreadPoolBuilder;
use serde::Serialize;

use super::print;
use crate::eval::{Backend, IntegerBackend, Packing};
use crate::model_file::{AnyModel, ModelFile};
use crate::printable::printable;
use rates::Rates;

/// Measure how fast a model runs on this machine, and how near to its limit.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer bench small.arc
  arc-trainer bench small.arc --threads 4 --json")]
pub struct BenchArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Threads, each with pairs of its own
    #[arg(long, value_name = "T", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: u16,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If the file is no intact integer model that compares pairs.
pub fn run(args: BenchArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let AnyModel::Integer(model) = file.open()? else {
        bail!("{}: a float model; bench one that was exported by --quantize i8", file.shown());
    };
    ensure!(
        model.dimensions().ways == 0,
        "{}: an N-way model compares no pairs: take a model that was trained on pairs",
        file.shown()
    );
    let mut packing = Packing::default();
    let mut bench = measure(&IntegerBackend::new(&model, &mut packing)?, args.threads.into())?;
    bench.model = file.name.clone();
    print(&bench, args.json)
}

/// Measures one set of kernels.
fn measure(backend: &IntegerBackend<'_>, threads: usize) -> Result<Bench> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.with_context(|| format!("can't start {threads} threads"))?;
    let Rates { pairs, identify, peak, read } = Rates::measure(backend, &pool);
    let (model, dimensions) = (backend.model(), backend.model().dimensions());
    let macs = dimensions.comparison_macs();
    let fastest = pairs.values().copied().fold(0.0, f64::max);
    Ok(Bench {
        model: String::new(),
        backend: backend.name(),
        threads,
        lanes: Host::MAX_BATCH,
        pairs_per_s: pairs,
        identify20_per_s: identify,
        working_bytes: 4 * dimensions.batch_words(Host::MAX_BATCH),
        macs_per_pair: macs,
        weight_bytes: model.packed_lines() * size_of::<Line>(),
        read_gbytes_per_s: read / 1e9,
        peak_gmacs: peak / 1e9,
        share_of_peak: fastest * macs as f64 / peak,
    })
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Bench {
    model: String,
    /// The set of kernels.
    backend: &'static str,
    threads: usize,
    /// Most pairs of a batch.
    lanes: usize,
    /// By the number of pairs handed over at once, from their features to their scores.
    pairs_per_s: BTreeMap<usize, f64>,
    /// Probes among 20 enrolled, from the image, whose features are not known yet.
    identify20_per_s: f64,
    /// Bytes of a thread's comparator.
    working_bytes: usize,
    /// Bytes of the packed weights.
    weight_bytes: usize,
    /// Billions of bytes a second that all threads together read of memory of that size.
    read_gbytes_per_s: f64,
    /// Multiply-accumulates from the features of two images to their score.
    macs_per_pair: u64,
    /// Billions of 8-bit multiply-accumulates a second that all threads reach together.
    peak_gmacs: f64,
    /// The part of them that the fastest batch makes use of.
    share_of_peak: f64,
}

impl fmt::Display for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: kernels {}, threads {}, up to {} pairs in a batch, {} bytes of memory a thread",
            printable(&self.model),
            self.backend,
            self.threads,
            self.lanes,
            self.working_bytes
        )?;
        for (batch, rate) in &self.pairs_per_s {
            writeln!(f, "{:<24}{rate:>12.0} a second", format!("pairs, {batch} at once"))?;
        }
        writeln!(f, "{:<24}{:>12.0} a second", "identify, 20-way", self.identify20_per_s)?;
        writeln!(
            f,
            "{} bytes of packed weights, which are read at {:.1} billion bytes a second",
            self.weight_bytes, self.read_gbytes_per_s
        )?;
        write!(
            f,
            "{} MACs a pair; the fastest batch makes {:.1} % of the {:.1} billion a second that \
             this machine can",
            self.macs_per_pair,
            100.0 * self.share_of_peak,
            self.peak_gmacs
        )
    }
}
