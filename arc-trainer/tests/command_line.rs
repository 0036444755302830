//! The binary as a user or a script meets it.

mod common;

use std::process::{Command, Stdio};

use arc_runtime::kernels::Host;
use common::world::World;
use common::{strokes, with_context, with_ways, write_png, write_pngs};
use serde_json::Value;

/// The kernels that a command takes here.
fn fastest() -> &'static str {
    Host::choose().unwrap().name()
}

#[test]
fn kernels_are_named_and_forced() {
    let world = World::new();
    for set in Host::available() {
        let output = world
            .command(&["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--json"])
            .env("ARC_KERNELS", set.name())
            .output()
            .unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["backend"], set.name());
    }
    let output = world.command(&["inspect", "i8.arc"]).env("ARC_KERNELS", "abacus").output();
    let error = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(error.contains("abacus") && error.contains("scalar"), "{error}");
}

#[test]
fn eval_prints_one_object_with_all_keys() {
    let world = World::new();
    for (model, backend) in [("i8.arc", fastest()), ("float.arc", "float")] {
        for (protocol, trials) in [("within", 15), ("across", 3), ("verify", 3), ("open", 3)] {
            let args = ["eval", model, "--data", "strokes", "--way", "5", "--episodes", "3"];
            let found = world.json(&[&args[..], &["--protocol", protocol]].concat());
            assert_eq!(found["protocol"], protocol);
            assert_eq!(found["model"], model);
            assert_eq!(found["backend"], backend);
            assert_eq!(found["episodes"], 3);
            assert_eq!(found["trials"], trials);
            assert_eq!(found["way"], if protocol == "verify" { 1 } else { 5 });
            let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key}"));
            let (accuracy, correct) = (number("accuracy"), number("correct"));
            assert_eq!(accuracy, correct / f64::from(trials));
            let ci = [&found["ci95"][0], &found["ci95"][1]].map(|v| v.as_f64().unwrap());
            assert!(ci[0] <= accuracy && accuracy <= ci[1] && ci[0] >= 0.0 && ci[1] <= 1.0);
            assert!(number("seconds") >= 0.0);
            // A probe and a support at least; at most 5 of each in every episode.
            assert!((2.0..=30.0).contains(&number("images")), "{found}");
        }
    }
}

#[test]
fn eval_draws_from_the_split_of_the_training() {
    let world = World::new();
    let classes = |split: &str| {
        let args = ["eval", "i8.arc", "--data", "strokes", "--protocol", "across"];
        // The held-out alphabet has 6 or 8 characters, and so has the other.
        let way = |n: &str| world.run(&[&args[..], &["--split", split, "--way", n]].concat());
        [6, 8, 14].map(|n: u32| way(&n.to_string()).status.success())
    };
    assert_eq!(classes("all"), [true; 3]);
    let (training, validation) = (classes("training"), classes("validation"));
    assert!(!training[2] && !validation[2]);
    assert_ne!(training[1], validation[1], "one of them has 8 characters, the other 6");
}

#[test]
fn eval_is_the_same_for_a_seed_and_readable_for_people() {
    let world = World::new();
    let args = ["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--episodes", "40"];
    let without_time = |mut report: Value| {
        report.as_object_mut().unwrap().remove("seconds");
        report
    };
    let once = without_time(world.json(&args));
    assert_eq!(once, without_time(world.json(&args)));
    for key in [
        "equal_error_rate",
        "best_accuracy",
        "best_threshold",
        "threshold",
        "false_accept_rate",
        "false_reject_rate",
        "threshold_accuracy",
    ] {
        assert!(once[key].is_number(), "{key}");
    }
    let text = world.done(&args);
    assert!(text.contains("95 % interval") && text.contains(" backend"), "{text}");
}

