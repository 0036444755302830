//! A board in QEMU, and the host's end of its serial line.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType};
use firmware_example::enroll::Line;
use firmware_example::enroll::protocol::{Reply, Request};

/// Longer than any reply takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A board that is switched off when it is dropped.
pub struct Board {
    qemu: Child,
    line: Line<Pipe>,
}

impl Board {
    /// Starts a firmware on the board that the environment's `BOARD` names, its serial port joined to
    /// our pipes.
    pub fn start(firmware: &str) -> Self {
        let mut qemu = Command::new("qemu-system-arm");
        qemu.args(["-machine", env!("BOARD"), "-display", "none", "-monitor", "none"]);
        qemu.args(["-serial", "stdio", "-semihosting-config", "enable=on,target=native"]);
        qemu.args(["-kernel", firmware]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut qemu = qemu.spawn().expect("qemu-system-arm is installed by `cargo xtask setup`");
        let to_board = qemu.stdin.take().expect("piped");
        let mut stdout = qemu.stdout.take().expect("piped");
        let (sender, from_board) = mpsc::channel();
        thread::spawn(move || {
            let mut byte = [0];
            while stdout.read_exact(&mut byte).is_ok() && sender.send(byte[0]).is_ok() {}
        });
        Self { qemu, line: Line::new(Pipe { to_board, from_board }) }
    }

    /// Sends a request and waits for the reply.
    pub fn ask(&mut self, request: Request<'_>) -> Reply {
        self.line.send(&request).expect("QEMU is running");
        self.receive()
    }

    /// Waits for a reply.
    pub fn receive(&mut self) -> Reply {
        self.line.receive().expect("a reply in time")
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.line.bytes().to_board.write_all(bytes).expect("QEMU is running");
    }

    /// The frame of a request.
    pub fn frame(&self, request: &Request<'_>) -> Vec<u8> {
        let mut line = Line::new(Record(Vec::new()));
        line.send(request).expect("a vector takes everything");
        std::mem::take(&mut line.bytes().0)
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// The serial line of a board.
struct Pipe {
    to_board: ChildStdin,
    from_board: Receiver<u8>,
}

impl ErrorType for Pipe {
    type Error = ErrorKind;
}

impl embedded_io::Read for Pipe {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some(byte) = bytes.first_mut() else { return Ok(0) };
        *byte = self.from_board.recv_timeout(PATIENCE).map_err(|_| ErrorKind::TimedOut)?;
        Ok(1)
    }
}

impl embedded_io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.to_board.write(bytes).map_err(|_| ErrorKind::BrokenPipe)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.to_board.flush().map_err(|_| ErrorKind::BrokenPipe)
    }
}

/// Keeps what is sent.
struct Record(Vec<u8>);

impl ErrorType for Record {
    type Error = ErrorKind;
}

impl embedded_io::Read for Record {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
        Err(ErrorKind::Unsupported)
    }
}

impl embedded_io::Write for Record {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
