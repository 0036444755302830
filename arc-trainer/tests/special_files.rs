//! What is no regular file, and names that lead out of a folder.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::bombs::{black_png, overwrite, zip};
use common::world::World;
use png::{BitDepth, ColorType};

/// Whatever is read without an end is stopped here, and by then has taken this much memory.
const PATIENCE: Duration = Duration::from_secs(30);
const MEBIBYTES: u64 = 700;

/// stderr of a command that must be refused, and soon.
fn refused(world: &World, args: &[&str]) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -d {}; exec \"$@\"", MEBIBYTES << 10), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_arc-trainer")).args(args).current_dir(world.folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?}: still not refused");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}, {:?}: {error}", output.status);
    error
}

/// Puts each kind of file that is none in the place of `path`, and checks that the command refuses
/// it by its name.
fn refuses_all_but_files(world: &World, path: &str, args: &[&str]) {
    let place = world.path(path);
    let remove = |path: &Path| match path.is_dir() {
        true => fs::remove_dir_all(path).unwrap(),
        false => drop(fs::remove_file(path)),
    };
    type Make = fn(&Path);
    let kinds: [(&str, Make); 3] = [
        ("a device", |place| symlink("/dev/zero", place).unwrap()),
        ("a pipe", |place| {
            assert!(Command::new("mkfifo").arg(place).status().unwrap().success());
        }),
        ("a folder", |place| fs::create_dir(place).unwrap()),
    ];
    for (kind, make) in kinds {
        remove(&place);
        make(&place);
        let error = refused(world, args);
        let name = place.file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name), "{path}, {kind}: {error}");
        // A folder may be taken for a run, or for a data set, with nothing in it.
        assert!(kind == "a folder" || error.contains("where a regular file is wanted"), "{error}");
    }
    remove(&place);
}

#[test]
fn only_regular_files_are_read() {
    let world = World::new();
    let eval =
        |model, data, protocol| ["eval", model, "--data", data, "--protocol", protocol, "--strict"];
    let export = ["export", "run", "--quantize", "i8", "--out", "x.arc"];
    let picture = world.path("strokes/alphabet0/character00/00.png");
    for name in ["a.png", "b.png"] {
        fs::copy(&picture, world.path(name)).unwrap();
    }
    refuses_all_but_files(&world, "model.arc", &["inspect", "model.arc"]);
    refuses_all_but_files(&world, "model.arc", &eval("model.arc", "strokes", "verify"));
    refuses_all_but_files(&world, "c.png", &["compare", "i8.arc", "a.png", "c.png"]);
    refuses_all_but_files(&world, "data.zip", &eval("i8.arc", "data.zip", "verify"));
    refuses_all_but_files(&world, "data.zip", &eval("i8.arc", "data.zip", "lake"));

    fs::create_dir(world.path("gallery")).unwrap();
    let identify = ["identify", "i8.arc", "--gallery", "gallery", "a.png", "--strict"];
    fs::copy(&picture, world.path("gallery/a.png")).unwrap();
    let pipe = world.path("gallery/pipe.png");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(&world, &identify).contains("pipe.png: a pipe"));
    fs::remove_file(pipe).unwrap();

    let runs = world.path("runs/run01");
    for part in ["training", "test"] {
        fs::create_dir_all(runs.join(part)).unwrap();
        fs::copy(&picture, runs.join(part).join("1.png")).unwrap();
    }
    symlink("/dev/zero", runs.join("class_labels.txt")).unwrap();
    assert!(refused(&world, &eval("i8.arc", "runs", "lake")).contains("class_labels.txt: a pipe"));

    fs::copy(world.path("run/config.toml"), world.path("config.toml")).unwrap();
    refuses_all_but_files(&world, "run/best.safetensors", &export);
    refuses_all_but_files(&world, "run/config.toml", &export);

    // A picture of a data set; a link to a file is one.
    let eval = eval("i8.arc", "strokes", "verify");
    let before = world.done(&eval);
    fs::rename(&picture, world.path("moved.png")).unwrap();
    symlink(world.path("moved.png"), &picture).unwrap();
    let accuracy = |text: &str| text.lines().next().unwrap().to_owned();
    assert_eq!(accuracy(&world.done(&eval)), accuracy(&before));
    fs::remove_file(&picture).unwrap();
    symlink("/dev/zero", &picture).unwrap();
    assert!(refused(&world, &eval).contains("00.png: a pipe"));
}

