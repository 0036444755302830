//! A picture whose header alone is read: what it would take to decode it is known, and not yet taken.

use std::io::Cursor;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::content::Kind;
use super::fault::fault;
use super::{Picture, jpeg, tiff, webp};
use crate::limits::{self, PICTURE_SIDE};

/// A picture that is not too large to be decoded.
pub struct Encoded<'a> {
    kind: Kind,
    decoder: Box<dyn ImageDecoder + 'a>,
    /// Held while a large one is decoded.
    _alone: Option<MutexGuard<'static, ()>>,
}

impl<'a> Encoded<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If the bytes are no picture or not all of one, it is wider or higher than [`PICTURE_SIDE`]
    /// pixels, or its decoder would take more memory than pixels need.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let kind = Kind::of(bytes)?;
        match kind {
            Kind::Jpeg => jpeg::check(bytes)?,
            Kind::Tiff => tiff::check(bytes)?,
            Kind::WebP => webp::check(bytes)?,
            Kind::Bmp | Kind::Gif | Kind::Png | Kind::Pnm => {}
        }
        // Where the strips of a TIFF lie is read with its header, and that may be a long list.
        let alone = (kind == Kind::Tiff).then(alone);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), kind.format());
        reader.limits(memory(limits::PICTURE_EXTRAS));
        let decoder = reader.into_decoder().map_err(|error| fault(kind, error))?;
        let (width, height) = decoder.dimensions();
        ensure!(width.min(height) > 0, "damaged {}: it has no pixels", kind.name());
        ensure!(
            width.max(height) <= PICTURE_SIDE,
            "{width}x{height} pixels are too many: scale it down to {PICTURE_SIDE}x{PICTURE_SIDE} at most"
        );
        let large = u64::from(width) * u64::from(height) > limits::DECODED_ALONE;
        Ok(Self {
            kind,
            decoder: Box::new(decoder),
            _alone: alone.or_else(|| large.then(self::alone)),
        })
    }

    /// How many pixels it has.
    pub fn pixels(&self) -> usize {
        let (width, height) = self.decoder.dimensions();
        width as usize * height as usize
    }

    /// Decodes it.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that the decoder does not know.
    pub fn decode(mut self, background: u8) -> Result<Picture> {
        let fault = |error| fault(self.kind, error);
        // What says how the camera was held may be nonsense; the picture is none for that.
        let orientation = self.decoder.orientation().unwrap_or(Orientation::NoTransforms);
        // A PNG keeps the limit that it was opened with.
        if self.kind != Kind::Png {
            let pixels = self.decoder.total_bytes();
            let limits = memory(2 * pixels + limits::PICTURE.bytes);
            self.decoder.set_limits(limits).map_err(fault)?;
        }
        let mut image = DynamicImage::from_decoder(self.decoder).map_err(fault)?;
        image.apply_orientation(orientation);
        Ok(Picture::of(image, background))
    }
}

/// Waits until nobody else decodes a large picture.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many bytes for what a decoder holds beside the picture.
fn memory(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}
