//! What a model gets to see of pictures, as files.

mod common;

use std::fs;

use arc_trainer::data::Picture;
use common::world::World;
use common::{CONFIG, write_png};
use serde_json::Value;

/// A model that cuts the ink out.
fn with_ink() -> World {
    World::of(&CONFIG.replace("[model]", "[model]\npreparation = { ink = {} }"))
}

fn decoded(world: &World, file: &str) -> Picture {
    Picture::decode(&fs::read(world.path(file)).unwrap()).unwrap()
}

#[test]
fn each_picture_becomes_a_sheet_and_an_image() {
    let world = with_ink();
    fs::create_dir(world.path("more")).unwrap();
    let drawing = world.dataset.drawings().next().unwrap();
    write_png(drawing, &world.path("a.png"));
    write_png(drawing, &world.path("more/a.png"));
    for model in ["i8.arc", "float.arc"] {
        let args = ["prepare", model, "a.png", "more/a.png", "--out", "seen", "--raw"];
        for _ in 0..2 {
            let found = world.json(&args);
            assert_eq!((&found["side"], &found["model"]), (&16.into(), &model.into()));
            let expected = serde_json::json!([
                { "picture": "a.png", "file": "seen/a.png", "raw": "seen/a-raw.png" },
                { "picture": "more/a.png", "file": "seen/a-2.png", "raw": "seen/a-2-raw.png" },
            ]);
            assert_eq!(found["pictures"], expected, "the same files each time");
        }
        let raw = decoded(&world, "seen/a-raw.png");
        assert_eq!((raw.width, raw.height), (16, 16));
        let border = raw.gray[..16].iter().chain(&raw.gray[15 * 16..]);
        assert!(border.copied().all(|gray| gray == 255) && raw.gray.contains(&0), "{raw:?}");
        let sheet = decoded(&world, "seen/a.png");
        assert_eq!((sheet.width, sheet.height), (2 * 128 + 8, 128));
        let text = world.done(&args);
        assert!(text.starts_with("a.png: seen/a.png, seen/a-raw.png\n"), "{text}");
        assert!(text.ends_with(&format!("2 of 2 prepared for {model}, 16x16 pixels\n")), "{text}");
    }
    assert_eq!(fs::read_dir(world.path("seen")).unwrap().count(), 4);
}

#[test]
fn a_picture_that_can_not_be_prepared_leaves_the_others_alone() {
    let world = with_ink();
    let mut drawing = world.dataset.drawings().next().unwrap().clone();
    write_png(&drawing, &world.path("good.png"));
    drawing.ink.fill(0);
    write_png(&drawing, &world.path("blank.png"));
    let pictures = ["missing.png", "blank.png", "good.png"];
    let args = [&["prepare", "i8.arc"][..], &pictures, &["--out", "seen", "--json"]].concat();
    let output = world.run(&args);
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let files: Vec<_> = found["pictures"].as_array().unwrap().iter().collect();
    assert_eq!(files[2]["file"], "seen/good.png");
    for (file, reason) in [(0, "missing.png"), (1, "nothing is drawn on the picture")] {
        let error = files[file]["error"].as_str().unwrap();
        assert!(error.contains(reason) && files[file].get("file").is_none(), "{found}");
        assert!(errors.contains(&format!("error: {error}\n")), "{errors}");
    }
    assert_eq!(fs::read_dir(world.path("seen")).unwrap().count(), 1);
}

#[test]
fn the_pictures_themselves_are_never_replaced() {
    let world = World::new();
    let drawing = world.dataset.drawings().next().unwrap();
    write_png(drawing, &world.path("a.png"));
    let before = fs::read(world.path("a.png")).unwrap();
    let found = world.json(&["prepare", "i8.arc", "a.png", "--out", "."]);
    assert_eq!(found["pictures"][0]["file"], "./a-2.png");
    assert_eq!(fs::read(world.path("a.png")).unwrap(), before);

    fs::write(world.path("file"), "").unwrap();
    let error = world.fails(1, &["prepare", "i8.arc", "a.png", "--out", "file"]);
    assert!(error.contains("can't make the folder file: choose another --out"), "{error}");
    world.fails(2, &["prepare", "i8.arc", "--out", "seen"]);
}
