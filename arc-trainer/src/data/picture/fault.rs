//! What is wrong with a picture, and what to do about it.

use std::error::Error as _;
use std::io::ErrorKind;

use anyhow::{Error, anyhow};
use image::ImageError;

use super::content::Kind;
use crate::limits;

/// A decoder's error in one line. Decoders repeat what caused an error in the error itself, so no
/// chain of causes is kept.
pub fn fault(kind: Kind, error: ImageError) -> Error {
    let name = kind.name();
    match error {
        ImageError::Limits(_) => anyhow!(
            "too large a {name}: it takes more than {} MiB of memory beside its pixels: save it without metadata",
            limits::PICTURE_EXTRAS >> 20
        ),
        ImageError::Unsupported(error) => {
            anyhow!("a {name} of a kind that is not read ({error}): save it as PNG")
        }
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => broken_off(kind),
        ImageError::Decoding(error) => match error.source() {
            Some(cause) => damaged(kind, &cause.to_string()),
            None => damaged(kind, &error.to_string()),
        },
        error => damaged(kind, &error.to_string()),
    }
}

/// Of a file that ends before its picture does.
pub fn broken_off(kind: Kind) -> Error {
    damaged(kind, "it ends too early")
}

/// Of a file that is not as its format wants it.
pub fn damaged(kind: Kind, cause: &str) -> Error {
    let cause = cause.trim_end_matches('.');
    anyhow!("damaged {}: {cause}: copy or save it again", kind.name())
}
