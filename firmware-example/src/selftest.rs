//! Every kernel, every shipped model and every golden vector: does this core compute the bits that the host does?

use arc_golden::buffers::Fences;
use arc_golden::shipped::{self, Shipped, TINY};
use arc_golden::{Difference, GALLERIES, GOLDEN, Golden, prepared, sizes, suite};
use arc_runtime::{feature_bytes, workspace_words};

use crate::Native;

/// Something that is as it should be.
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    /// The kernels or the model.
    pub name: &'static str,
    /// How many of its numbers were compared.
    pub count: usize,
    /// What they are, and what they agree with.
    pub what: &'static str,
}

/// The first thing that differs.
#[derive(Debug, Clone, Copy)]
pub struct Failed {
    /// The kernels or the model.
    pub name: &'static str,
    /// What differs.
    pub what: &'static str,
}

/// All of it, but for [`golden`] on a board that has no flash for that beside the models.
///
/// # Errors
/// The first difference.
pub fn all(mut passed: impl FnMut(Passed)) -> Result<(), Failed> {
    passed(kernels()?);
    passed(sizes()?);
    passed(frames()?);
    shipped_models(&mut passed)?;
    if cfg!(not(golden_apart)) {
        golden(passed)?;
    }
    Ok(())
}

/// The kernels of the core against the scalar ones.
#[inline(never)]
fn kernels() -> Result<Passed, Failed> {
    let name = "kernels";
    let count = suite::run(Native).map_err(|what| Failed { name, what })?;
    Ok(Passed { name, count, what: "operations as by the scalar kernels" })
}

/// The kernels of the core with wrong sizes.
#[inline(never)]
fn sizes() -> Result<Passed, Failed> {
    let name = "sizes";
    let count = sizes::run::<Fences>(&Native).map_err(|what| Failed { name, what })?;
    Ok(Passed { name, count, what: "calls, right and wrong, within their buffers" })
}

/// The preparation of frames before the network.
#[inline(never)]
fn frames() -> Result<Passed, Failed> {
    let name = "frames";
    let count = prepared::run().map_err(|what| Failed { name, what })?;
    Ok(Passed { name, count, what: "images as recorded" })
}

fn shipped_models(mut passed: impl FnMut(Passed)) -> Result<(), Failed> {
    const PAIR: usize = workspace_words(TINY.model);
    let mut each = |golden: &Golden, same: Result<Shipped, Difference>| {
        let name = golden.name;
        let Shipped { steps, ranked } = same.map_err(|found| Failed { name, what: found.what })?;
        passed(Passed { name, count: steps, what: "steps as recorded" });
        if ranked > 0 {
            passed(Passed { name, count: ranked, what: "ranks as recorded" });
        }
        Ok(())
    };
    each(&TINY, shipped::shipped::<PAIR, { feature_bytes(TINY.model) }, 0>(&TINY, Native))?;
    #[cfg(not(tiny_only))]
    {
        use arc_golden::shipped::{SMALL, SUPPORTS};
        use arc_runtime::identify_words;
        const WORDS: usize = identify_words(SMALL.model, SUPPORTS);
        const FEATURES: usize = feature_bytes(SMALL.model);
        each(&SMALL, shipped::shipped::<WORDS, FEATURES, SUPPORTS>(&SMALL, Native))?;
    }
    Ok(())
}

/// The golden vectors of the small models that tests are made with.
///
/// # Errors
/// The first difference.
pub fn golden(mut passed: impl FnMut(Passed)) -> Result<(), Failed> {
    let failed = |name| move |found: Difference| Failed { name, what: found.what };
    for golden in &GOLDEN {
        let name = golden.name;
        let same = arc_golden::reproduce(golden, Native).map_err(failed(name))?;
        passed(Passed { name, count: same.steps, what: "steps as recorded" });
    }
    for golden in &GALLERIES {
        let name = golden.name;
        let same = arc_golden::identify(golden, Native).map_err(failed(name))?;
        passed(Passed { name, count: same.supports, what: "ratings as recorded" });
    }
    Ok(())
}
