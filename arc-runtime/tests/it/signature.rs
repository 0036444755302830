//! Signed models: nothing that was changed after the signing is loaded.

use crate::common::RAW;
use arc_runtime::format::signature::{DOMAIN, Trailer};
use arc_runtime::{LoadError, Model, PublicKey, SignatureError, SignedLoadError};
use ed25519_compact::{KeyPair, Seed};

/// Of an earlier version: a signature is one of bytes, and this one was made when they were the newest.
const TINY: &[u8] = include_bytes!("../data/version3.arc");

/// The key of RFC 8032, section 7.1, test 1.
const SECRET: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: PublicKey =
    PublicKey::from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        .unwrap();

/// What OpenSSL 3.0 answers to `pkeyutl -sign -rawin` for `DOMAIN`, then version3.arc.
const OPENSSL: [&str; 2] = [
    "b60bf16c84b325236faa66731130e26726a2d8d3d85735a44a8e16a4cc7bc094",
    "2ecf83b58f8245b45805dae889bc212d90dbfe8f1cef4500088ef1c2ea208b05",
];

/// 32 bytes of as many pairs of digits.
fn bytes(digits: &str) -> [u8; 32] {
    *PublicKey::from_hex(digits).unwrap().bytes()
}

fn pair() -> KeyPair {
    KeyPair::from_seed(Seed::new(bytes(SECRET)))
}

/// A signature of a model with something in front of it.
fn signature(domain: &[u8], model: &[u8]) -> [u8; 64] {
    *pair().sk.sign([domain, model].concat(), None)
}

/// A model and a trailer.
fn with(model: &[u8], trailer: Trailer) -> Vec<u8> {
    [model, &trailer.to_bytes()].concat()
}

fn signed(model: &[u8]) -> Vec<u8> {
    with(model, Trailer { key: PUBLIC.id(), signature: signature(DOMAIN, model) })
}

fn refused(file: &[u8]) -> SignatureError {
    match Model::load_signed(file, &PUBLIC) {
        Err(SignedLoadError::Signature(error)) => error,
        Err(SignedLoadError::Model(error)) => panic!("{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signature_by_another_program_is_right_and_ours_is_the_same() {
    let signature = [bytes(OPENSSL[0]), bytes(OPENSSL[1])].concat().try_into().unwrap();
    let file = with(TINY, Trailer { key: PUBLIC.id(), signature });
    assert!(Model::load_signed(&file, &PUBLIC).is_ok());
    assert_eq!(PUBLIC.verify(&file), Ok(TINY));
    assert_eq!(signed(TINY), file);
}

#[test]
fn a_plain_reader_loads_a_signed_file_and_what_stands_behind_it_does_not_matter() {
    let mut file = signed(TINY);
    assert!(Model::load(&file).is_ok());
    file.extend([0xFF; 100]);
    assert!(Model::load_signed(&file, &PUBLIC).is_ok());
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let mut file = signed(&RAW.file());
    assert!(Model::load_signed(&file, &PUBLIC).is_ok());
    let model = file.len() - Trailer::BYTES;
    // All bits of the header and of the trailer, and one of each byte of the body.
    for at in 0..file.len() {
        for bit in 0..8 {
            if (32..model).contains(&at) && bit != at % 8 {
                continue;
            }
            file[at] ^= 1 << bit;
            let loads = Model::load_signed(&file, &PUBLIC).is_ok();
            assert!(!loads, "bit {bit} of byte {at} of {}", file.len());
            file[at] ^= 1 << bit;
        }
    }
}

#[test]
fn what_is_missing_or_cut_off_is_named() {
    let file = signed(TINY);
    assert_eq!(refused(TINY), SignatureError::Unsigned);
    for given in 0..Trailer::BYTES {
        let error = match given {
            0..4 => SignatureError::Unsigned,
            _ => SignatureError::Truncated { needed: Trailer::BYTES, given },
        };
        assert_eq!(refused(&file[..TINY.len() + given]), error);
    }
    let erased = [TINY, &[0xFF; 200]].concat();
    assert_eq!(refused(&erased), SignatureError::Unsigned);
    let mut newer = file.clone();
    newer[TINY.len() + 4] = 2;
    assert_eq!(refused(&newer), SignatureError::Version { found: 2 });
    // Of a file without a model, that is said.
    let cut = Model::load_signed(&file[..TINY.len() - 1], &PUBLIC).unwrap_err();
    let (needed, given) = (TINY.len(), TINY.len() - 1);
    assert_eq!(cut, SignedLoadError::Model(LoadError::Truncated { needed, given }));
}

#[test]
fn another_key_is_refused_also_under_the_same_name() {
    let other = KeyPair::from_seed(Seed::new([7; 32]));
    let other = PublicKey::new(*other.pk);
    let error = Model::load_signed(&signed(TINY), &other).unwrap_err();
    let found = PUBLIC.id();
    assert_eq!(error, SignedLoadError::Signature(SignatureError::OtherKey { found }));
    assert!(error.to_string().contains("d75a980182b10ab7"), "{error}");
    let named = Trailer { key: other.id(), signature: signature(DOMAIN, TINY) };
    let error = Model::load_signed(&with(TINY, named), &other).unwrap_err();
    assert_eq!(error, SignedLoadError::Signature(SignatureError::Mismatch));
}

#[test]
fn a_weak_key_signs_nothing() {
    // Points of small order, by which one signature is right for every message; and no point.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for key in [neutral, [0; 32], [0xFF; 32]].map(PublicKey::new) {
        let mut any = [0; 64];
        any[0] = 1;
        let file = with(TINY, Trailer { key: key.id(), signature: any });
        let error = Model::load_signed(&file, &key).unwrap_err();
        assert_eq!(error, SignedLoadError::Signature(SignatureError::Key));
    }
}

#[test]
fn a_signature_has_one_form_and_one_purpose() {
    let of_the_bytes_alone = Trailer { key: PUBLIC.id(), signature: signature(b"", TINY) };
    assert_eq!(refused(&with(TINY, of_the_bytes_alone)), SignatureError::Mismatch);
    // The scalar S and S plus the group's order L answer the same equation; the second is refused.
    let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut signature = signature(DOMAIN, TINY);
    let mut carry = 0;
    for (digit, order) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        (*digit, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0);
    let again = Trailer { key: PUBLIC.id(), signature };
    assert_eq!(refused(&with(TINY, again)), SignatureError::Mismatch);
}

#[test]
fn what_is_signed_is_checked_as_a_model_and_not_before() {
    let mut damaged = TINY.to_vec();
    damaged[100] ^= 1;
    let model = Model::load_signed(&signed(&damaged), &PUBLIC).unwrap_err();
    assert!(matches!(model, SignedLoadError::Model(LoadError::Damaged { .. })), "{model}");
    let mut changed = signed(TINY);
    changed[100] ^= 1;
    assert_eq!(refused(&changed), SignatureError::Mismatch);
}

#[test]
fn keys_are_read_from_64_digits() {
    let upper = "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A";
    assert_eq!(PublicKey::from_hex(upper), Some(PUBLIC));
    for wrong in ["", &upper[1..], &format!("{upper}0"), &upper.replace('D', "G")] {
        assert_eq!(PublicKey::from_hex(wrong), None, "{wrong}");
    }
}
