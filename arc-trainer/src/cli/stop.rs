//! Requests to stop: Ctrl-C, and the system's.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The first SIGINT, SIGTERM or SIGHUP, to be answered when there is time; a second one ends the
/// process at once.
pub struct Stop {
    asked: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// Listens from here on. A signal that the process was started to ignore stays ignored: SIGHUP
    /// under `nohup`, SIGINT in the background of a script.
    ///
    /// # Errors
    /// If the system does not let signals be caught.
    pub fn listen() -> Result<Self> {
        let stop = Self { asked: Arc::default(), signal: Arc::default() };
        for signal in [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal)) {
            // They run in this order: the first asks and names itself before it is seen to ask.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop.asked))
                .and_then(|_| {
                    flag::register_usize(signal, Arc::clone(&stop.signal), signal as usize)
                })
                .and_then(|_| flag::register(signal, Arc::clone(&stop.asked)))
                .context("can't catch Ctrl-C")?;
        }
        Ok(stop)
    }

    /// Set once a signal has come.
    pub fn asked(&self) -> &AtomicBool {
        &self.asked
    }

    /// What the process ends with after its signal: 128 and the signal's number, as shells have it.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(128 + self.signal.load(Ordering::Relaxed) as u8)
    }
}

/// Whether this process ignores a signal; only Linux says so without unsafe code.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or_default() >> (signal - 1) & 1 == 1
}
