//! Published results on Omniglot, to stand beside ours: fractions of decisions.
//!
//! 20-way one-shot on the 20 runs: people and Bayesian Program Learning from Lake,
//! Salakhutdinov and Tenenbaum (Science, 2015), the others from Shyam, Gupta and Dukkipati
//! (ICML, 2017), as are the verification results and those by number of glimpses.

/// A published system.
pub struct Published {
    /// Its name.
    pub name: &'static str,
    /// 20-way one-shot on the 20 runs.
    pub lake: Option<f64>,
    /// Same or different.
    pub verify: Option<f64>,
}

/// All that are compared with.
pub const PUBLISHED: [Published; 5] = [
    Published { name: "people", lake: Some(0.955), verify: None },
    Published { name: "Bayesian Program Learning", lake: Some(0.967), verify: None },
    Published { name: "paper's ARC, naive", lake: Some(0.9175), verify: Some(0.9331) },
    Published { name: "paper's ConvARC, naive", lake: Some(0.9775), verify: Some(0.9610) },
    Published { name: "paper's ConvARC, full context", lake: Some(0.985), verify: None },
];

/// Verification of the paper's ARC by number of glimpses of each image.
pub const BY_GLIMPSES: [(u64, f64); 5] =
    [(1, 0.582), (2, 0.650), (4, 0.808), (6, 0.8925), (8, 0.9208)];
