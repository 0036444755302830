//! How long something takes: instructions in QEMU, clock cycles on a real core.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;

const TICKS: u32 = 1 << 24;

static TURNS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    TURNS.store(TURNS.load(Relaxed) + 1, Relaxed);
}

/// SysTick, counting the core's clock down from 2^24 and over again.
pub struct Counter(SYST);

impl Counter {
    /// Lets the timer run.
    pub fn new(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(TICKS - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        Self(timer)
    }

    /// What `work` returns, after telling how long it took.
    pub fn time<T>(&mut self, what: &str, work: impl FnOnce() -> T) -> T {
        let start = self.ticks();
        let result = work();
        tell(what, self.ticks() - start);
        result
    }

    /// Ticks so far, read in one turn.
    fn ticks(&mut self) -> u64 {
        loop {
            let turns = TURNS.load(Relaxed);
            let current = SYST::get_current();
            if !self.0.has_wrapped() && turns == TURNS.load(Relaxed) {
                return u64::from(turns) * u64::from(TICKS) + u64::from(TICKS - 1 - current);
            }
        }
    }
}

#[cfg(rtt)]
fn tell(what: &str, ticks: u64) {
    defmt::info!("{=str} took {=u64} cycles", what, ticks);
}

/// To the standard error: the host, whose log is compared with this one's, has another number.
#[cfg(not(rtt))]
fn tell(what: &str, ticks: u64) {
    /// Of an instruction: `-icount shift=7` in run-qemu.sh says so.
    const NANOSECONDS: u64 = 128;
    const HERTZ: u64 = match env!("BOARD").as_bytes() {
        b"mps3-an547" => 32_000_000,
        _ => 25_000_000,
    };
    semihosting::eprintln!(
        "{what} took {} instructions",
        ticks * 1_000_000_000 / HERTZ / NANOSECONDS
    );
}
