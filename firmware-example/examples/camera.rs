//! The frames of `src/bin/camera.rs` on the host; prints what the firmware logs.

use firmware_example::camera::{Camera, Enrolled, Finding, SEEN, Verdict, Workspace};

fn main() {
    let (mut workspace, mut enrolled) = (Workspace::new(), Enrolled::new());
    let mut camera = Camera::new(&mut workspace, &mut enrolled);
    for seen in 0..SEEN.len() {
        let Verdict { score, same } = camera.compare(seen);
        println!("frame {seen}: {score:?}, the same {same}");
        camera.enroll(seen);
    }
    let Finding { label, score, accepted } = camera.identify();
    println!("most like frame {label}: {score:?}, accepted {accepted}");
}
