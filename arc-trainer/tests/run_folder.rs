//! What is kept on disk, when others write there, processes are killed and the disk is full.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use arc_trainer::config::Config;
use arc_trainer::files::write_whole;
use arc_trainer::run::RunFolder;
use common::{CONFIG, random_run, strokes, write_pngs};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bytes of which each part tells the version, of a length of its own.
fn version(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(20_000 + (number % 7) as usize * 3_000)
}

/// The version that a file's bytes are, whole.
fn version_of(bytes: &[u8]) -> u64 {
    let number = bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).unwrap();
    assert!(bytes == version(number), "{} bytes that begin as version {number}", bytes.len());
    number
}

#[test]
fn two_writers_of_one_path_never_tear_it() {
    const WRITES: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.arc");
    write_whole(&file, &version(0)).unwrap();
    let done = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                assert!(version_of(&fs::read(&file).unwrap()) < 2 * WRITES);
                reads += 1;
            }
            reads
        });
        let writers = [0, WRITES].map(|first| {
            let file = &file;
            scope.spawn(move || {
                (first..first + WRITES).try_for_each(|n| write_whole(file, &version(n)))
            })
        });
        let written = writers.map(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
        written.into_iter().for_each(|result| result.unwrap());
        reader.join().unwrap()
    });
    assert!(reads > 20, "{reads} reads");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The folder of a [`saver`].
const SAVER_FOLDER: &str = "ARC_TEST_SAVER_FOLDER";

/// A process that has the lock of a run's folder and does nothing but save.
struct Saver {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Saver {
    /// Starts it; it has saved once.
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "saver"]).env(SAVER_FOLDER, folder);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut saver = Self { child, output };
        assert!(saver.saved().is_some(), "it ended before it had saved");
        saver
    }

    /// The next version that it says it has saved; none once it has ended.
    fn saved(&mut self) -> Option<u64> {
        (&mut self.output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("saved ")?.parse().ok())
    }

    /// Kills it as a loss of power would; returns the last version that it said it had saved.
    fn kill(mut self) -> Option<u64> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.saved()).last()
    }
}

#[test]
#[ignore = "the other process of the tests beside it"]
fn saver() {
    let Some(folder) = std::env::var_os(SAVER_FOLDER) else { return };
    let folder = RunFolder::new(Path::new(&folder), true).unwrap();
    let _lock = folder.lock().unwrap();
    let first = fs::read(folder.best()).map_or(0, |bytes| version_of(&bytes) + 1);
    for number in first.. {
        write_whole(&folder.best(), &version(number)).unwrap();
        writeln!(std::io::stdout(), "saved {number}").unwrap();
    }
}

fn unfinished(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".partial")).count()
}

#[test]
fn a_hundred_kills_while_saving_leave_whole_files_and_no_litter() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::new(folder.path(), true).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let (mut newest, mut in_the_middle) = (0, 0);
    for _ in 0..100 {
        let saver = Saver::start(folder.path());
        thread::sleep(Duration::from_micros(rng.random_range(0..10_000)));
        // What was reported as saved is there, or what came after it.
        newest = saver.kill().unwrap_or(newest);
        let found = version_of(&fs::read(run.best()).unwrap());
        assert!(found >= newest, "version {found} is older than {newest}, which was saved");
        newest = found;
        let left = unfinished(folder.path());
        assert!(left <= 1, "{left} unfinished files: the start cleared none away");
        in_the_middle += left;
    }
    assert!(in_the_middle > 10, "{in_the_middle} kills of 100 came in the middle of a write");
    drop(run.lock().unwrap());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [run.best()]);
}

