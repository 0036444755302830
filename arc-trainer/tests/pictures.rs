//! Pictures as people have them: of many formats, under any name, some of them damaged.

mod common;

use std::fs;
use std::path::Path;

use common::world::World;
use image::{DynamicImage, ImageFormat};

/// The file of a picture in another format.
fn converted(from: &Path, format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::from(image::open(from).unwrap().to_rgb8());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// stdout and stderr of a command that must succeed.
fn done(world: &World, args: &[&str]) -> [String; 2] {
    let output = world.run(args);
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {error}");
    [out, error]
}

#[test]
fn a_picture_is_told_by_its_content() {
    let world = World::new();
    let png = world.path("strokes/alphabet0/character00/00.png");
    let as_png = world.json(&["compare", "i8.arc", png.to_str().unwrap(), png.to_str().unwrap()]);
    let formats = [ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Tiff, ImageFormat::WebP];
    for format in formats {
        fs::write(world.path("a.png"), converted(&png, format)).unwrap();
        let found = world.json(&["compare", "i8.arc", "a.png", "a.png"]);
        assert_eq!(found["logit"], as_png["logit"], "{format:?}");
    }
    fs::write(world.path("a.png"), converted(&png, ImageFormat::Jpeg)).unwrap();
    world.json(&["compare", "i8.arc", "a.png", "a.png"]);
    fs::write(world.path("a.png"), "a list of parts\n").unwrap();
    let error = world.fails(1, &["compare", "i8.arc", "a.png", "a.png"]);
    let expected = "error: the picture a.png: not a picture that is read here, but a text file?: give a JPEG, ";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_class_of_photographs_is_enrolled_and_a_bad_one_does_not_stop_the_others() {
    let world = World::new();
    let picture = |k: usize| world.path(&format!("strokes/alphabet0/character0{k}/00.png"));
    for class in ["bolt", "nut", "none"] {
        fs::create_dir_all(world.path("gallery").join(class)).unwrap();
    }
    fs::write(world.path("gallery/bolt/1.JPG"), converted(&picture(0), ImageFormat::Jpeg)).unwrap();
    fs::copy(picture(1), world.path("gallery/nut/1.png")).unwrap();
    fs::write(world.path("gallery/nut/2.webp"), b"RIFF").unwrap();
    fs::copy(picture(2), world.path("gallery/washer.png")).unwrap();
    fs::copy(picture(1), world.path("probe.png")).unwrap();
    fs::write(world.path("bad.png"), "").unwrap();
    let identify = ["identify", "i8.arc", "--gallery", "gallery", "probe.png", "bad.png"];
    let output = world.run(&[&identify[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1), "not all of them could be named");
    let error = String::from_utf8(output.stderr).unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["enrolled"], found["probes"].as_array().unwrap().len()), (&3.into(), 2));
    let bad = found["probes"][1]["error"].as_str().unwrap();
    assert!(bad.starts_with("the picture bad.png: not a picture"), "{bad}");
    let labels = found["probes"][0]["ranking"].as_array().unwrap();
    let mut labels: Vec<_> = labels.iter().map(|place| place["label"].as_str().unwrap()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["bolt", "nut", "washer"]);
    for named in ["none: not enrolled", "nut/2.webp: not a picture", "bad.png: not a picture"] {
        assert!(error.contains(named), "{error}");
    }
    let error = world.fails(1, &[&identify[..], &["--strict"]].concat());
    assert!(error.contains("\nerror: the picture gallery/nut/2.webp: "), "{error}");
    let output = world.run(&["identify", "i8.arc", "--gallery", "gallery", "bad.png"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("the picture bad.png: not a picture"), "{error}");
}

#[test]
fn a_data_set_is_read_without_its_bad_pictures() {
    let world = World::new();
    let class = world.path("strokes/alphabet0/character00");
    fs::write(class.join("04.jpeg"), converted(&class.join("00.png"), ImageFormat::Jpeg)).unwrap();
    for k in 0..12 {
        fs::write(class.join(format!("bad{k}.png")), "<html>not found").unwrap();
    }
    fs::create_dir(world.path("strokes/alphabet1/empty")).unwrap();
    let eval = ["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--episodes", "4"];
    let [_, error] = done(&world, &eval);
    assert!(error.contains("strokes: skipped, as they can't be read: 12"), "{error}");
    assert!(error.contains("bad9.png: not a picture that is read here, but a web page"), "{error}");
    assert!(error.contains("\n  and 2 more\n") && !error.contains("bad10.png"), "{error}");
    assert!(error.contains("strokes: folders without a picture: alphabet1/empty"), "{error}");
    let error = world.fails(1, &[&eval[..], &["--strict"]].concat());
    assert!(error.contains(".png: not a picture that is read here, but a web page"), "{error}");
    assert!(!error.contains("skipped"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_and_names_of_any_kind_do_not_stop_a_data_set() {
    use std::ffi::OsStr;
    use std::os::unix::{ffi::OsStrExt, fs::symlink};
    let world = World::new();
    let class = world.path("strokes/alphabet0/character00");
    symlink("gone.png", class.join("04.png")).unwrap();
    symlink("gone", class.join(".#04.png")).unwrap();
    symlink(world.path("strokes"), world.path("strokes/alphabet0/loop")).unwrap();
    fs::copy(class.join("00.png"), class.join(OsStr::from_bytes(b"\xE9.png"))).unwrap();
    let eval = ["eval", "i8.arc", "--data", "strokes", "--protocol", "verify", "--episodes", "4"];
    let [_, error] = done(&world, &eval);
    assert!(error.contains("can't be read: 2"), "{error}");
    assert_eq!(error.matches("04.png: a link that leads nowhere").count(), 1, "{error}");
    assert_eq!(error.matches("loop: a link to a folder that it lies in").count(), 1, "{error}");
    assert!(world.fails(1, &[&eval[..], &["--strict"]].concat()).contains("a link"));
}
