//! RAM in place of a flash chip: neither a reset nor the start of the program touches it.

use core::hint;
use core::mem::MaybeUninit;

use cortex_m::Peripherals;
use firmware_example::enroll::nor::{PAGE_BYTES, SimulatedNor, WORD_BYTES};

const PAGES: usize = 4;
/// What tells content from RAM that was never written to.
const MARK: [u32; 2] = [0x0F1A_5CED, 0xC0FF_EE42];

#[repr(C)]
struct Chip {
    mark: [u32; 2],
    words: [u32; PAGES * PAGE_BYTES / WORD_BYTES],
}

#[expect(unsafe_code)]
// SAFETY: nothing initializes this section, which MaybeUninit allows.
#[unsafe(link_section = ".uninit.chip")]
static mut CHIP: MaybeUninit<Chip> = MaybeUninit::uninit();

/// The chip's content: as the last run left it, or erased, as a new chip is. The peripherals, which
/// exist once, show that it is not lent twice.
#[expect(unsafe_code)]
pub fn content(_: Peripherals) -> &'static mut [u32] {
    let chip = &raw mut CHIP;
    // SAFETY: this is the only use of the static, and it happens once.
    let chip = unsafe { &mut *chip };
    // SAFETY: RAM holds something, and any bits are numbers; the compiler does not get to see that
    // this program never wrote them.
    let chip = unsafe { hint::black_box(chip).assume_init_mut() };
    if chip.mark != MARK {
        SimulatedNor::erase_all(&mut chip.words);
        chip.mark = MARK;
    }
    &mut chip.words
}