#[test]
fn eval_says_what_an_open_set_costs_and_what_fewer_glimpses_do() {
    let world = World::new();
    let args = ["eval", "i8.arc", "--data", "strokes", "--way", "5", "--episodes", "40"];
    let open = world.json(&[&args[..], &["--protocol", "open"]].concat());
    for key in ["threshold", "known_rejected", "known_mistaken", "unknown_accepted"] {
        assert!(open[key].is_number(), "{key}");
    }
    for model in ["i8.arc", "float.arc"] {
        let args = ["eval", model, "--data", "strokes", "--protocol", "verify"];
        let error_rate = |glimpses: &str| {
            world.json(&[&args[..], &["--glimpses", glimpses]].concat())["best_threshold"].clone()
        };
        let all = world.json(&args)["best_threshold"].clone();
        assert_eq!(error_rate("3"), all, "the model's number");
        assert_ne!(error_rate("1"), all);
    }
}

#[test]
fn another_order_of_the_supports_changes_nothing_for_a_model_that_sees_them_one_by_one() {
    let args = |model| {
        let eval = ["eval", model, "--data", "strokes", "--way", "5", "--episodes", "20"];
        [&eval[..], &["--protocol", "within", "--reorder", "1"]].concat()
    };
    let world = World::new();
    // In floats, where no two supports tie.
    let naive = world.json(&args("float.arc"));
    assert_eq!(naive["reordered"]["accuracy"], naive["accuracy"]);
    assert_eq!(naive["reordered"]["changed"], 0.0);
    let pairs = ["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--reorder", "1"];
    assert!(world.fails(1, &pairs).contains("--reorder"));

    // The N outputs of random weights hardly depend on the supports: the same output wins, and
    // another support stands there.
    let ways = World::of(&with_ways(5)).json(&args("i8.arc"));
    assert!(ways["reordered"]["changed"].as_f64().unwrap() > 0.5, "{ways}");
}

#[test]
fn compare_prints_logit_probability_and_verdict() {
    let world = World::new();
    let drawings: Vec<_> = world.dataset.drawings().take(2).collect();
    write_png(drawings[0], &world.path("a.png"));
    write_png(drawings[1], &world.path("b.png"));
    let found = world.json(&["compare", "i8.arc", "a.png", "b.png"]);
    let logit = found["logit"].as_f64().unwrap();
    let probability = found["probability"].as_f64().unwrap();
    let calibration = world.json(&["inspect", "i8.arc"])["calibration"].clone();
    let number = |key: &str| calibration[key].as_f64().unwrap();
    let expected = 1.0 / (1.0 + (-logit / number("temperature")).exp());
    assert!((probability - expected).abs() < 1e-3);
    assert_eq!(
        (found["threshold"].as_f64(), 0.01),
        (Some(number("threshold")), number("false_accept_rate"))
    );
    assert_eq!(found["verdict"], if logit >= number("threshold") { "same" } else { "different" });
    let float = world.json(&["compare", "float.arc", "a.png", "b.png"]);
    let logit = float["logit"].as_f64().unwrap();
    assert_eq!(float["verdict"], if logit >= 0.0 { "same" } else { "different" });

    // Bright ink on a dark ground, said so, is the same picture.
    for (drawing, name) in drawings.iter().zip(["a2.png", "b2.png"]) {
        let mut inverted = (*drawing).clone();
        inverted.ink.iter_mut().for_each(|ink| *ink = 255 - *ink);
        write_png(&inverted, &world.path(name));
    }
    let bright = world.json(&["compare", "i8.arc", "a2.png", "b2.png", "--ink", "bright"]);
    assert_eq!(bright["logit"], found["logit"]);
    assert!(world.done(&["compare", "i8.arc", "a.png", "b.png"]).contains("probability"));
}