#[test]
fn a_folder_in_use_names_its_holder_and_a_dead_one_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let saver = Saver::start(folder.path());
    let host = gethostname::gethostname().into_string().unwrap();
    for overwrite in [false, true] {
        let run = match RunFolder::new(folder.path(), overwrite) {
            Ok(run) => run,
            Err(_) if !overwrite => continue,
            Err(error) => panic!("{error:#}"),
        };
        let error = format!("{:#}", run.lock().unwrap_err());
        let who = format!("process id {} on {host}, since 20", saver.child.id());
        assert!(error.contains(&who) && error.contains("wait for it"), "{error}");
    }
    saver.kill();
    assert!(folder.path().join(".lock").exists(), "left by the killed");
    let run = RunFolder::new(folder.path(), true).unwrap();
    let lock = run.lock().unwrap();
    let error = format!("{:#}", run.lock().unwrap_err());
    assert!(error.contains(&std::process::id().to_string()), "{error}");
    drop(lock);
    assert!(!folder.path().join(".lock").exists());
    drop(run.lock().unwrap());
}

/// Taken and given back by many at once, it is held by one at a time, though its file comes and goes.
#[test]
fn many_who_want_a_lock_have_it_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::new(folder.path(), true).unwrap();
    let (held, taken) = (AtomicBool::new(false), std::sync::atomic::AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while taken.load(Ordering::Relaxed) < 500 {
                    if let Ok(_lock) = run.lock() {
                        assert!(!held.swap(true, Ordering::SeqCst), "two hold it");
                        taken.fetch_add(1, Ordering::Relaxed);
                        held.store(false, Ordering::SeqCst);
                    }
                }
            });
        }
    });
}

#[cfg(unix)]
#[test]
fn a_planted_link_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, b"precious").unwrap();
    let config = Config::parse(CONFIG, &[]).unwrap();
    let place = folder.path().join("run");
    fs::create_dir(&place).unwrap();
    let run = RunFolder::new(&place, true).unwrap();
    std::os::unix::fs::symlink(&victim, place.join(".lock")).unwrap();
    let error = format!("{:#}", run.lock().unwrap_err());
    assert!(error.contains(".lock is a link: remove it"), "{error}");
    fs::remove_file(place.join(".lock")).unwrap();

    // A link to nothing is no file that exists, and yet opening it would make one.
    let nothing = folder.path().join("nothing");
    for file in [run.config_file(), run.metrics(), run.last(), run.best()] {
        std::os::unix::fs::symlink(if file == run.metrics() { &nothing } else { &victim }, file)
            .unwrap();
    }
    run.begin(&config, &run.lock().unwrap()).unwrap();
    let mut metrics = arc_trainer::run::metrics::Metrics::open(&run.metrics(), 0).unwrap();
    let line = arc_trainer::run::metrics::Line::Validation {
        step: 1,
        accuracy: 0.5,
        trials: 2,
        seconds: 1.0,
    };
    metrics.write(&line).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    assert!(!nothing.exists());
    assert_eq!(arc_trainer::run::metrics::read(&run.metrics()).unwrap(), [line]);
}

#[test]
fn files_of_a_run_are_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let refused = |said: &str| {
        let error = format!("{:#}", RunFolder::new(path, false).unwrap_err());
        assert!(error.contains(said) && error.contains("--overwrite"), "{error}");
        assert!(RunFolder::new(path, true).is_ok());
    };
    RunFolder::new(path, false).unwrap();
    // Weights alone; shipped, with their configuration; and a run that can be gone on with.
    fs::write(path.join("best.safetensors"), b"weights").unwrap();
    refused("best.safetensors is there already");
    fs::write(path.join("config.toml"), CONFIG).unwrap();
    refused("--start");
    fs::write(path.join("last.safetensors"), b"weights").unwrap();
    refused("--resume");

    // Another training has come and gone between the question and the beginning.
    let late = folder.path().join("late");
    let run = RunFolder::new(&late, false).unwrap();
    let lock = run.lock().unwrap();
    fs::write(late.join("best.safetensors"), b"weights").unwrap();
    let config = Config::parse(CONFIG, &[]).unwrap();
    assert!(run.begin(&config, &lock).is_err());
    assert_eq!(fs::read(late.join("best.safetensors")).unwrap(), b"weights");

    fs::write(folder.path().join("file"), b"").unwrap();
    let error = RunFolder::new(&folder.path().join("file"), true).unwrap_err().to_string();
    assert!(error.contains("is no folder"), "{error}");
}

