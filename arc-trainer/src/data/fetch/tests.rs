//! Against a server on this machine that serves, breaks off and refuses as told.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use super::*;

/// Long enough to arrive in several reads.
fn content() -> Vec<u8> {
    (0..300_000u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

const CONTENT_MD5: &str = "90c53fcb309570da40c1d1159e584fd9";
const BYTES: u64 = 1_200_000;
const GOOD: Archive =
    Archive { path: "folder/a.bin", check: Check::Md5(CONTENT_MD5), most_bytes: BYTES };
const OTHER: Archive = Archive { check: Check::Md5("00000000000000000000000000000000"), ..GOOD };
const SMALLER: Archive = Archive { most_bytes: BYTES - 1, ..GOOD };

/// What the server does with one request.
#[derive(Clone, Copy)]
enum Answer {
    /// Serves the whole file, or the range that was asked for.
    Serve,
    /// The same, but hangs up after this number of bytes.
    BreakOff(usize),
    /// Serves the whole file whatever range was asked for.
    IgnoreRange,
    /// Answers with this status.
    Status(&'static str),
    /// Serves the file over and over, and does not say how long it is.
    Endless,
}

/// A server that answers one request after the other; gives its address and the ranges asked for.
fn serve(answers: &'static [Answer]) -> (String, Arc<Mutex<Vec<Option<usize>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for (answer, stream) in answers.iter().zip(listener.incoming()) {
            let mut stream = stream.unwrap();
            let (path, range) = read_request(&stream);
            assert_eq!(path, "/base/folder/a.bin");
            seen.lock().unwrap().push(range);
            reply(&mut stream, *answer, range);
        }
    });
    (format!("{address}/base"), asked)
}

/// The path, and the start of the range asked for.
fn read_request(stream: &TcpStream) -> (String, Option<usize>) {
    let lines: Vec<String> = BufReader::new(stream)
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty())
        .collect();
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let range = lines.iter().find_map(|line| {
        let line = line.to_lowercase();
        Some(line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().unwrap())
    });
    (path, range)
}

fn reply(stream: &mut TcpStream, answer: Answer, range: Option<usize>) {
    let content = content();
    let start = if let Answer::IgnoreRange = answer { 0 } else { range.unwrap_or(0) };
    let status = match answer {
        Answer::Status(status) => status,
        _ if start >= content.len() => "416 Range Not Satisfiable",
        _ if start > 0 => "206 Partial Content",
        _ => "200 OK",
    };
    let body = if status.starts_with('2') { &content[start..] } else { &[] };
    let sent = match answer {
        Answer::BreakOff(length) => &body[..length],
        _ => body,
    };
    if let Answer::Endless = answer {
        let sent = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        // Until the client hangs up.
        while sent.is_ok() && stream.write_all(body).is_ok() {}
        return;
    }
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    // A client that gives up early is the client's business.
    let _ = stream.write_all(sent);
}

fn kept(folder: &Path) -> Vec<u8> {
    assert!(!folder.join("a.bin.part").exists(), "a part was left behind");
    fs::read(folder.join("a.bin")).unwrap()
}

#[test]
fn a_download_is_kept_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (base, asked) = serve(&[Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
    assert_eq!(*asked.lock().unwrap(), [None]);
}

#[test]
fn a_broken_off_download_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (base, asked) =
        serve(&[Answer::BreakOff(100_000), Answer::Status("503 Busy"), Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
    assert_eq!(*asked.lock().unwrap(), [None, Some(100_000), Some(100_000)]);
}

#[test]
fn what_an_earlier_call_left_is_used() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin.part"), &content()[..7]).unwrap();
    let (base, asked) = serve(&[Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
    assert_eq!(*asked.lock().unwrap(), [Some(7)]);
}

#[test]
fn a_complete_part_needs_no_more_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin.part"), content()).unwrap();
    let (base, _) = serve(&[Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
}

#[test]
fn a_server_without_ranges_makes_it_start_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin.part"), b"the start of something else").unwrap();
    let (base, _) = serve(&[Answer::IgnoreRange]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
}

#[test]
fn a_part_of_another_file_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin.part"), b"another version").unwrap();
    let (base, asked) = serve(&[Answer::Serve, Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
    assert_eq!(*asked.lock().unwrap(), [Some(15), None]);
}

#[test]
fn a_damaged_file_is_fetched_anew() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin"), b"damaged").unwrap();
    let (base, _) = serve(&[Answer::Serve]);
    fetch(&base, folder.path(), &[GOOD]).unwrap();
    assert_eq!(kept(folder.path()), content());
}

#[test]
fn a_wrong_checksum_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (base, _) = serve(&[Answer::Serve]);
    let error = format!("{:#}", fetch(&base, folder.path(), &[OTHER]).unwrap_err());
    assert!(error.contains("folder/a.bin: not the file") && error.contains(CONTENT_MD5), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_server_that_sends_too_much_is_given_up() {
    for answer in [&[Answer::Serve, Answer::Serve], &[Answer::Endless, Answer::Endless]] {
        let folder = tempfile::tempdir().unwrap();
        let (base, asked) = serve(answer);
        let error = format!("{:#}", fetch(&base, folder.path(), &[SMALLER]).unwrap_err());
        assert!(error.contains("a.bin: the server sends more than the 1199999 bytes"), "{error}");
        assert_eq!(asked.lock().unwrap().len(), 1);
        let part = fs::metadata(folder.path().join("a.bin.part")).unwrap();
        assert!(part.len() < BYTES);
    }
}

#[test]
fn a_missing_file_is_not_asked_for_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (base, asked) = serve(&[Answer::Status("404 Not Found"), Answer::Serve]);
    let error = format!("{:#}", fetch(&base, folder.path(), &[GOOD]).unwrap_err());
    assert!(error.contains("folder/a.bin: the server answered 404"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = fetch("http://127.0.0.1:1", &file.join("inside"), &[GOOD]).unwrap_err();
    assert!(format!("{error:#}").contains("inside: cannot be made"), "{error:#}");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // Bound and dropped: nobody listens on this port.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetch(&format!("http://{closed}"), folder.path(), &[GOOD]).unwrap_err();
    assert!(
        format!("{error:#}").contains(&format!("{closed}/folder/a.bin: failed 4 times")),
        "{error:#}"
    );
}
