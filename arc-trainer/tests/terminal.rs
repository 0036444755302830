//! Text from outside on a terminal: nothing of it is obeyed.

mod common;

use std::fs;
use std::process::Output;

use arc_trainer::eval;
use arc_trainer::export::{IntegerModel, Ranges};
use arc_trainer::float::{FloatFile, Provenance, Run};
use common::bombs::zip;
use common::world::World;
use common::{strokes, with_ways, write_pngs};

/// Clears the screen, sets the title, is a C1 control, and turns the order of reading around.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{7f}\r";

/// Whether a terminal shows the character as it is.
fn is_plain(c: char) -> bool {
    c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c))
}

/// What a command prints, all of which a terminal shows as it is.
fn shown(world: &World, args: &[&str]) -> String {
    let Output { status, stdout, stderr } = world.run(args);
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    assert!(matches!(status.code(), Some(0..=2)), "{args:?}, {status:?}: {text:?}");
    assert!(text.chars().all(is_plain), "{args:?}: {text:?}");
    text
}

/// [`shown`], and the hostile text is among it, escaped.
fn escaped(world: &World, args: &[&str]) -> String {
    let text = shown(world, args);
    assert!(text.contains("\\u001b[2J") && text.contains("\\u202e"), "{args:?}: {text}");
    text
}

/// Writes both encodings of the run's model with these strings in it.
fn write_models(world: &World, strings: &Provenance, [integer, float]: [&str; 2]) {
    let run = Run::load(&world.path("run")).unwrap();
    let plan = eval::verify(&world.dataset, 20, 0).unwrap();
    let ranges = Ranges::observe(&run.model, &plan).unwrap();
    let model = IntegerModel::quantize(&run.model, &ranges).unwrap();
    fs::write(world.path(integer), model.to_bytes(strings).unwrap()).unwrap();
    let file = FloatFile { provenance: strings.clone(), model: run.model };
    fs::write(world.path(float), file.to_bytes().unwrap()).unwrap();
}

#[test]
fn no_verb_shows_a_model_s_strings_raw() {
    let world = World::new();
    let config = fs::read_to_string(world.path("run/config.toml")).unwrap();
    let strings = Provenance {
        profile: format!("profile{HOSTILE}"),
        trained_on: format!("data{HOSTILE}"),
        config: format!("# {HOSTILE}\n{config}"),
        ..Provenance::default()
    };
    let [integer, float] = ["i8", "float"].map(|name| format!("{name}{HOSTILE}.arc"));
    write_models(&world, &strings, [&integer, &float]);
    fs::copy(world.path("strokes/alphabet0/character00/00.png"), world.path("a.png")).unwrap();
    fs::create_dir(world.path("gallery")).unwrap();
    fs::copy(world.path("a.png"), world.path("gallery/a.png")).unwrap();

    for model in [integer.as_str(), &float] {
        for json in [&[][..], &["--json"]] {
            let with_json = |args: &[&'static str]| -> Vec<String> {
                let args = args.iter().map(|arg| arg.replace("MODEL", model));
                args.chain(json.iter().map(|&arg| arg.to_owned())).collect()
            };
            let show = |args: &[&'static str], is_named: bool| {
                let args = with_json(args);
                let args: Vec<_> = args.iter().map(String::as_str).collect();
                if is_named { escaped(&world, &args) } else { shown(&world, &args) }
            };
            let is_json = !json.is_empty();
            show(&["inspect", "MODEL"], true);
            show(&["compare", "MODEL", "a.png", "a.png"], is_json);
            show(&["identify", "MODEL", "--gallery", "gallery", "a.png"], is_json);
            show(&["bench", "MODEL"], true);
            for protocol in ["verify", "within", "across", "open"] {
                let eval = ["eval", "MODEL", "--data", "strokes", "--way", "4", "--episodes", "2"];
                let eval = [&eval[..], &["--protocol", protocol]].concat();
                show(&eval, true);
                // It also says that it was trained on other data.
                show(&[&eval[..], &["--split", "training"]].concat(), true);
            }
            show(&["eval", "MODEL", "--data", "nowhere", "--protocol", "lake"], false);
        }
        let args = ["report", model, "--data", "strokes", "--out", "page", "--episodes", "2"];
        shown(&world, &args);
        escaped(
            &world,
            &["eval", model, "--data", "strokes", "--protocol", "verify", "--glimpses", "9"],
        );
    }

    // Files that are no models, and models that don't fit the verb.
    fs::write(world.path(&integer), "no model at all, but long enough for a header").unwrap();
    for verb in ["inspect", "bench"] {
        escaped(&world, &[verb, &integer]);
    }
    escaped(&world, &["inspect", HOSTILE]);
    let ways = World::of(&with_ways(5));
    write_models(&ways, &strings, [&integer, &float]);
    escaped(&ways, &["compare", &integer, "a.png", "a.png"]);
    escaped(&ways, &["bench", &integer]);
}

