//! `arc-trainer keygen`

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::print;
use crate::signing;

/// Make a pair of keys to sign models with.
#[derive(Args)]
#[command(after_help = "\
Two new files are written: KEY, the private key, which its owner alone may read, and KEY.pub, the
public key. Both are PEM, as OpenSSL reads them; an existing file is never replaced.

Examples:
  arc-trainer keygen release.key
  arc-trainer keygen release.key --json")]
pub struct KeygenArgs {
    /// The file for the private key
    #[arg(value_name = "KEY")]
    pub key: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If a file is there already, or can't be written.
pub fn run(args: KeygenArgs) -> Result<()> {
    let pair = signing::create(&args.key)?;
    let keys = Keys {
        public_file: signing::public_file(&args.key).display().to_string(),
        private_file: args.key.display().to_string(),
        public_key: signing::hex(&signing::public(&pair)),
    };
    print(&keys, args.json)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Keys {
    private_file: String,
    public_file: String,
    /// Its 64 digits, for a program that loads signed models.
    public_key: String,
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "private key  {}: keep it secret, and a copy of it safe", self.private_file)?;
        writeln!(f, "public key   {}", self.public_file)?;
        write!(f, "in a program PublicKey::from_hex(\"{}\")", self.public_key)
    }
}
