//! `keygen`, `sign` and `verify`, as a user or a script meets them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use arc_runtime::{Model, PublicKey};
use serde_json::Value;
use tempfile::TempDir;

const MODEL: &[u8] = include_bytes!("../../arc-runtime/tests/data/tiny.arc");

/// The key of RFC 8032, section 7.1, test 1, as OpenSSL writes it.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
const DIGITS: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// A folder with a model and the keys of the RFC.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        fs::write(world.path("m.arc"), MODEL).unwrap();
        fs::write(world.path("k"), PRIVATE).unwrap();
        fs::write(world.path("k.pub"), PUBLIC).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
        command.current_dir(self.0.path()).args(line.split(' ')).output().unwrap()
    }

    fn done(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(0), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(line)).unwrap()
    }

    /// What stderr says of a failure; stdout is empty.
    fn fails(&self, code: i32, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        assert!(output.stdout.is_empty(), "{line}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_new_key_signs_what_its_public_key_verifies_and_a_device_loads() {
    let world = World::new();
    let keys = world.json("keygen new.key --json");
    assert_eq!(
        (&keys["private_file"], &keys["public_file"]),
        (&"new.key".into(), &"new.key.pub".into())
    );
    let signed = world.json("sign m.arc --key new.key --out s.arc --json");
    assert_eq!((&signed["out"], &signed["public_key"]), (&"s.arc".into(), &keys["public_key"]));
    let verified = world.json("verify s.arc --public-key new.key.pub --json");
    assert_eq!(
        (&verified["verified"], &verified["model_bytes"]),
        (&true.into(), &MODEL.len().into())
    );
    assert_eq!(verified["public_key"], keys["public_key"]);

    assert_eq!(fs::read(world.path("m.arc")).unwrap(), MODEL);
    let file = fs::read(world.path("s.arc")).unwrap();
    let key = PublicKey::from_hex(keys["public_key"].as_str().unwrap()).unwrap();
    assert!(Model::load_signed(&file, &key).is_ok());
    assert!(Model::load(&file).is_ok());
    world.done("inspect s.arc");
    assert!(world.done("verify s.arc --public-key new.key.pub").contains("s.arc"));
}

#[test]
fn keys_are_those_of_the_rfc_and_of_openssl() {
    let world = World::new();
    let signed = world.json("sign m.arc --key k --json");
    assert_eq!(signed["public_key"], DIGITS);
    let file = fs::read(world.path("m.arc")).unwrap();
    assert!(Model::load_signed(&file, &PublicKey::from_hex(DIGITS).unwrap()).is_ok());
    // Signed again it is the same: a signature replaces the one before.
    world.done("sign m.arc --key k");
    assert_eq!(fs::read(world.path("m.arc")).unwrap(), file);
}

#[test]
fn what_is_not_signed_as_asked_is_an_error_that_names_the_file() {
    let world = World::new();
    let unsigned = world.fails(1, "verify m.arc --public-key k.pub");
    assert!(unsigned.contains("m.arc: the model is not signed"), "{unsigned}");
    world.done("sign m.arc --key k");
    world.done("keygen other");
    let other = world.fails(1, "verify m.arc --public-key other.pub --json");
    assert!(other.contains("signed by another key, which begins with d75a98"), "{other}");
    let mut changed = fs::read(world.path("m.arc")).unwrap();
    changed[99] ^= 1;
    fs::write(world.path("changed.arc"), &changed).unwrap();
    let changed = world.fails(1, "verify changed.arc --public-key k.pub");
    assert!(changed.contains("do not trust"), "{changed}");
    // What is damaged is not signed, and what is behind a model not lost.
    assert!(world.fails(1, "sign changed.arc --key k").contains("changed.arc"));
    fs::write(world.path("more.arc"), [MODEL, b"more"].concat()).unwrap();
    assert!(world.fails(1, "sign more.arc --key k").contains("4 bytes stand behind"));
    world.fails(2, "sign m.arc");
    world.fails(2, "verify m.arc");
}

#[test]
fn keys_are_named_when_they_are_wrong() {
    let world = World::new();
    let swapped = world.fails(1, "verify m.arc --public-key k");
    assert!(swapped.contains("k is a private key") && swapped.contains("k.pub"), "{swapped}");
    let swapped = world.fails(1, "sign m.arc --key k.pub");
    assert!(swapped.contains("k.pub holds no private key"), "{swapped}");
    assert!(world.fails(1, "sign m.arc --key missing").contains("missing"));
    assert!(world.fails(1, "sign m.arc --key .").contains("a regular file is wanted"));
    // A point of small order, by which anything can be signed.
    let mut weak = [0; 32];
    weak[0] = 1;
    let weak = ed25519_compact::PublicKey::new(weak).to_pem();
    fs::write(world.path("weak.pub"), weak).unwrap();
    assert!(world.fails(1, "verify m.arc --public-key weak.pub").contains("weak.pub"));
}

#[test]
fn keys_are_their_owners_alone_and_never_replaced() {
    let world = World::new();
    let there = world.fails(1, "keygen k");
    assert!(there.contains("can't create k: keys are never replaced"), "{there}");
    assert_eq!(fs::read_to_string(world.path("k")).unwrap(), PRIVATE);
    // With the public key alone there, no private key is left behind.
    fs::write(world.path("half.pub"), PUBLIC).unwrap();
    assert!(world.fails(1, "keygen half").contains("half.pub"));
    assert!(!world.path("half").exists());
    world.done("keygen new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let mode = |name| fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("new"), mode("new.pub") & 0o133), (0o600, 0));
        symlink("elsewhere", world.path("link")).unwrap();
        world.fails(1, "keygen link");
        assert!(!world.path("elsewhere").exists());
    }
}
