//! Arm's CMSDK APB UART, polled, as the MPS2 and MPS3 boards have it.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use volatile_register::RW;

/// UART 0 of the board.
const ADDRESS: usize = match env!("BOARD").as_bytes() {
    b"mps3-an547" => 0x5930_3000,
    _ => 0x4000_4000,
};
const TRANSMIT_FULL: u32 = 1 << 0;
const RECEIVE_FULL: u32 = 1 << 1;
const ENABLE_BOTH: u32 = 0b11;
/// 25 MHz through this is 115,200 baud.
const DIVISOR: u32 = 217;

#[repr(C)]
struct Registers {
    data: RW<u32>,
    state: RW<u32>,
    control: RW<u32>,
    interrupts: RW<u32>,
    divisor: RW<u32>,
}

/// The serial port.
pub struct Uart(&'static Registers);

#[expect(unsafe_code)]
impl Uart {
    /// Sets it up.
    pub fn new() -> Self {
        // SAFETY: the board has these registers at this address, and this driver alone uses them.
        let registers = unsafe { &*(ADDRESS as *const Registers) };
        // SAFETY: the speed and the two enable bits are all that the registers are for.
        unsafe {
            registers.divisor.write(DIVISOR);
            registers.control.write(ENABLE_BOTH);
        }
        Self(registers)
    }

    fn put(&mut self, byte: u8) {
        while self.0.state.read() & TRANSMIT_FULL != 0 {}
        // SAFETY: a byte written here is sent.
        unsafe { self.0.data.write(byte.into()) };
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let Some(byte) = bytes.first_mut() else { return Ok(0) };
        while self.0.state.read() & RECEIVE_FULL == 0 {}
        *byte = self.0.data.read() as u8;
        Ok(1)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        bytes.iter().for_each(|&byte| self.put(byte));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while self.0.state.read() & TRANSMIT_FULL != 0 {}
        Ok(())
    }
}