#[test]
fn identify_takes_folders_and_single_pictures_as_labels() {
    let world = World::new();
    let gallery = world.path("gallery");
    std::fs::create_dir_all(gallery.join("folder")).unwrap();
    let drawings: Vec<_> = world.dataset.drawings().collect();
    write_png(drawings[0], &gallery.join("folder/one.png"));
    write_png(drawings[1], &gallery.join("folder/two.png"));
    write_png(drawings[8], &gallery.join("single.png"));
    std::fs::write(gallery.join("._single.png"), "what a Mac leaves there").unwrap();
    write_png(drawings[2], &world.path("probe.png"));
    let found =
        world.json(&["identify", "i8.arc", "--gallery", "gallery", "probe.png", "probe.png"]);
    assert_eq!(found["enrolled"], 3);
    let probes = found["probes"].as_array().unwrap();
    assert_eq!(probes.len(), 2);
    assert_eq!(probes[0], probes[1]);
    let ranking = probes[0]["ranking"].as_array().unwrap();
    assert_eq!(ranking.len(), 2, "one place per label");
    assert_eq!(probes[0]["nearest"], ranking[0]["label"]);
    let logits: Vec<f64> = ranking.iter().map(|p| p["logit"].as_f64().unwrap()).collect();
    assert!(logits[0] >= logits[1]);
    assert!(ranking.iter().all(|place| place["score"] == place["logit"]), "naive");
    // A label's score is the best of its pictures'.
    let compare = |name: &str| {
        let support = gallery.join(name);
        let found = world.json(&["compare", "i8.arc", "probe.png", support.to_str().unwrap()]);
        found["logit"].as_f64().unwrap()
    };
    let folder = compare("folder/one.png").max(compare("folder/two.png"));
    let expected = [folder, compare("single.png")];
    assert_eq!(logits[0], expected[0].max(expected[1]));
    let threshold = found["threshold"].as_f64().unwrap();
    assert_eq!(probes[0]["accepted"], logits[0] >= threshold);
}

#[test]
fn identify_can_say_none_of_these() {
    let world = World::new();
    let drawings: Vec<_> = world.dataset.drawings().collect();
    std::fs::create_dir(world.path("gallery")).unwrap();
    write_png(drawings[0], &world.path("gallery/one.png"));
    write_png(drawings[1], &world.path("probe.png"));
    let answers = ["0.000001", "0.5"].map(|share| {
        let export = ["export", "run", "--quantize", "i8", "--out", "at.arc", "--false-accept"];
        world.done(&[&export[..], &[share]].concat());
        let args = ["identify", "at.arc", "--gallery", "gallery", "probe.png"];
        let found = world.json(&args);
        let accepted = found["probes"][0]["accepted"].as_bool().unwrap();
        assert_eq!(found["probes"][0]["nearest"], "one", "the best match, accepted or not");
        let label = if accepted { "one".into() } else { Value::Null };
        assert_eq!(found["probes"][0]["label"], label, "a script lets nobody in by it");
        let logit = found["probes"][0]["ranking"][0]["logit"].as_f64().unwrap();
        assert_eq!(accepted, logit >= found["threshold"].as_f64().unwrap());
        assert_eq!(world.done(&args).starts_with("probe.png: none of these"), !accepted);
        accepted
    });
    assert_eq!(answers, [false, true]);
}

#[test]
fn a_context_changes_the_ranking_and_not_the_pairs() {
    let world = World::of(&with_context());
    let gallery = world.path("gallery");
    std::fs::create_dir_all(&gallery).unwrap();
    let drawings: Vec<_> = world.dataset.drawings().collect();
    for (name, drawing) in [("a.png", 0), ("b.png", 5), ("c.png", 9)] {
        write_png(drawings[drawing], &gallery.join(name));
    }
    write_png(drawings[2], &world.path("probe.png"));
    for model in ["i8.arc", "float.arc"] {
        let found = world.json(&["identify", model, "--gallery", "gallery", "probe.png"]);
        let ranking = found["probes"][0]["ranking"].as_array().unwrap();
        let number = |place: &Value, key: &str| place[key].as_f64().unwrap();
        let scores: Vec<_> = ranking.iter().map(|place| number(place, "score")).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
        for place in ranking {
            let picture = format!("gallery/{}.png", place["label"].as_str().unwrap());
            let pair = world.json(&["compare", model, "probe.png", &picture]);
            assert_eq!(place["logit"], pair["logit"]);
            assert_eq!(place["probability"], pair["probability"]);
            assert_ne!(place["score"], pair["logit"]);
        }
    }
    let [naive, context] = [World::new(), world].map(|world| world.json(&["inspect", "i8.arc"]));
    assert_eq!(context["dimensions"]["context_units"], 10);
    // Two LSTMs of 10 units over 24 numbers, and a row over their states.
    assert_eq!(context["weights"]["context"], 2 * 40 * (24 + 10 + 8) + 20 + 8);
    let extra = |path: [&str; 2]| {
        let number = |found: &Value| found[path[0]][path[1]].as_u64().unwrap();
        number(&context) - number(&naive)
    };
    assert_eq!(extra(["ram", "gallery_20"]), 20 * (24 + 4));
    assert_eq!(extra(["macs", "gallery_20"]), 20 * 2 * (40 * (24 + 10) + 10));
    assert_eq!(extra(["macs", "pair"]), 0);
}

