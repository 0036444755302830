//! Compares frames of a camera with each other, enrolls three, and identifies a fourth.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use defmt::info;
use firmware_example::board;
use firmware_example::camera::{Camera, Enrolled, Finding, SEEN, Verdict, Workspace};

#[entry]
fn main() -> ! {
    static mut WORKSPACE: Workspace = Workspace::new();
    static mut ENROLLED: Enrolled = Enrolled::new();
    let mut camera = Camera::new(WORKSPACE, ENROLLED);
    for seen in 0..SEEN.len() {
        let Verdict { score, same } = camera.compare(seen);
        info!("frame {=usize}: {}, the same {=bool}", seen, score, same);
        camera.enroll(seen);
    }
    let Finding { label, score, accepted } = camera.identify();
    info!("most like frame {=u8}: {}, accepted {=bool}", label, score, accepted);
    board::exit(0)
}
