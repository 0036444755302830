//! The self-test of `src/bin/selftest.rs` on the host; prints what the firmware logs.

use arc_runtime::kernels::Scalar;

fn main() {
    for golden in &arc_golden::GOLDEN {
        let same = arc_golden::reproduce(golden, Scalar).expect("as recorded");
        let (name, pairs, steps) = (golden.name, same.pairs, same.steps);
        println!("{name}: {pairs} pairs, {steps} steps, every number as recorded");
    }
    for golden in &arc_golden::GALLERIES {
        let same = arc_golden::identify(golden, Scalar).expect("as recorded");
        let (name, probes, supports) = (golden.name, same.probes, same.supports);
        println!("{name}: {probes} probes among {supports} supports, every rating as recorded");
    }
}