#[test]
fn an_n_way_model_chooses_and_names_what_it_can_not_do() {
    let world = World::of(&with_ways(5));
    for model in ["i8.arc", "float.arc"] {
        let eval = ["eval", model, "--data", "strokes", "--episodes", "3", "--protocol"];
        let within = |way| [&eval[..], &["within", "--way", way]].concat();
        assert_eq!(world.json(&within("5"))["trials"], 15);
        let other = world.fails(1, &within("4"));
        assert!(other.contains(model) && other.contains("--way 5"), "{other}");
        let pairs = world.fails(1, &[&eval[..], &["verify"]].concat());
        assert!(pairs.contains(model) && pairs.contains("trained on pairs"), "{pairs}");

        let drawings: Vec<_> = world.dataset.drawings().collect();
        let gallery = world.path("gallery");
        std::fs::create_dir_all(&gallery).unwrap();
        write_png(drawings[3], &world.path("probe.png"));
        let probe = world.path("probe.png");
        let compare = world.fails(1, &["compare", model, "probe.png", "probe.png"]);
        assert!(compare.contains(model) && compare.contains("trained on pairs"), "{compare}");
        let identify = ["identify", model, "--gallery", "gallery", probe.to_str().unwrap()];
        for (k, drawing) in drawings[..5].iter().enumerate() {
            write_png(drawing, &gallery.join(format!("{k}.png")));
            if k == 3 {
                let few = world.fails(1, &identify);
                assert!(few.contains("among 5") && few.contains("holds 4"), "{few}");
            }
        }
        let found = world.json(&identify);
        let ranking = found["probes"][0]["ranking"].as_array().unwrap();
        let shares = ranking.iter().map(|place| place["probability"].as_f64().unwrap());
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(ranking.iter().all(|place| place.get("logit").is_none()));
        std::fs::remove_dir_all(&gallery).unwrap();
    }
    let found = world.json(&["inspect", "i8.arc"]);
    assert_eq!(found["dimensions"]["ways"], 5);
    assert!(found["macs"].get("pair").is_none());
}

#[test]
fn inspect_shows_sizes_and_origin_of_both_encodings() {
    let world = World::new();
    let size = |name: &str| std::fs::metadata(world.path(name)).unwrap().len();
    let found = world.json(&["inspect", "i8.arc"]);
    assert_eq!(found["file_bytes"], size("i8.arc"));
    assert_eq!(found["dimensions"]["hidden"], 24);
    assert_eq!(found["provenance"]["steps"], 7);
    // 24 units, glimpses of 3x3x8: 96 rows of 96 weights and 8 bytes.
    assert_eq!(found["weights"]["controller"], 96 * (96 + 8));
    assert_eq!(found["ram"]["features"], 8 * 8 * 8);
    // 16x16 positions of 9x6 and 8x8 positions of 54x8.
    assert_eq!(found["macs"]["extract"], 256 * 54 + 64 * 54 * 8);
    let float = world.json(&["inspect", "float.arc"]);
    assert_eq!(float["encoding"], "float");
    assert_eq!(float["macs"], found["macs"]);
    assert_eq!(float["dimensions"], found["dimensions"]);
    assert_eq!(float["weights"]["attention"], 4 * 3 * 25);
    assert!(world.done(&["inspect", "i8.arc"]).contains("strokes"));
}

