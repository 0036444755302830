//! `stress` as a user or a script meets it.

mod common;

use common::world::World;
use common::{CONFIG, with_ways};
use serde_json::Value;

/// The lines that a command must print as one JSON array.
fn lines(world: &World, args: &[&str]) -> Vec<Value> {
    let text = world.done(&[args, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const STRESS: [&str; 4] = ["stress", "i8.arc", "--data", "strokes"];

#[test]
fn stress_prints_a_line_for_each_change_and_place() {
    let world = World::of(&CONFIG.replace("[model]", "[model]\npreparation = { ink = {} }"));
    for (protocol, trials) in [("within", 10), ("across", 2), ("verify", 2)] {
        let draw = ["--protocol", protocol, "--way", "5", "--episodes", "2", "--seed", "3"];
        let found = lines(&world, &[&STRESS[..], &draw].concat());
        assert!(found.len() > 60 && found.len().is_multiple_of(2));
        for (k, line) in found.iter().enumerate() {
            assert!(line["change"].is_string() && line["strength"].is_string(), "{line}");
            assert_eq!(line["where"], ["both", "probe"][k % 2]);
            assert_eq!(line["trials"], trials);
            let share = |key: &str| (0.0..=1.0).contains(&line[key].as_f64().unwrap());
            assert!(share("accuracy") && line["refused"].as_u64().unwrap() <= trials, "{line}");
            assert_eq!(line.get("false_accepts").is_some(), protocol == "verify");
            assert!(protocol != "verify" || share("false_accepts"));
        }
        // The clean pictures score as in `eval`, which draws the same trials.
        let eval = ["eval", "i8.arc", "--data", "strokes"];
        let eval = world.json(&[&eval[..], &draw].concat());
        let accuracy = if protocol == "verify" { "threshold_accuracy" } else { "accuracy" };
        assert_eq!(found[0]["change"], "clean");
        assert_eq!(found[0]["accuracy"], eval[accuracy]);
        assert_eq!(found, lines(&world, &[&STRESS[..], &draw].concat()));
    }
}

#[test]
fn stress_is_a_table_for_people() {
    let world = World::new();
    let args = ["--protocol", "within", "--way", "5", "--episodes", "1"];
    for model in ["i8.arc", "float.arc"] {
        let mut args = [&STRESS[..], &args].concat();
        args[1] = model;
        let text = world.done(&args);
        for part in ["\nclean ", "\npen 8 px ", "\nlevels 60/180 ", "\nworst: ", model] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let verify = [&STRESS[..], &["--protocol", "verify", "--episodes", "10"]].concat();
    assert!(world.done(&verify).contains("\nmost false accepts: "));
}

#[test]
fn stress_names_what_does_not_suit() {
    let world = World::of(&with_ways(5));
    let error = world.fails(1, &[&STRESS[..], &["--protocol", "verify"]].concat());
    assert!(error.contains("i8.arc") && error.contains("trained on pairs"), "{error}");
    let error = world.fails(1, &STRESS);
    assert!(error.contains("strokes: no class_labels.txt in it"), "{error}");
    world.fails(2, &[&STRESS[..], &["--protocol", "open"]].concat());
}
