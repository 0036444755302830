//! A data set, and published runs, from an arbitrary zip.
//!
//! An input that begins as a zip does is read as it is. Any other says what a zip is made of: names of
//! any depth, pictures, labels, noise, and long files that take little room.
#![no_main]

use std::io::{Cursor, Write};

use arc_fuzz::scratch;
use arc_trainer::data::{Dataset, load_runs};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What every zip begins with that is not empty.
const MAGIC: &[u8] = b"PK";

/// Side that drawings are held at.
const SIDE: usize = 16;

/// A picture of one pixel.
const PICTURE: &[u8] = include_bytes!("pixel.png");

fuzz_target!(|data: &[u8]| {
    if data.starts_with(MAGIC) {
        read(data);
    } else if let Ok(zip) = make(&mut Unstructured::new(data)) {
        read(&zip);
    }
});

fn read(zip: &[u8]) {
    let path = scratch::file("drawings.zip", zip);
    if let Ok(data) = Dataset::load(&path, SIDE) {
        let classes: Vec<_> = data.groups.iter().flat_map(|group| &group.classes).collect();
        assert!(!classes.is_empty(), "a data set has classes");
        assert!(classes.iter().all(|class| !class.drawings.is_empty()), "and each has drawings");
    }
    for run in load_runs(&path, SIDE).unwrap_or_default() {
        assert_eq!(run.probes.len(), run.answers.len());
        assert!(run.answers.iter().all(|&answer| answer < run.supports.len()));
    }
}

fn make(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for _ in 0..input.int_in_range(1..=6)? {
        let name = name(input)?;
        let methods = [CompressionMethod::Deflated, CompressionMethod::Stored];
        let options = SimpleFileOptions::default().compression_method(*input.choose(&methods)?);
        let content = content(input)?;
        // A name twice is refused by the writer, and left out here.
        if zip.start_file(name, options).is_ok() {
            zip.write_all(&content).expect("a zip in memory");
        }
    }
    Ok(zip.finish().expect("a zip in memory").into_inner())
}

fn name(input: &mut Unstructured<'_>) -> Result<String> {
    let known = ["run01", "training", "test", "class_labels.txt", "a.png", "b.PNG", "..", "", ".x"];
    let mut parts = Vec::new();
    for _ in 0..input.int_in_range(1..=4)? {
        let known = input.choose(&known)?;
        parts.push(if input.ratio(3, 4)? { known } else { input.arbitrary::<&str>()? });
    }
    Ok(parts.join("/"))
}

fn content(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match input.int_in_range(0..=3)? {
        0 => PICTURE.to_vec(),
        1 => b"run01/test/a.png run01/training/a.png\n".repeat(input.int_in_range(1..=3)?),
        2 => input.arbitrary::<&[u8]>()?.to_vec(),
        // Sometimes more than a member may have.
        _ if input.ratio(1, 64)? => vec![input.arbitrary()?; 1 << 26],
        _ => vec![input.arbitrary()?; 1 << input.int_in_range(0..=17)?],
    })
}