#[test]
fn errors_name_the_file_and_exit_codes_tell_usage_from_failure() {
    let world = World::new();
    let eval = |model: &str, data: &str| {
        world.fails(1, &["eval", model, "--data", data, "--protocol", "verify"])
    };
    assert!(eval("missing.arc", "strokes").contains("missing.arc"));
    assert!(eval("i8.arc", "nowhere").contains("nowhere"));
    std::fs::write(world.path("text.arc"), "this is no model, but long enough for a header")
        .unwrap();
    assert!(eval("text.arc", "strokes").contains("text.arc: not a model file"));
    let whole = std::fs::read(world.path("i8.arc")).unwrap();
    std::fs::write(world.path("cut.arc"), &whole[..whole.len() / 2]).unwrap();
    assert!(eval("cut.arc", "strokes").contains("cut.arc"));

    let missing = world.fails(1, &["compare", "i8.arc", "missing.png", "missing.png"]);
    assert!(missing.contains("missing.png"), "{missing}");
    std::fs::write(world.path("text.png"), "no picture").unwrap();
    let damaged = world.fails(1, &["compare", "i8.arc", "text.png", "text.png"]);
    assert!(damaged.contains("text.png"), "{damaged}");
    std::fs::create_dir(world.path("empty")).unwrap();
    let empty = world.fails(1, &["identify", "i8.arc", "--gallery", "empty", "text.png"]);
    assert!(empty.contains("label/1.png"), "{empty}");

    let run = world.fails(1, &["export", "nowhere", "--quantize", "i8", "--out", "x.arc"]);
    assert!(run.contains("nowhere"), "{run}");
    let out = world.fails(1, &["export", "run", "--quantize", "i8", "--out", "no/folder/x.arc"]);
    assert!(out.contains("no/folder/x.arc"), "{out}");
    let lake = world.fails(1, &["eval", "i8.arc", "--data", "strokes", "--protocol", "lake"]);
    assert!(lake.contains("class_labels.txt"), "{lake}");

    world.fails(2, &["eval", "i8.arc", "--data", "strokes", "--protocol", "nonsense"]);
    world.fails(2, &["eval", "i8.arc", "--protocol", "verify"]);
    world.fails(2, &["export", "run", "--quantize", "i4", "--out", "x.arc"]);
    for share in ["0", "0.6", "much"] {
        let args = ["export", "run", "--quantize", "i8", "--out", "x.arc", "--false-accept"];
        world.fails(2, &[&args[..], &[share]].concat());
    }
}