#[test]
fn no_name_of_a_folder_or_file_is_shown_raw() {
    let world = World::new();
    let named = |part: &str| format!("{part}{HOSTILE}");
    let mut data = strokes(&[3, 2], 2);
    data.groups[0].name = named("group");
    data.groups[0].classes[0].name = named("class");
    data.groups[1].name = named("small");
    let root = named("data");
    write_pngs(&data, &world.path(&root));
    let eval = |protocol: &'static str, data: &str| -> Vec<String> {
        let args = ["eval", "i8.arc", "--data", data, "--protocol", protocol];
        [&args[..], &["--way", "3", "--episodes", "2"]].concat().iter().map(|&a| a.into()).collect()
    };
    let escape = |args: &[String]| {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        escaped(&world, &args)
    };
    assert!(escape(&eval("within", &root)).contains("skipped"));
    escape(&eval("within", &root)[..].iter().cloned().chain(["--json".into()]).collect::<Vec<_>>());
    escape(&eval("lake", &root));
    escape(&eval("verify", &named("missing")));

    let class = world.path(&root).join(named("group")).join(named("class"));
    let change = |name: &str, bytes: &[u8]| fs::write(class.join(named(name)), bytes).unwrap();
    fs::remove_file(class.join("01.png")).unwrap();
    assert!(escape(&eval("verify", &root)).contains("has 1 drawing(s)"));
    change("x", b"");
    fs::rename(class.join(named("x")), class.join(format!("x{HOSTILE}.png"))).unwrap();
    assert!(escape(&eval("verify", &root)).contains("but an empty file"));

    // A gallery's labels, and the probes that a shell has filled in.
    let picture = world.path("strokes/alphabet0/character00/00.png");
    let gallery = world.path(&named("gallery"));
    fs::create_dir_all(gallery.join(named("label"))).unwrap();
    fs::copy(&picture, gallery.join(named("label")).join("1.png")).unwrap();
    fs::copy(&picture, world.path(&format!("probe{HOSTILE}.png"))).unwrap();
    let (gallery, probe) = (named("gallery"), format!("probe{HOSTILE}.png"));
    let identify = ["identify", "i8.arc", "--gallery", &gallery, &probe];
    let text = escaped(&world, &identify);
    assert!(text.contains("label\\u001b") && text.contains("probe\\u001b"), "{text}");
    escaped(&world, &[&identify[..], &["--json"]].concat());
    escaped(&world, &["identify", "i8.arc", "--gallery", &named("missing"), &probe]);
    escaped(&world, &["compare", "i8.arc", &named("missing"), &probe]);
    escaped(&world, &["compare", "i8.arc", &probe, &probe, "--json"]);

    // Members of a zip, and what is in labels and configurations.
    let write = |name: &str, bytes: Vec<u8>| fs::write(world.path(name), bytes).unwrap();
    let (member, other) = (named("g/c/") + "1.png", named("g/") + "1.png");
    write("data.zip", zip([(member.as_str(), &b"no picture"[..])]));
    escape(&eval("verify", "data.zip"));
    write("data.zip", zip([(member.as_str(), &b""[..]), (other.as_str(), b"")]));
    assert!(escape(&eval("verify", "data.zip")).contains("different depth"));
    write("data.zip", zip([(named("text").as_str(), &b""[..])]));
    assert!(escape(&eval("verify", "data.zip")).contains("no picture in it, only"));
    for labels in [HOSTILE.to_owned(), format!("r/test/{HOSTILE} r/training/{HOSTILE}")] {
        write("data.zip", zip([("r/class_labels.txt", labels.as_bytes())]));
        assert!(escape(&eval("lake", "data.zip")).contains("class_labels.txt line 1"));
    }
    write("run/config.toml", format!("name = \"x\"\n\"{HOSTILE}\" = 1\n").into_bytes());
    let export = ["export", "run", "--quantize", "i8", "--out", "x.arc"];
    shown(&world, &export);
    let key: String = HOSTILE.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    write("run/config.toml", format!("\"{key}\" = 1\n").into_bytes());
    escaped(&world, &export);

    // The command line itself.
    for args in [&["inspect", "i8.arc", &named("--")][..], &[HOSTILE]] {
        assert!(shown(&world, args).contains("\\u009b31m\\u202e"));
    }
}

#[test]
fn a_line_break_in_a_name_begins_no_line() {
    let world = World::new();
    let name = "alphabet\n100.00 %  (2 of 2)";
    let mut data = strokes(&[3, 2], 2);
    data.groups[1].name = name.into();
    write_pngs(&data, &world.path("data"));
    let args = ["eval", "i8.arc", "--data", "data", "--protocol", "within", "--way", "3"];
    let text = shown(&world, &args);
    assert!(text.contains("alphabet\\u000a100.00 %"), "{text}");
}

#[test]
fn a_page_escapes_what_is_no_text() {
    let world = World::new();
    let strings = Provenance {
        profile: "<script>alert(1)</script>".into(),
        trained_on: "\"><img src=x onerror=alert(2)>".into(),
        config: "</pre><script>alert(3)</script>".into(),
        ..Provenance::default()
    };
    write_models(&world, &strings, ["markup.arc", "float.arc"]);
    let data = "<b>data<b>";
    write_pngs(&strokes(&[6, 8], 4), &world.path(data));
    let args = ["report", "markup.arc", "--data", data, "--out", "page", "--episodes", "2"];
    world.done(&args);
    let page = fs::read_to_string(world.path("page/index.html")).unwrap();
    for markup in ["<script", "<img", "<b>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("&lt;b&gt;data"));
    assert!(page.contains("&lt;img src=x") && page.contains("&lt;script&gt;alert(3)"));
}
