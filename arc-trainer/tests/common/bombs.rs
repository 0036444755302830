//! Small files that unfold into large ones.

use std::io::{Cursor, Write};

use png::{BitDepth, ColorType, Encoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A PNG file of `side` squared black pixels.
pub fn black_png(side: u32, color: ColorType, depth: BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let row = vec![0; (side as usize * color.samples() * depth as usize).div_ceil(8)];
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    for _ in 0..side {
        rows.write_all(&row).unwrap();
    }
    rows.finish().unwrap();
    writer.finish().unwrap();
    file
}

/// A zip of members with these contents.
pub fn zip<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A zip with one member of `bytes` zeros.
pub fn zeros(name: &str, bytes: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        zip.write_all(&block).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A zip of `count` empty members, `0.png` and so on.
pub fn many(count: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for k in 0..count {
        zip.start_file(format!("{k}.png"), stored).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Writes `new` over every place of `old`, which is as long: over a name or a size, in a member's
/// header and in the directory.
pub fn overwrite(file: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let places: Vec<_> = memchr::memmem::find_iter(file, old).collect();
    assert!(!places.is_empty(), "nothing to overwrite");
    for place in places {
        file[place..place + new.len()].copy_from_slice(new);
    }
}
