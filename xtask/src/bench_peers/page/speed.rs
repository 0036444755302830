//! What `arc-trainer bench` says: of the machine's own choice, of more threads, of other kernels.

use arc_runtime::kernels::Host;

use super::measured::{BATCHES, Measured};
use super::thousands::thousands;
use crate::bench_peers::speed::Speed;
use crate::results::markdown::Table;

/// One thread, the machine's own choice of kernels.
pub fn alone(measured: &Measured) -> String {
    let peak = measured.alone().map(|speed| speed.peak_gmacs).fold(0.0, f64::max);
    let mut table = Table::new(&[
        "network",
        "pairs/s, batch 1",
        "20",
        "256",
        "identify 20-way/s",
        "MACs a pair",
        "share of the peak",
        "weights, KB",
        "read at, GB/s",
    ]);
    for speed in measured.alone() {
        let mut row = vec![speed.network.to_owned()];
        row.extend(BATCHES.map(|batch| thousands(speed.pairs(batch))));
        row.push(thousands(speed.identify20_per_s));
        row.push(thousands(speed.macs_per_pair as f64));
        row.push(format!("{:.1} %", 100.0 * speed.share_of_peak));
        row.push(thousands(speed.weight_bytes as f64 / 1e3));
        row.push(thousands(speed.read_gbytes_per_s));
        table.row(row);
    }
    format!(
        "`arc-trainer bench`, one thread. This machine multiplies and adds at most {peak:.0} billion 8-bit numbers a second \
        on one thread; the share is what the fastest batch makes of that, with everything that is no matrix product in \
        it. The last columns are the packed weights, and how fast memory of that size is read over and over: to the end and \
        back to the start, so that what the caches still hold comes first.\n\n{table}"
    )
}

/// From one thread to all.
pub fn threads(measured: &Measured) -> String {
    let mut table = Table::new(&[
        "network",
        "threads",
        "pairs/s, batch 256",
        "of linear",
        "identify 20-way/s",
        "of linear",
        "peak, billion MACs/s",
        "of linear",
    ]);
    for one in measured.alone() {
        let same = |speed: &&Speed| speed.network == one.network && speed.backend == one.backend;
        for speed in measured.speeds.iter().filter(same) {
            let mut row = vec![speed.network.to_owned(), speed.threads.to_string()];
            let numbers: [fn(&Speed) -> f64; 3] =
                [|s| s.pairs(256), |s| s.identify20_per_s, |s| s.peak_gmacs];
            for number in numbers {
                let linear = speed.threads as f64 * number(one);
                row.push(thousands(number(speed)));
                row.push(format!("{:.0} %", 100.0 * number(speed) / linear));
            }
            table.row(row);
        }
    }
    format!(
        "`arc-trainer bench --threads T`: every thread has pairs of its own. *Of linear* is the rate beside T times that of one \
        thread. The peak is bare multiplications in registers, which share nothing: what they lose, the cores do not \
        give.\n\n{table}"
    )
}

/// Every set of kernels, one thread.
pub fn kernels(measured: &Measured) -> String {
    let mut table = Table::new(&[
        "network",
        "kernels",
        "pairs/s, batch 1",
        "20",
        "256",
        "identify 20-way/s",
        "peak, billion MACs/s",
    ]);
    for network in measured.networks.iter().filter(|network| network.every_set) {
        let of_it = |speed: &&Speed| speed.network == network.name && speed.threads == 1;
        for speed in measured.speeds.iter().filter(of_it) {
            let mut row = vec![speed.network.to_owned(), speed.backend.clone()];
            row.extend(BATCHES.map(|batch| thousands(speed.pairs(batch))));
            row.push(thousands(speed.identify20_per_s));
            row.push(thousands(speed.peak_gmacs));
            table.row(row);
        }
    }
    let found = |name: &&str| Host::available().any(|set| set.name() == *name);
    let lacking: Vec<_> = Host::NAMES.iter().copied().filter(|name| !found(name)).collect();
    let lacking = match lacking.as_slice() {
        [] => String::new(),
        names => format!(" Not on this processor, and not measured: {}.", names.join(", ")),
    };
    format!(
        "What to expect of a processor with less: `ARC_KERNELS=NAME arc-trainer bench`, one thread. All give the same bits. The \
        peak is that of each set's own instructions.{lacking}\n\n{table}"
    )
}
