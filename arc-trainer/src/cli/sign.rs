//! `arc-trainer sign`

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::print;
use crate::files::write_whole;
use crate::model_file::ModelFile;
use crate::signing;

/// Sign a model file, so that a device can tell it from any other.
#[derive(Args)]
#[command(after_help = "\
The signature stands behind the model, where every reader ignores it that does not ask for it. A
signature that is there already is replaced.

Examples:
  arc-trainer keygen release.key
  arc-trainer sign small.arc --key release.key
  arc-trainer sign small.arc --key release.key --out signed.arc --json")]
pub struct SignArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// The private key: Ed25519 in PEM, from keygen or OpenSSL
    #[arg(long, value_name = "KEY")]
    pub key: PathBuf,
    /// Where to write the signed file [default: in place of the model file]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If the key or the model can't be read, the model is not sound, or the file can't be written.
pub fn run(args: SignArgs) -> Result<()> {
    let pair = signing::read_private(&args.key)?;
    let file = ModelFile::read(&args.model)?;
    file.open()?;
    let signed = signing::sign(&file.bytes, &pair).with_context(|| file.shown().into_owned())?;
    let out = args.out.as_ref().unwrap_or(&args.model);
    write_whole(out, &signed)?;
    let result = Signed {
        model: file.name,
        out: out.display().to_string(),
        public_key: signing::hex(&signing::public(&pair)),
    };
    print(&result, args.json)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Signed {
    model: String,
    out: String,
    public_key: String,
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: signed, public key {}", self.out, self.public_key)
    }
}