#[test]
fn without_a_checkpoint_the_advice_spares_the_weights() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.toml"), CONFIG).unwrap();
    let (run, _) = RunFolder::open(folder.path(), &[]).unwrap();
    let advice = || format!("{:#}", run.ensure_resumable().unwrap_err());
    assert!(advice().contains("--overwrite"), "{}", advice());
    fs::write(run.best(), b"weights").unwrap();
    let start = format!("--start {}", folder.path().display());
    assert!(advice().contains(&start) && !advice().contains("--overwrite"), "{}", advice());
    fs::write(run.last(), b"weights").unwrap();
    run.ensure_resumable().unwrap();
}

/// A run on drawings beside it, and the program in its folder.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_pngs(&strokes(&[6, 8], 4), &folder.path().join("strokes"));
        random_run(folder.path(), CONFIG, &folder.path().join("strokes"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// stderr of a command that must end with `code`; with `blocks` given, no file may grow beyond
    /// that many blocks of 512 bytes (in some shells 1024), as on a disk that is almost full.
    fn ends(&self, code: i32, blocks: Option<u32>, args: &[&str]) -> String {
        let limit = blocks.map_or(String::new(), |n| format!("trap '' XFSZ; ulimit -f {n}; "));
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limit}exec \"$0\" \"$@\"")]);
        command.arg(env!("CARGO_BIN_EXE_arc-trainer")).args(args);
        let output = command.current_dir(self.folder.path()).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        errors
    }
}

#[test]
fn a_full_disk_leaves_every_old_file_whole() {
    let world = World::new();
    for (file, args) in [
        ("i8.arc", &["export", "run", "--quantize", "i8", "--out", "i8.arc"][..]),
        ("float.arc", &["export", "run", "--quantize", "none", "--out", "float.arc"]),
        ("page/index.html", &["report", "run", "--out", "page", "--episodes", "2"]),
        (
            "sheet.png",
            &[
                "data",
                "synth",
                "--alphabets",
                "4",
                "--characters",
                "20",
                "--drawers",
                "5",
                "--side",
                "32",
                "--sheet",
                "sheet.png",
                "--out",
                "glyphs",
            ],
        ),
    ] {
        world.ends(0, None, args);
        let old = fs::read(world.path(file)).unwrap();
        assert!(old.len() > 8192, "{file} has {} bytes", old.len());
        // `data synth` wants an empty folder.
        let _ = fs::remove_dir_all(world.path("glyphs"));
        let error = world.ends(1, Some(8), args);
        assert!(error.contains(file) && error.contains("make room"), "{error}");
        assert_eq!(fs::read(world.path(file)).unwrap(), old, "{file}");
        assert_eq!(unfinished(world.path(file).parent().unwrap()), 0);
    }
}

#[test]
fn a_place_that_can_not_be_written_is_named_before_the_work() {
    let world = World::new();
    // Whoever came to the calibration would miss its drawings.
    fs::remove_dir_all(world.path("strokes")).unwrap();
    fs::create_dir(world.path("folder")).unwrap();
    for out in ["folder", "nowhere/x.arc", "/dev/null", "/proc/x.arc"] {
        let export = ["export", "run", "--quantize", "i8", "--out", out];
        let error = world.ends(1, None, &export);
        assert!(error.contains(out) && error.contains("another --out"), "{error}");
    }
}

#[test]
fn a_page_that_is_no_report_is_not_replaced_unasked() {
    let world = World::new();
    fs::create_dir(world.path("site")).unwrap();
    let page = world.path("site/index.html");
    fs::write(&page, "<!DOCTYPE html><title>Home</title>").unwrap();
    let report = ["report", "run", "--out", "site", "--episodes", "2"];
    let error = world.ends(1, None, &report);
    assert!(error.contains("site/index.html is there and is no report"), "{error}");
    assert!(fs::read_to_string(&page).unwrap().contains("Home"));
    world.ends(0, None, &[&report[..], &["--overwrite"]].concat());
    assert!(fs::read_to_string(&page).unwrap().contains("ARC report"));
    // Its own it knows again.
    world.ends(0, None, &report);
}
