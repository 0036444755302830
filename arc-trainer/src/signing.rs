//! Keys and signatures of model files: Ed25519, keys in PEM as OpenSSL reads and writes them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail, ensure};
use arc_runtime::PublicKey;
use arc_runtime::format::Header;
use arc_runtime::format::signature::{DOMAIN, SignatureError, Trailer};
use ed25519_compact::KeyPair;

use crate::{input, limits};

/// A model with a signature behind it, in place of one that it had.
///
/// # Errors
/// If `file` does not begin with a model, or something that is no signature stands behind it, which
/// would be lost.
pub fn sign(file: &[u8], pair: &KeyPair) -> Result<Vec<u8>> {
    let (model, behind) = Header::split(file)?;
    ensure!(
        behind.is_empty() || Trailer::parse(behind) != Err(SignatureError::Unsigned),
        "{} bytes stand behind the model that are no signature: export it again",
        behind.len()
    );
    let signature = *pair.sk.sign([DOMAIN, model].concat(), None);
    let signed = [model, &Trailer { key: public(pair).id(), signature }.to_bytes()].concat();
    // A processor at fault would give the private key away in a wrong signature.
    public(pair).verify(&signed)?;
    Ok(signed)
}

/// The public key of a pair.
pub fn public(pair: &KeyPair) -> PublicKey {
    PublicKey::new(*pair.pk)
}

/// A public key as 64 digits, for [`PublicKey::from_hex`].
pub fn hex(key: &PublicKey) -> String {
    key.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where [`create`] puts the public key: the private key's file with `.pub` behind its name.
pub fn public_file(private: &Path) -> PathBuf {
    let mut name = private.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Makes a pair of keys by the system's randomness, and writes two new files: the private key, which
/// its owner alone may read, and the public key.
///
/// # Errors
/// If one of the files is there already, or can't be written. None is left behind then.
pub fn create(private: &Path) -> Result<KeyPair> {
    let (pair, public) = (KeyPair::generate(), public_file(private));
    create_file(private, &pair.sk.to_pem(), true)?;
    create_file(&public, &pair.pk.to_pem(), false).inspect_err(|_| {
        let _ = fs::remove_file(private);
    })?;
    Ok(pair)
}

/// Writes a file that must not be there, nor a link in its place.
fn create_file(path: &Path, text: &str, private: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if private { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = private;
    let mut file = options.open(path).with_context(|| {
        format!("can't create {}: keys are never replaced, choose another name", path.display())
    })?;
    let write = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    write.map_err(|error| {
        let _ = fs::remove_file(path);
        Error::new(error).context(format!("can't write {}: make room", path.display()))
    })
}

/// Reads a private key.
///
/// # Errors
/// Names the file and what it should hold.
pub fn read_private(path: &Path) -> Result<KeyPair> {
    KeyPair::from_pem(&read(path)?).map_err(|_| {
        anyhow::anyhow!(
            "{} holds no private key of Ed25519 in PEM (PKCS #8): make one with arc-trainer keygen",
            path.display()
        )
    })
}

/// Reads a public key.
///
/// # Errors
/// Names the file and what it should hold.
pub fn read_public(path: &Path) -> Result<PublicKey> {
    let text = read(path)?;
    let key = ed25519_compact::PublicKey::from_pem(&text);
    match key.and_then(|key| key.validate().map(|()| key)) {
        Ok(key) => Ok(PublicKey::new(*key)),
        Err(_) if text.contains("PRIVATE KEY") => bail!(
            "{} is a private key, which is for signing alone: the public one is {}",
            path.display(),
            public_file(path).display()
        ),
        Err(_) => bail!(
            "{} holds no public key of Ed25519 in PEM: arc-trainer keygen makes it beside the \
             private key",
            path.display()
        ),
    }
}

/// The text of a key file.
fn read(path: &Path) -> Result<String> {
    input::read_text(path, limits::KEY)
        .with_context(|| format!("can't read the key {}", path.display()))
}
