//! All that the page shows.

use crate::bench_peers::measure::{Case, median};
use crate::bench_peers::omniglot::Evaluation;
use crate::bench_peers::speed::{Network, Speed};

/// Batches of `arc-trainer bench`.
pub const BATCHES: [usize; 3] = [1, 20, 256];

/// All that the page shows.
pub struct Measured {
    /// Beside the others.
    pub cases: Vec<Case>,
    /// Those measured by themselves.
    pub networks: Vec<Network>,
    /// The kernels of this machine's choice.
    pub kernels: &'static str,
    /// Every network in every setting.
    pub speeds: Vec<Speed>,
    /// A whole evaluation of a network in every setting, where there are drawings.
    pub omniglot: Option<(&'static str, Vec<Evaluation>)>,
}

impl Measured {
    /// Every network on one thread with the kernels of this machine's choice.
    pub fn alone(&self) -> impl Iterator<Item = &Speed> {
        self.speeds.iter().filter(|speed| speed.threads == 1 && speed.backend == self.kernels)
    }

    /// The network of a name.
    pub fn network(&self, name: &str) -> &Network {
        let network = self.networks.iter().find(|network| network.name == name);
        network.expect("every case is of a network that is measured by itself")
    }

    /// Billions of multiply-accumulates a second that `threads` threads can do.
    pub fn peak(&self, threads: usize) -> f64 {
        let speeds =
            self.speeds.iter().filter(|s| s.threads == threads && s.backend == self.kernels);
        median(speeds.map(|speed| speed.peak_gmacs).collect())
    }
}
