//! Differences of a stage, each compared with its bound.

/// A bound that no difference comes within this part of says nothing.
const LEAST_WORST: f64 = 0.05;
/// A stage whose mean difference is more of its mean value than this is not the same stage.
const LARGEST_MEAN: f64 = 0.05;

/// What a stage is off by.
#[derive(Debug)]
pub struct Errors {
    stage: &'static str,
    values: usize,
    difference: f64,
    magnitude: f64,
    worst: f64,
}

impl Errors {
    /// None yet.
    pub fn new(stage: &'static str) -> Self {
        Self { stage, values: 0, difference: 0.0, magnitude: 0.0, worst: 0.0 }
    }

    /// Takes up a value and the real number that it stands for.
    ///
    /// # Panics
    /// If they differ by more than `bound`.
    pub fn add(&mut self, value: f64, real: f64, bound: f64) {
        let difference = (value - real).abs();
        assert!(
            difference <= bound,
            "{}, value {}: {value} for {real} is off by {difference}, allowed is {bound}",
            self.stage,
            self.values
        );
        self.values += 1;
        self.difference += difference;
        self.magnitude += real.abs();
        self.worst = self.worst.max(difference / bound);
    }

    /// Prints the differences in sum, unless the stage is one that the network lacks.
    ///
    /// # Panics
    /// If the bound was never approached, or the differences are large beside the values: then
    /// it proved nothing.
    pub fn report(&self) {
        if self.values == 0 {
            return;
        }
        let (mean, magnitude) =
            (self.difference / self.values as f64, self.magnitude / self.values as f64);
        println!(
            "  {:8} {:9} values: {:4.2} of the bound at worst, {mean:.6} in the mean, beside {magnitude:.4}",
            self.stage, self.values, self.worst
        );
        assert!(self.worst >= LEAST_WORST, "{}: the bound is too wide to say much", self.stage);
        assert!(mean <= LARGEST_MEAN * magnitude, "{}: the bound is too wide", self.stage);
    }
}
