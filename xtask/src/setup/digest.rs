//! The SHA-256 of a file, by which we know what we downloaded.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// The digest of all that is still to be read, in hexadecimal.
pub fn sha256(from: &mut impl Read) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(format!("{:x}", sum.finalize())),
            read => sum.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    /// The example of FIPS 180-4 for "abc".
    #[test]
    fn the_published_example() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(&mut &b"abc"[..]).unwrap(), expected);
    }
}
