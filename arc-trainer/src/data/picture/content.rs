//! What a file is, by its first bytes. Its name says nothing: a camera's `.png` may be a JPEG.

use anyhow::{Result, bail};
use image::ImageFormat;

/// A format of pictures that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bmp,
    Gif,
    Jpeg,
    Png,
    Pnm,
    Tiff,
    WebP,
}

impl Kind {
    /// Of a file that begins with these bytes, or is these.
    ///
    /// # Errors
    /// Says what the file is instead, and what to give.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        match image::guess_format(bytes).ok().and_then(Self::known) {
            // Two letters are a weak sign.
            Some(Self::Bmp) if is_text(bytes) => {}
            Some(Self::Pnm)
                if bytes.get(2).is_none_or(|c| !c.is_ascii_whitespace() && *c != b'#') => {}
            Some(kind) => return Ok(kind),
            None => {}
        }
        bail!(
            "not a picture that is read here, but {}: give a JPEG, PNG, WebP, BMP, TIFF, GIF or PNM",
            other(bytes)
        )
    }

    fn known(format: ImageFormat) -> Option<Self> {
        Some(match format {
            ImageFormat::Bmp => Self::Bmp,
            ImageFormat::Gif => Self::Gif,
            ImageFormat::Jpeg => Self::Jpeg,
            ImageFormat::Png => Self::Png,
            ImageFormat::Pnm => Self::Pnm,
            ImageFormat::Tiff => Self::Tiff,
            ImageFormat::WebP => Self::WebP,
            _ => return None,
        })
    }

    /// The name for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Pnm => "PNM",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
        }
    }

    /// The same for the decoders.
    pub fn format(self) -> ImageFormat {
        match self {
            Self::Bmp => ImageFormat::Bmp,
            Self::Gif => ImageFormat::Gif,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::Pnm => ImageFormat::Pnm,
            Self::Tiff => ImageFormat::Tiff,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// Other files that are often among pictures: where in the file which bytes stand, and what it is then.
const OTHERS: [(usize, &[u8], &str); 19] = [
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypheix", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftypmsf1", "a HEIC picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a video"),
    (0, b"\xFF\x0A", "a JPEG XL picture"),
    (0, b"\0\0\0\x0CJXL ", "a JPEG XL picture"),
    (0, b"\0\0\0\x0CjP  ", "a JPEG 2000 picture"),
    (0, b"\0\0\x01\0", "an icon (ICO)"),
    (0, b"II+\0", "a BigTIFF"),
    (0, b"MM\0+", "a BigTIFF"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a zip"),
    (0, b"\x1F\x8B", "a gzip"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<!DOCTYPE html", "a web page"),
    (0, b"<html", "a web page"),
];

/// What a file is that is no picture which is read.
fn other(bytes: &[u8]) -> &'static str {
    let stands = |(at, mark, _): &&(usize, &[u8], &str)| {
        bytes.get(*at..at + mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark))
    };
    match OTHERS.iter().find(stands) {
        _ if bytes.is_empty() => "an empty file",
        Some((_, _, what)) => what,
        None if is_text(bytes) => "a text file?",
        None => "of unknown content",
    }
}

/// Whether a file begins as text does.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(256)];
    let text = match str::from_utf8(start) {
        Ok(text) => text,
        // A letter of several bytes that is cut off at the end.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&start[..error.valid_up_to()]).expect("valid up to there")
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::picture::fixture::{corner, every_format};

    #[test]
    fn each_format_is_known_by_its_content() {
        for (name, bytes) in every_format(corner()) {
            assert_eq!(Kind::of(&bytes).unwrap().name(), name);
            assert!(Kind::of(&bytes[..20]).is_ok(), "{name}");
        }
    }

    #[test]
    fn other_files_are_said_to_be_what_they_are() {
        let cases: [(&[u8], &str); 12] = [
            (b"", "an empty file"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
            (b"<!doctype HTML><title>404</title>", "a web page"),
            (b"Thumbs and notes\n", "a text file?"),
            // As the first two letters of a BMP and of a PNM.
            (b"BMW 320i, white", "a text file?"),
            (b"P1ease read me", "a text file?"),
            (&[b"x".repeat(255), "é".into()].concat(), "a text file?"),
            (b"%PDF-1.7", "a PDF document"),
            (b"\x7FELF\x02\x01", "of unknown content"),
            (b"\0\0\x01\0\x01\0", "an icon (ICO)"),
            (b"PK\x03\x04", "a zip"),
            (b"II+\0\x08\0\0\0", "a BigTIFF"),
        ];
        for (bytes, what) in cases {
            let error = Kind::of(bytes).unwrap_err().to_string();
            assert!(error.contains(&format!("but {what}: give a JPEG, PNG")), "{error}");
        }
    }
}
