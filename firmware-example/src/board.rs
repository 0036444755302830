//! What every program asks of its board: a log, an end, and what to do in a panic.

use core::panic::PanicInfo;

use cortex_m as _; // the critical section
#[cfg(all(feature = "log", rtt))]
use defmt_rtt as _;
#[cfg(all(feature = "log", not(rtt)))]
use defmt_semihosting as _;
use semihosting::process;

/// Ends the program: QEMU and `probe-rs run` exit with this code.
///
/// It is a request to the debugger: without one the core stops here.
pub fn exit(code: i32) -> ! {
    #[cfg(feature = "log")]
    defmt::flush();
    process::exit(code)
}

/// Logs the panic and ends the program with the exit code of a panic on the host.
#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    #[cfg(feature = "log")]
    defmt::error!("{}", defmt::Display2Format(_info));
    exit(101)
}

/// The second-stage boot loader, for the flash of a Pico.
// SAFETY: boards/rp2040.x has a section of this name and length where the boot ROM looks for it.
#[cfg(boot2)]
#[allow(unsafe_code)]
#[used]
#[unsafe(link_section = ".boot2")]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;
