//! Training on class folders, with as many classes held out as one likes.
#![cfg(feature = "torch")]

mod common;

use common::{CONFIG, strokes, write_pngs};
use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Six classes in one group, and a configuration.
fn world() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_pngs(&strokes(&[6], 4), &folder.path().join("strokes"));
    fs::write(folder.path().join("tiny.toml"), CONFIG).unwrap();
    folder
}

/// Trains with so many classes held out; the run's name is their number.
fn train(world: &TempDir, held_out: usize, more: &[&str]) -> Output {
    let sets = [format!("validation_alphabets={held_out}"), format!("name=run{held_out}")];
    let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
    command.args(["train", "--config", "tiny.toml", "--data", "strokes/alphabet0"]);
    command.args(sets.iter().flat_map(|set| ["--set", set])).args(more);
    command.current_dir(world.path()).output().unwrap()
}

#[test]
fn nothing_held_out_is_a_training_without_validation() {
    let world = world();
    let output = train(&world, 0, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(error.contains("no validation alphabets"), "{error}");
    assert!(world.path().join("runs/run0/best.safetensors").exists());
}

#[test]
fn one_class_held_out_leaves_no_choice_and_is_refused_before_the_first_step() {
    let world = world();
    let output = train(&world, 1, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("set data.validation_alphabets to 2 or more, or to 0"), "{error}");
    assert!(!world.path().join("runs").exists());
    let output = train(&world, 2, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(error.contains("% one-shot on held-out alphabets"), "{error}");
}

#[test]
fn a_bad_picture_is_left_out_or_stops_the_training_before_its_first_step() {
    let world = world();
    fs::write(world.path().join("strokes/alphabet0/character00/bad.png"), "").unwrap();
    let output = train(&world, 2, &["--strict"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("bad.png: not a picture that is read here"), "{error}");
    assert!(!world.path().join("runs").exists());
    let output = train(&world, 2, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    // Data are read more than once, and complained of once.
    assert_eq!(error.matches("bad.png: not a picture that is read here").count(), 1, "{error}");
}
