//! Learns characters over a serial line, keeps them over resets, and recognizes them.
//!
//! The line and the flash are the board's: CMSDK's UART, and flash simulated in RAM that a reset
//! leaves alone. Another board brings its own of both; everything else is `firmware_example::enroll`.

#![no_std]
#![no_main]

mod chip;
mod uart;

use core::convert::Infallible;

use cortex_m::Peripherals;
use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use firmware_example::board;
use firmware_example::enroll::nor::SimulatedNor;
use firmware_example::enroll::protocol::{Refusal, Reply, Request};
use firmware_example::enroll::{Desk, Enrolled, Line, ReceiveError, Workspace};
use uart::Uart;

#[entry]
fn main() -> ! {
    static mut WORKSPACE: Workspace = Workspace::new();
    static mut GALLERY: Enrolled = Enrolled::new();

    // Only a firmware that is built wrongly ends: everything else is told over the line.
    let _ = serve(WORKSPACE, GALLERY);
    board::exit(1)
}

fn serve(workspace: &'static mut Workspace, gallery: &'static mut Enrolled) -> Option<Infallible> {
    let flash = SimulatedNor::new(chip::content(Peripherals::take()?), || SCB::sys_reset());
    let mut line = Line::new(Uart::new());
    let mut desk = Desk::open(flash, workspace, gallery).ok()?;
    line.send(&desk.ready()).ok()?;
    loop {
        let reply = match line.receive() {
            Ok(Request::CutPower { after, torn }) => {
                desk.flash().cut_after(after, torn);
                Reply::Done
            }
            Ok(Request::Decay { bit }) if desk.flash().decay(bit) => Reply::Done,
            Ok(request) => desk.handle(request),
            Err(ReceiveError::Frame) => Reply::Refused(Refusal::Frame),
        };
        line.send(&reply).ok()?;
    }
}
