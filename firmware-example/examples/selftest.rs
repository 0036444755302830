//! The self-test of `src/bin/selftest.rs` on the host; prints what the firmware logs.

use arc_runtime::kernels::Scalar;

fn main() {
    for golden in &arc_golden::GOLDEN {
        let same = arc_golden::reproduce(golden, Scalar).expect("as recorded");
        let (name, pairs, steps) = (golden.name, same.pairs, same.steps);
        println!("{name}: {pairs} pairs, {steps} steps, every number as recorded");
    }
}
