//! The learning rate over the run.

use crate::config::TrainingConfig;

/// Linear warm-up, then cosine decay from the peak to `final_rate` of it. `step` counts from 1.
pub fn learning_rate(config: &TrainingConfig, step: u64) -> f64 {
    let warm = (step as f64 / config.warmup.max(1) as f64).min(1.0);
    let done = step as f64 / config.steps.max(1) as f64;
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
    config.learning_rate * warm * (cosine * (1.0 - config.final_rate) + config.final_rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn rises_then_falls_to_the_floor() {
        let mut c = Config::parse(include_str!("../../../configs/omniglot-small.toml"), &[])
            .unwrap()
            .training;
        (c.steps, c.warmup, c.final_rate, c.learning_rate) = (1000, 100, 0.1, 2.0);
        let rates: Vec<f64> = (1..=1000).map(|s| learning_rate(&c, s)).collect();
        assert!(rates[..99].windows(2).all(|w| w[0] < w[1]));
        assert!(rates[99..].windows(2).all(|w| w[0] > w[1]));
        assert!((rates[999] - 0.2).abs() < 1e-9);
    }
}
