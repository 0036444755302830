//! `arc-trainer verify`

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::print;
use crate::model_file::ModelFile;
use crate::signing;

/// Check that a model file is signed by a key, and is sound.
#[derive(Args)]
#[command(after_help = "\
Ends with 0 if it is, and with 1 if it is not. (The protocol `verify` of eval is something else: it
measures how well a model compares.)

Examples:
  arc-trainer verify small.arc --public-key release.key.pub
  arc-trainer verify small.arc --public-key release.key.pub --json")]
pub struct VerifyArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// The public key: Ed25519 in PEM, from keygen or OpenSSL
    #[arg(long, value_name = "KEY")]
    pub public_key: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If the key or the model can't be read, the signature is none of the model by the key, or the
/// model is not sound.
pub fn run(args: VerifyArgs) -> Result<()> {
    let key = signing::read_public(&args.public_key)?;
    let file = ModelFile::read(&args.model)?;
    let model = key.verify(&file.bytes).with_context(|| file.shown().into_owned())?;
    file.open()?;
    let verified = Verified {
        model_bytes: model.len(),
        public_key: signing::hex(&key),
        verified: true,
        model: file.name.clone(),
    };
    print(&verified, args.json)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Verified {
    model: String,
    /// Always true: if it is not, that is an error.
    verified: bool,
    /// Bytes that are signed, the header and the body.
    model_bytes: usize,
    public_key: String,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} bytes, signed by the public key {}",
            self.model, self.model_bytes, self.public_key
        )
    }
}
