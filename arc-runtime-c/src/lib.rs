#![doc = include_str!("../README.md")]
#![no_std]

// In the order of the header, which is made of them.
mod model;

mod comparator;

mod image;

mod prepare;

mod compare;

mod identify;

mod decision;

mod status;

mod memory;

pub use comparator::{
    ARC_COMPARATOR_POINTERS, Comparator, arc_comparator_init, arc_limit_glimpses,
};
pub use compare::{
    Role, Step, Trace, arc_compare, arc_compare_features, arc_compare_traced, arc_extract,
};
pub use decision::{arc_accepts, arc_probability};
pub use identify::{ARC_NO_PAIR, Match, arc_identify, arc_identify_features};
pub use image::{
    Frame, Image, Ink, Rect, arc_image_from_bits, arc_image_from_frame, arc_image_from_gray,
};
pub use model::{Sizes, arc_identify_bytes, arc_model_sizes};
pub use prepare::arc_image_prepare;
pub use status::{Status, arc_error_text};

// Where there is an operating system, panics are the standard library's business.
#[cfg(not(target_os = "none"))]
extern crate std;

/// A panic on bare metal, where none is known of.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    abort()
}

/// C's way to stop. On bare metal a program without a C library defines `abort` itself.
fn abort() -> ! {
    #[cfg(not(target_os = "none"))]
    std::process::abort();
    #[cfg(target_os = "none")]
    {
        // SAFETY: the C standard's function.
        unsafe extern "C" {
            safe fn abort() -> !;
        }
        abort()
    }
}