#[test]
fn labels_name_files_of_their_run_alone() {
    let world = World::new();
    let png = black_png(9, ColorType::Grayscale, BitDepth::One);
    let secret = world.path("secret.png");
    fs::write(&secret, &png).unwrap();
    let run = world.path("runs/run01");
    for file in ["training/1.png", "test/1.png", "training/.hidden.png"] {
        fs::create_dir_all(run.join(file).parent().unwrap()).unwrap();
        fs::write(run.join(file), &png).unwrap();
    }
    let lake =
        ["eval", "i8.arc", "--data", "runs", "--protocol", "lake", "--way", "2", "--episodes", "1"];
    let label = |probe: &str, support: &str| {
        let line = format!("run01/test/{probe} run01/training/{support}\n");
        fs::write(run.join("class_labels.txt"), line).unwrap();
        refused(&world, &lake)
    };
    // The run as it should be has one support, and the command says so.
    assert!(label("1.png", "1.png").contains("--way and --episodes can't change"));
    let absolute = secret.to_str().unwrap();
    for bad in ["../../../secret.png", absolute, "../training/.hidden.png", "./1.png", "2.png"] {
        let error = label(bad, "1.png");
        assert!(error.contains(&format!("line 1: no file run01/test/{bad}")), "{error}");
        let error = label("1.png", bad);
        assert!(error.contains(&format!("line 1: no file run01/training/{bad}")), "{error}");
    }

    // In a zip, `..` is but a name, which is passed over as hidden.
    let labels = b"run01/test/../up.png run01/training/1.png";
    let file = zip([
        ("run01/training/1.png", &png[..]),
        ("run01/test/../up.png", &png),
        ("run01/class_labels.txt", labels),
    ]);
    fs::write(world.path("runs.zip"), file).unwrap();
    let lake = ["eval", "i8.arc", "--data", "runs.zip", "--protocol", "lake"];
    let error = refused(&world, &lake);
    assert!(error.contains("no file run01/test/../up.png"), "{error}");
}

#[test]
fn members_of_a_zip_lead_nowhere() {
    let world = World::new();
    let png = black_png(9, ColorType::Grayscale, BitDepth::One);
    fs::write(world.path("secret.png"), &png).unwrap();
    let mut file = zip([
        ("g/c/1.png", &png[..]),
        ("g/c/2.png", &png),
        ("g/c/3.png", b"no picture: not the one that is read by this name"),
        ("g/d/1.png", &png),
        ("g/d/2.png", &png),
        ("../../secret/x.png", b"not read"),
        ("g/../../secret.png", b"not read"),
    ]);
    // A name twice: the last one counts, as everywhere. It stands before the other here.
    overwrite(&mut file, b"g/c/3.png", b"g/c/1.png");
    fs::write(world.path("data.zip"), &file).unwrap();
    let eval = ["eval", "i8.arc", "--data", "data.zip", "--protocol", "verify", "--episodes", "4"];
    let error = refused(&world, &[&eval[..], &["--strict"]].concat());
    assert!(error.contains("data.zip: g/c/1.png: not a picture"), "{error}");

    // Names that begin at the root are names like others.
    let file = zip([
        ("/g/c/1.png", &png[..]),
        ("/g/c/2.png", &png),
        ("/g/d/1.png", &png),
        ("/g/d/2.png", &png),
    ]);
    fs::write(world.path("data.zip"), &file).unwrap();
    assert_eq!(world.json(&eval)["trials"], 4);
}
