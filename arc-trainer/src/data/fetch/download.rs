//! One download over HTTP, with progress, further attempts, and resumption.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context, Error, Result, anyhow, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use ureq::{Agent, Body, http::Response};

use crate::progress::note;

/// Attempts in all; the wait before the next doubles each time.
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// A connection that stays silent for this long is given up.
const SILENCE: Duration = Duration::from_secs(30);

const OK: u16 = 200;
const PARTIAL_CONTENT: u16 = 206;
const REQUEST_TIMEOUT: u16 = 408;
const RANGE_NOT_SATISFIABLE: u16 = 416;
const TOO_MANY_REQUESTS: u16 = 429;

/// Why a transfer ended early.
enum Failure {
    /// Another attempt may do better.
    Passing(Error),
    /// Another attempt would fail alike.
    Lasting(Error),
}

/// Downloads `url` to `file`, after the bytes that are there already; `most` bytes in all.
///
/// An address that begins with https is left for no other kind, wherever the server redirects.
///
/// # Errors
/// Names the address when the server refuses, cannot be reached after some attempts or sends too
/// much, and the file when it cannot be written. What has arrived stays for the next call.
pub fn download(url: &str, file: &Path, most: u64) -> Result<()> {
    let mut wait = FIRST_WAIT;
    for attempt in 1.. {
        match transfer(url, file, most) {
            Ok(()) => break,
            Err(Failure::Passing(error)) if attempt < ATTEMPTS => {
                note(format_args!("{url}: {error:#}; trying again"));
                thread::sleep(wait);
                wait *= 2;
            }
            Err(Failure::Passing(error)) => {
                return Err(error.context(format!(
                    "{url}: failed {ATTEMPTS} times; run again later, what has arrived is kept"
                )));
            }
            Err(Failure::Lasting(error)) => return Err(error.context(url.to_owned())),
        }
    }
    Ok(())
}

fn transfer(url: &str, file: &Path, most: u64) -> Result<(), Failure> {
    let on_disk =
        |error: io::Error| Failure::Lasting(Error::new(error).context(file.display().to_string()));
    let mut out = OpenOptions::new().create(true).append(true).open(file).map_err(on_disk)?;
    let have = out.metadata().map_err(on_disk)?.len();
    let response = request(url, have)?;
    let start = match response.status().as_u16() {
        PARTIAL_CONTENT => have,
        // Nothing beyond what is there: it was complete.
        RANGE_NOT_SATISFIABLE if have > 0 => return Ok(()),
        OK => {
            out.set_len(0).map_err(on_disk)?;
            0
        }
        status => {
            let error = anyhow!("the server answered {}", response.status());
            let passing = status >= 500 || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS;
            return Err(if passing { Failure::Passing(error) } else { Failure::Lasting(error) });
        }
    };
    receive(response.into_body(), start, most, &mut out, file)
}

fn request(url: &str, have: u64) -> Result<Response<Body>, Failure> {
    let config = Agent::config_builder()
        .https_only(url.starts_with("https:"))
        .http_status_as_error(false)
        .timeout_connect(Some(SILENCE))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE));
    let mut request = Agent::new_with_config(config.build()).get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    request.call().map_err(|error| match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            Failure::Lasting(error.into())
        }
        _ => Failure::Passing(error.into()),
    })
}

/// Appends the body to the file, whose first `start` bytes are there, up to `most` bytes.
fn receive(
    mut body: Body,
    start: u64,
    most: u64,
    out: &mut File,
    file: &Path,
) -> Result<(), Failure> {
    let within = |total: u64| {
        ensure!(total <= most, "the server sends more than the {most} bytes that are expected");
        Ok(())
    };
    let announced = body.content_length().map(|rest| start.saturating_add(rest));
    within(announced.unwrap_or(start)).map_err(Failure::Lasting)?;
    let bar = progress_bar(announced, file);
    bar.set_position(start);
    let mut reader = body.as_reader();
    let mut buffer = vec![0; 1 << 16];
    let mut total = start;
    loop {
        let count = reader.read(&mut buffer).context("broken off").map_err(Failure::Passing)?;
        if count == 0 {
            bar.finish_and_clear();
            return Ok(());
        }
        total += count as u64;
        within(total).map_err(Failure::Lasting)?;
        let written = out.write_all(&buffer[..count]);
        written.with_context(|| file.display().to_string()).map_err(Failure::Lasting)?;
        bar.inc(count as u64);
    }
}

fn progress_bar(total: Option<u64>, file: &Path) -> ProgressBar {
    let style = "{msg} {bar:32.cyan/blue} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is well-formed");
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style);
    bar.with_message(file.file_stem().unwrap_or_default().to_string_lossy().into_owned())
}
