//! What the pictures of one folder or zip may take, all together.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};

use crate::limits;

/// Counts what was decoded and what of it is held, from any thread.
#[derive(Debug)]
pub struct Budget {
    /// The folder or zip, for messages.
    source: String,
    decoded: AtomicU64,
    held: AtomicU64,
}

impl Budget {
    /// With nothing spent yet.
    pub fn new(source: String) -> Self {
        Self { source, decoded: AtomicU64::new(0), held: AtomicU64::new(0) }
    }

    /// Spends `decoded` bytes and pixels that were decoded, of which `held` bytes are kept.
    ///
    /// # Errors
    /// Names the source, the limit that is passed, and the remedy.
    pub fn spend(&self, decoded: usize, held: usize) -> Result<()> {
        let spend = |counter: &AtomicU64, count: usize| {
            counter.fetch_add(count as u64, Ordering::Relaxed) + count as u64
        };
        ensure!(
            spend(&self.decoded, decoded) <= limits::DECODING,
            "{}: its pictures are more than {} billion pixels: scale them down, or take a part of them",
            self.source,
            limits::DECODING / 1_000_000_000
        );
        ensure!(
            spend(&self.held, held) <= limits::DRAWINGS,
            "{}: its drawings take more than {} MiB at the side that the model needs: take a part of them",
            self.source,
            limits::DRAWINGS >> 20
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_may_be_spent_and_no_more() {
        let budget = Budget::new("data".into());
        budget.spend(0, limits::DRAWINGS as usize).unwrap();
        let error = budget.spend(0, 1).unwrap_err().to_string();
        assert!(error.starts_with("data: its drawings take more than 1024 MiB"), "{error}");
        let budget = Budget::new("data".into());
        budget.spend(limits::DECODING as usize, 1).unwrap();
        assert!(budget.spend(1, 0).unwrap_err().to_string().contains("scale them down"));
    }
}
