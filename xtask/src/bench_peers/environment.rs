//! What the peers need: Python packages in an environment of their own, and the program with the Rust ones.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::folders::{make, programs};
use crate::{paths, process};

/// A download that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The programs that answer.
pub struct Environment {
    python: PathBuf,
    rust: PathBuf,
}

impl Environment {
    /// Installs and builds what is lacking.
    ///
    /// # Errors
    ///
    /// If packages can't be fetched in time, or the build fails.
    pub fn ensure() -> Result<Self> {
        Ok(Self { python: python()?, rust: rust()? })
    }

    /// A command of the program with the Rust peers.
    pub fn rust(&self) -> Command {
        one_thread(Command::new(&self.rust))
    }

    /// A command of the script for ONNX.
    pub fn onnx(&self) -> Command {
        let mut command = one_thread(Command::new(&self.python));
        command.arg(programs().join("onnx_peer.py"));
        command
    }
}

/// Whatever library an engine brings along takes one thread.
fn one_thread(mut command: Command) -> Command {
    for name in ["OMP", "MKL", "OPENBLAS", "RAYON"] {
        command.env(format!("{name}_NUM_THREADS"), "1");
    }
    command
}

/// The Python of an environment in the cache, made anew when the required packages change.
fn python() -> Result<PathBuf> {
    let requirements = programs().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("reading {}", requirements.display()))?;
    let folder = paths::cache()?.join("peers");
    let (venv, installed) = (folder.join("venv"), folder.join("installed.txt"));
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    make(&folder)?;
    let host = if cfg!(windows) { "python" } else { "python3" };
    let mut create = Command::new(host);
    process::run(create.args(["-m", "venv", "--clear"]).arg(&venv))
        .context("Python 3.11 or later with its venv module is needed")?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--requirement"]);
    run_within(PATIENCE, install.arg(&requirements)).with_context(|| {
        format!(
            "pip could not install what {} lists (about 100 MB) in {}; it needs the network, or a \
             mirror that pip is configured for",
            requirements.display(),
            venv.display()
        )
    })?;
    fs::write(&installed, wanted).with_context(|| format!("writing {}", installed.display()))?;
    Ok(python)
}

/// Builds the Rust peers beside our own programs.
fn rust() -> Result<PathBuf> {
    let target = paths::target()?;
    let mut build = process::cargo();
    build.args(["build", "--release", "--locked", "--manifest-path"]);
    build.arg(programs().join("Cargo.toml")).arg("--target-dir").arg(&target);
    process::run(&mut build)?;
    Ok(target.join("release/bench-peers"))
}

/// Runs a command, and ends it after the time.
fn run_within(time: Duration, command: &mut Command) -> Result<()> {
    let line = process::show(command);
    eprintln!("$ {line}");
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let start = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{line}` failed ({status})"),
            None if start.elapsed() > time => {
                child.kill()?;
                child.wait()?;
                bail!("`{line}` was given up after {} s", time.as_secs());
            }
            None => sleep(Duration::from_millis(100)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let start = Instant::now();
        let error = run_within(Duration::from_millis(200), Command::new("sleep").arg("60"));
        assert!(error.unwrap_err().to_string().contains("given up"));
        assert!(start.elapsed() < Duration::from_secs(30));
        run_within(PATIENCE, Command::new("sleep").arg("0")).unwrap();
    }
}
