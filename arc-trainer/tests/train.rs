//! `arc-trainer train`, stopped, killed and short of room: what is left, and how it goes on.
#![cfg(all(feature = "torch", target_os = "linux"))]

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use arc_trainer::data::synth::Synth;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;

/// A network that takes milliseconds for a step, and a checkpoint after each.
const CONFIG: &str = r#"
name = "small"
seed = 1

[model]
image_side = 16
glimpse_side = 3
glimpses = 2
hidden = 16
head = 8
stem = [{ channels = 4, stride = 2 }]

[data]
path = "glyphs"
validation_alphabets = 1

[training]
recipe = { episodes = { episodes = 1, way = 4 } }
steps = 30
learning_rate = 1e-3
validate_every = 1
validation_episodes = 1

[augmentation]
"#;

/// A folder with drawings and a configuration.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let synth = Synth { alphabets: 3, characters: 5..=5, drawers: 4, side: 24, seed: 1 };
        synth.write(&folder.path().join("glyphs"), || ()).unwrap();
        fs::write(folder.path().join("small.toml"), CONFIG).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `arc-trainer train`, after `first` in a shell. Signals do what they do by default, even if
    /// these tests run under `nohup` or in the background of a script.
    fn command(&self, first: &str, args: &[&str]) -> Command {
        let mut command = Command::new("env");
        let script = format!("{first} exec \"$0\" \"$@\"");
        command.args(["--default-signal=HUP,INT,TERM", "sh", "-c", &script]);
        command.arg(env!("CARGO_BIN_EXE_arc-trainer")).arg("train").args(args);
        command.args(["--threads", "1"]).current_dir(self.0.path());
        command
    }

    fn train(&self, args: &[&str]) -> Output {
        self.command("", args).output().unwrap()
    }

    fn done(&self, args: &[&str]) -> String {
        let output = self.train(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {errors}");
        errors
    }

    fn fails(&self, args: &[&str]) -> String {
        let output = self.train(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {errors}");
        errors
    }

    /// A run in the folder `run` that does not end by itself, under way.
    fn endless(&self, run: &str, first: &str, sets: &[&str]) -> Training {
        let args = ["--config", "small.toml", "--out", run, "--set", "steps=1000000"];
        let mut command = self.command(first, &[&args[..], sets].concat());
        let mut training = Training(command.stderr(Stdio::piped()).spawn().unwrap());
        // It listens to signals before it saves for the first time.
        let last = self.path(run).join("last.safetensors");
        wait_until(|| last.exists() || training.0.try_wait().unwrap().is_some());
        training
    }
}

/// A training under way; killed where a test fails.
struct Training(Child);

impl Training {
    fn send(&self, signal: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    fn end(mut self) -> (ExitStatus, String) {
        let mut errors = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.0.wait().unwrap(), errors)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The tensors of a checkpoint, by name.
fn tensors(file: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = fs::read(file).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<_> =
        tensors.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
    tensors.sort();
    tensors
}

fn steps_done(checkpoint: &Path) -> u64 {
    progress(checkpoint)["step"].as_u64().unwrap()
}

fn progress(checkpoint: &Path) -> serde_json::Value {
    let bytes = fs::read(checkpoint).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    serde_json::from_str(&metadata.metadata().as_ref().unwrap()["progress"]).unwrap()
}

#[test]
fn a_signal_saves_and_is_the_exit_code() {
    let world = World::new();
    for (signal, code) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let training = world.endless(signal, "", &[]);
        training.send(signal);
        let (status, errors) = training.end();
        assert_eq!(status.code(), Some(code), "{errors}");
        let last = world.path(signal).join("last.safetensors");
        let step = steps_done(&last);
        let said = format!("saved at step {step}; go on with: arc-trainer train --resume {signal}");
        assert!(errors.contains(&said), "{errors}");
        let one_more = format!("steps={}", step + 1);
        world.done(&["--resume", signal, "--set", &one_more]);
        assert_eq!(steps_done(&last), step + 1);
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let world = World::new();
    // A step of many seconds.
    let large = ["--set", "training.recipe={episodes={episodes=3000,way=5}}"];
    let training = world.endless("run", "", &large);
    training.send("INT");
    thread::sleep(Duration::from_millis(100));
    training.send("INT");
    let (status, errors) = training.end();
    assert_eq!(status.code(), Some(130), "{errors}");
    assert!(!errors.contains("saved at step"), "{errors}");
    assert_eq!(steps_done(&world.path("run/last.safetensors")), 0);
}

#[test]
fn a_signal_that_is_to_be_ignored_is_ignored() {
    let world = World::new();
    let training = world.endless("run", "trap '' HUP;", &[]);
    training.send("HUP");
    let step = || steps_done(&world.path("run/last.safetensors"));
    let before = step();
    wait_until(|| step() > before + 1);
    training.send("TERM");
    assert_eq!(training.end().0.code(), Some(143));
}

#[test]
fn a_live_run_is_read_by_all_and_written_by_one() {
    let world = World::new();
    let training = world.endless("run", "", &[]);
    let best = world.path("run/best.safetensors");
    wait_until(|| best.exists());
    let who = format!("process id {}", training.0.id());
    for args in
        [&["--resume", "run"][..], &["--config", "small.toml", "--out", "run", "--overwrite"]]
    {
        let error = world.fails(args);
        assert!(error.contains(&who) && error.contains("since 20"), "{error}");
    }
    assert!(best.exists());
    let export = ["export", "run", "--quantize", "i8", "--out", "live.arc"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
    assert!(command.args(export).current_dir(world.0.path()).status().unwrap().success());
    training.send("TERM");
    assert_eq!(training.end().0.code(), Some(143));
    let end = format!("steps={}", steps_done(&world.path("run/last.safetensors")) + 1);
    world.done(&["--resume", "run", "--set", &end]);
}

#[test]
fn a_run_killed_again_and_again_ends_as_the_unbroken_one() {
    let world = World::new();
    world.done(&["--config", "small.toml", "--out", "whole"]);
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let last = world.path("broken/last.safetensors");
    let mut kills = 0;
    while !last.exists() || steps_done(&last) < 30 {
        let start = ["--config", "small.toml", "--out", "broken", "--overwrite"];
        let args = if last.exists() { &["--resume", "broken"][..] } else { &start };
        let before = last.exists().then(|| steps_done(&last));
        let child = world.command("", args).stderr(Stdio::null()).spawn().unwrap();
        let mut training = Training(child);
        // Some steps on; then at any moment.
        wait_until(|| {
            last.exists() && before.is_none_or(|step| steps_done(&last) > step + 3 || step > 25)
        });
        thread::sleep(Duration::from_micros(rng.random_range(0..20_000)));
        if kills == 5 {
            assert!(training.0.wait().unwrap().success());
        } else {
            training.0.kill().unwrap();
            kills += 1;
        }
    }
    assert!(kills >= 3, "{kills} kills");
    for file in ["last.safetensors", "best.safetensors"] {
        assert!(
            tensors(&world.path("broken").join(file)) == tensors(&world.path("whole").join(file)),
            "{file} differs"
        );
    }
    // One that is started once more, with nothing to do, clears away what the killed left.
    world.done(&["--resume", "broken"]);
    let names = fs::read_dir(world.path("broken")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["best.safetensors", "config.toml", "last.safetensors", "metrics.jsonl"]);
}

#[test]
fn a_full_disk_stops_the_training_and_leaves_its_checkpoint() {
    let world = World::new();
    world.done(&["--config", "small.toml", "--out", "run", "--set", "steps=4"]);
    let last = world.path("run/last.safetensors");
    let before = fs::read(&last).unwrap();
    assert!(before.len() > 16 * 1024);
    let more = ["--resume", "run", "--set", "steps=8"];
    let output = world.command("trap '' XFSZ; ulimit -f 16;", &more).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("best.safetensors") || errors.contains("last.safetensors"), "{errors}");
    assert!(errors.contains("make room") && errors.contains("--resume run"), "{errors}");
    assert!(fs::read(&last).unwrap() == before);
    world.done(&more);
    world.done(&["--config", "small.toml", "--out", "other", "--set", "steps=4"]);
    world.done(&["--resume", "other", "--set", "steps=8"]);
    assert!(tensors(&last) == tensors(&world.path("other/last.safetensors")));
}

#[test]
fn what_a_run_was_begun_with_stays() {
    let world = World::new();
    world.done(&["--config", "small.toml", "--out", "run", "--set", "steps=2"]);
    let synth = Synth { alphabets: 3, characters: 5..=5, drawers: 4, side: 24, seed: 2 };
    synth.write(&world.path("others"), || ()).unwrap();
    let config = fs::read(world.path("run/config.toml")).unwrap();
    for (changed, said) in [
        (["--data", "others"], "digest of the drawings at data.path was"),
        (["--set", "seed=2"], "seed was 1 and is now 2"),
        (["--set", "validation_alphabets=2"], "data.validation_alphabets was 1 and is now 2"),
        (["--set", "image_side=18"], "model.image_side was 16 and is now 18"),
        (["--set", "glimpses=3"], "model.glimpses was 2 and is now 3"),
    ] {
        let more = ["--resume", "run", "--set", "steps=3"];
        let error = world.fails(&[&more[..], &changed].concat());
        assert!(error.contains(said) && error.contains("--start run"), "{error}");
        assert_eq!(fs::read(world.path("run/config.toml")).unwrap(), config);
    }
    // The same drawings elsewhere, longer and slower.
    fs::rename(world.path("glyphs"), world.path("moved")).unwrap();
    let same = ["--resume", "run", "--data", "moved", "--set", "steps=3"];
    world.done(&[&same[..], &["--set", "learning_rate=1e-4"]].concat());
}

/// Rewrites a checkpoint as the version before wrote it.
fn forget_origin(file: &Path) {
    let bytes = fs::read(file).unwrap();
    let mut progress = progress(file);
    assert!(progress.as_object_mut().unwrap().remove("origin").is_some());
    let tensors = SafeTensors::deserialize(&bytes).unwrap().tensors();
    let metadata = HashMap::from([("progress".to_owned(), progress.to_string())]);
    fs::write(file, safetensors::serialize(tensors, Some(metadata)).unwrap()).unwrap();
}

#[test]
fn a_checkpoint_of_an_earlier_version_goes_on_with_a_warning() {
    let world = World::new();
    world.done(&["--config", "small.toml", "--out", "run", "--set", "steps=2"]);
    forget_origin(&world.path("run/last.safetensors"));
    forget_origin(&world.path("run/best.safetensors"));
    let more = ["--resume", "run", "--set", "steps=3"];
    let export = ["export", "run", "--quantize", "none", "--out", "old.arc"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
    assert!(command.args(export).current_dir(world.0.path()).status().unwrap().success());
    assert!(world.done(&more).contains("last.safetensors is of an earlier version"));
    assert!(!world.done(&more).contains("earlier version"), "it knows from here on");
}

#[test]
fn a_divergence_is_never_kept() {
    let world = World::new();
    for (name, rate) in [("finite", "1e30"), ("infinite", "1e39")] {
        for average in ["average=0.0", "average=0.9"] {
            let out = format!("{name}-{average}");
            let rate = format!("learning_rate={rate}");
            let sets = ["--set", &rate, "--set", average];
            let error =
                world.fails(&[&["--config", "small.toml", "--out", &out], &sets[..]].concat());
            assert!(error.contains("learning_rate") && error.contains("unharmed"), "{error}");
            let last = world.path(&out).join("last.safetensors");
            assert_eq!(steps_done(&last), 0);
            assert!(!world.path(&out).join("best.safetensors").exists());
            // And so the promise holds.
            world.done(&["--resume", &out, "--set", "learning_rate=1e-3", "--set", "steps=2"]);
        }
    }
}