#[test]
fn readers_that_go_away_are_no_failure() {
    let world = World::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_arc-trainer"));
    let args = ["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--episodes", "40"];
    command.current_dir(world.folder.path()).args(args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn calibration_drawings_can_come_from_elsewhere() {
    let world = World::new();
    write_pngs(&strokes(&[5], 3), &world.path("others"));
    let calibrate = ["--calibrate", "others"];
    let export = ["export", "run", "--quantize", "i8", "--out", "other.arc"];
    let output = world.run(&[&export[..], &calibrate[..]].concat());
    assert_eq!(output.status.code(), Some(0));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains("no threshold") && notes.contains("--calibrate"), "{notes}");
    assert!(world.json(&["inspect", "other.arc"])["calibration"].is_null());
    std::fs::remove_dir_all(world.path("strokes")).unwrap();
    let error = world.fails(1, &["export", "run", "--quantize", "i8", "--out", "x.arc"]);
    assert!(error.contains("--calibrate"), "{error}");
}

#[test]
fn bench_measures_batches_and_the_machine() {
    let world = World::new();
    let found = world.json(&["bench", "i8.arc", "--threads", "2"]);
    assert_eq!((&found["backend"], &found["threads"]), (&fastest().into(), &2.into()));
    let positive = |value: &Value| value.as_f64().is_some_and(|value| value > 0.0);
    for batch in ["1", "20", "256"] {
        assert!(positive(&found["pairs_per_s"][batch]), "{found}");
    }
    for rate in ["identify20_per_s", "peak_gmacs", "read_gbytes_per_s"] {
        assert!(positive(&found[rate]), "{found}");
    }
    // Six steps with a controller of 4 x 24 rows over 3 x 3 x 8 + 24 numbers, and what is around it.
    let macs = found["macs_per_pair"].as_f64().unwrap();
    assert!((6.0 * 4.0 * 24.0 * 96.0..100_000.0).contains(&macs), "{found}");
    let fastest = ["1", "20", "256"].map(|batch| found["pairs_per_s"][batch].as_f64().unwrap());
    let fastest = fastest.into_iter().fold(0.0, f64::max);
    let share = fastest * macs / (1e9 * found["peak_gmacs"].as_f64().unwrap());
    assert!((found["share_of_peak"].as_f64().unwrap() / share - 1.0).abs() < 1e-9, "{found}");

    assert!(world.done(&["bench", "i8.arc"]).contains("identify, 20-way"));
    assert!(world.fails(1, &["bench", "float.arc"]).contains("--quantize i8"));
    let ways = World::of(&with_ways(5));
    assert!(ways.fails(1, &["bench", "i8.arc"]).contains("trained on pairs"));
    world.fails(2, &["bench", "i8.arc", "--threads", "0"]);
}

#[test]
fn glimpses_that_a_model_does_not_take_are_refused_by_their_number() {
    let world = World::new();
    for model in ["i8.arc", "float.arc"] {
        let eval = ["eval", model, "--data", "strokes", "--protocol", "verify"];
        let with = |k: &'static str| [&eval[..], &["--glimpses", k]].concat();
        for k in ["4", "1000"] {
            let error = world.fails(1, &with(k));
            assert!(
                error.contains(&format!("--glimpses {k}: {model} takes 3 of each image")),
                "{error}"
            );
        }
        world.fails(2, &with("0"));
    }
}

#[test]
fn more_trials_than_fit_in_memory_are_refused() {
    let world = World::new();
    let eval = ["eval", "i8.arc", "--data", "strokes", "--protocol"];
    let with = |protocol, episodes| {
        [&eval[..], &[protocol, "--way", "4", "--episodes", episodes]].concat()
    };
    for protocol in ["within", "across", "verify", "open"] {
        assert!(world.fails(2, &with(protocol, "4294967295")).contains("--episodes"));
        let error = world.fails(1, &with(protocol, "10000000"));
        assert!(error.contains("more than 1024 MiB: lower --episodes"), "{error}");
        assert_eq!(world.json(&with(protocol, "3"))["episodes"], 3);
    }
    let report = ["report", "i8.arc", "--data", "strokes", "--out", "page", "--episodes"];
    world.fails(2, &[&report[..], &["4294967295"]].concat());
    assert!(world.fails(1, &[&report[..], &["10000000"]].concat()).contains("lower --episodes"));
}

#[test]
fn a_split_that_the_data_have_not_says_what_can_be_changed() {
    let world = World::new();
    write_pngs(&strokes(&[6], 4), &world.path("one"));
    // The model's training held out 1 alphabet. Of a single alphabet, 1 class.
    std::fs::rename(world.path("one/alphabet0/character00"), world.path("c")).unwrap();
    std::fs::remove_dir_all(world.path("one")).unwrap();
    std::fs::create_dir_all(world.path("one/a")).unwrap();
    std::fs::rename(world.path("c"), world.path("one/a/c")).unwrap();
    let eval = ["eval", "i8.arc", "--data", "one", "--protocol", "verify", "--split", "validation"];
    let error = world.fails(1, &eval);
    assert!(error.contains("one: cannot hold out 1 of 1 classes"), "{error}");
    assert!(error.contains("--split all") && !error.contains("validation_alphabets"), "{error}");
}

#[test]
fn a_model_without_a_name_is_called_so() {
    let world = World::new();
    let config = world.path("run/config.toml");
    let named = std::fs::read_to_string(&config).unwrap();
    let export = ["export", "run", "--quantize", "none", "--out", "x.arc"];
    for name in ["", "  ", "\\u0009"] {
        let text = named.replace("name = \"tiny\"", &format!("name = \"{name}\""));
        assert_ne!(text, named);
        std::fs::write(&config, text).unwrap();
        let error = world.fails(1, &export);
        assert!(error.contains("config.toml: name: a plain file name is wanted"), "{error}");
    }
    std::fs::write(&config, named).unwrap();
    let run = arc_trainer::float::Run::load(&world.path("run")).unwrap();
    let provenance = arc_trainer::float::Provenance::default();
    let file = arc_trainer::float::FloatFile { provenance, model: run.model };
    std::fs::write(world.path("nameless.arc"), file.to_bytes().unwrap()).unwrap();
    let text = world.done(&["inspect", "nameless.arc"]);
    assert!(text.contains("provenance  an unnamed profile trained on unnamed data"), "{text}");
}
