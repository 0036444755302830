//! Files that unfold into far more memory than they take on disk: read or refused within a small
//! limit, which the system enforces by letting the process die.
#![cfg(target_os = "linux")]

mod common;

use std::process::{Command, Output};

use arc_trainer::limits;
use common::bombs::{black_png, many, overwrite, zeros, zip};
use common::world::World;
use png::{BitDepth, ColorType};

/// MiB of data that libtorch has before anything is read, some 60, and room for other versions of it.
const LIBTORCH: u64 = if cfg!(feature = "torch") { 80 } else { 0 };

/// Runs the binary on two threads, with at most `mebibytes` MiB of data beside libtorch's.
fn within(world: &World, mebibytes: u64, args: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -d {}; exec \"$@\"", (mebibytes + LIBTORCH) << 10), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_arc-trainer")).args(args).current_dir(world.folder.path());
    command.env("RAYON_NUM_THREADS", "2").output().unwrap()
}

/// What a run within the limit says that must be refused.
fn refused(world: &World, mebibytes: u64, args: &[&str]) -> String {
    let output = within(world, mebibytes, args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}, {:?}: {error}", output.status);
    error
}

/// An evaluation of 10 pairs of that data.
fn eval(data: &str) -> [&str; 8] {
    ["eval", "i8.arc", "--data", data, "--protocol", "verify", "--episodes", "10"]
}

#[test]
fn a_picture_s_size_is_known_before_it_is_decoded() {
    let world = World::new();
    for (side, color, depth) in [
        (20_000, ColorType::Grayscale, BitDepth::One),
        (8192, ColorType::Rgb, BitDepth::Eight),
        (limits::PICTURE_SIDE + 1, ColorType::Grayscale, BitDepth::One),
    ] {
        let png = black_png(side, color, depth);
        assert!(png.len() < 1 << 20, "{} bytes on disk", png.len());
        std::fs::write(world.path("large.png"), png).unwrap();
        let error = refused(&world, 64, &["compare", "i8.arc", "large.png", "large.png"]);
        let (found, most) = (format!("{side}x{side}"), format!("{0}x{0}", limits::PICTURE_SIDE));
        assert!(error.contains("large.png") && error.contains(&found), "{error}");
        assert!(error.contains(&most), "{error}");
    }
}

#[test]
fn so_is_the_size_of_a_picture_of_any_other_format() {
    use image::ImageFormat;
    let world = World::new();
    let encoded = |format| {
        let mut file = std::io::Cursor::new(Vec::new());
        let picture = image::DynamicImage::new_rgb8(8, 8);
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    // A small picture whose header says that it is a large one.
    let changed = |format, at: usize, sides: &[u8]| {
        let mut file = encoded(format);
        file[at..at + sides.len()].copy_from_slice(sides);
        file
    };
    let long = [20_000_u32.to_le_bytes(), 20_000_u32.to_le_bytes()].concat();
    let short = [20_000_u16.to_le_bytes(), 20_000_u16.to_le_bytes()].concat();
    let swapped = [20_000_u16.to_be_bytes(), 20_000_u16.to_be_bytes()].concat();
    let find = |format, mark: &[u8]| memchr::memmem::find(&encoded(format), mark).unwrap();
    let frame = find(ImageFormat::Jpeg, &[0xFF, 0xC0]) + 5;
    // The entry of the width; there are as many strips as the height asks for.
    let width = find(ImageFormat::Tiff, &[0, 1, 4, 0, 1, 0, 0, 0]) + 8;
    let lossless = find(ImageFormat::WebP, b"VP8L") + 9;
    let files = [
        (changed(ImageFormat::Bmp, 18, &long), "20000x20000"),
        (changed(ImageFormat::Gif, 6, &short), "20000x20000"),
        (changed(ImageFormat::Jpeg, frame, &swapped), "20000x20000"),
        (changed(ImageFormat::Tiff, width, &long[..4]), "20000x8"),
        (changed(ImageFormat::WebP, lossless, &[0xFE, 0xBF, 0xFF, 0x0F]), "16383x16383"),
        (b"P6 20000 20000 255 ".to_vec(), "20000x20000"),
    ];
    for (file, found) in files {
        std::fs::write(world.path("large"), file).unwrap();
        let error = refused(&world, 64, &["compare", "i8.arc", "large", "large"]);
        assert!(error.contains("large") && error.contains(found), "{found}: {error}");
        assert!(error.contains("4096x4096"), "{error}");
    }
}

#[test]
fn the_largest_picture_of_any_format_is_read_in_bounded_memory() {
    use image::ImageFormat;
    let world = World::new();
    let side = limits::PICTURE_SIDE;
    for format in [ImageFormat::Bmp, ImageFormat::Jpeg, ImageFormat::Pnm, ImageFormat::Tiff] {
        let picture = image::GrayImage::new(side, side);
        picture.save_with_format(world.path("large"), format).unwrap();
        let output = within(&world, 256, &["compare", "i8.arc", "large", "large"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{format:?}: {error}");
    }
}

#[test]
fn the_largest_picture_is_read_in_bounded_memory() {
    let world = World::new();
    let png = black_png(limits::PICTURE_SIDE, ColorType::Rgba, BitDepth::Sixteen);
    std::fs::write(world.path("large.png"), png).unwrap();
    let output = within(&world, 256, &["compare", "i8.arc", "large.png", "large.png"]);
    assert_eq!(output.status.code(), Some(0), "{:?}", String::from_utf8_lossy(&output.stderr));
    std::fs::create_dir_all(world.path("gallery")).unwrap();
    for name in ["gallery/a.png", "gallery/b.png", "gallery/c.png", "gallery/d.png"] {
        std::fs::copy(world.path("large.png"), world.path(name)).unwrap();
    }
    // One at a time, whatever the number of threads.
    let output = within(&world, 320, &["identify", "i8.arc", "--gallery", "gallery", "large.png"]);
    assert_eq!(output.status.code(), Some(0), "{:?}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_data_set_is_held_at_the_side_of_the_model() {
    let world = World::new();
    // A gigabyte of pixels, in some hundred kilobytes.
    let png = black_png(limits::PICTURE_SIDE, ColorType::Grayscale, BitDepth::One);
    let names: Vec<_> = (0..64).map(|k| format!("group/class{}/{k:02}.png", k / 2)).collect();
    let file = zip(names.iter().map(|name| (name.as_str(), png.as_slice())));
    assert!(file.len() < 1 << 20, "{} bytes on disk", file.len());
    std::fs::write(world.path("large.zip"), file).unwrap();
    let output = within(&world, 256, &eval("large.zip"));
    assert_eq!(output.status.code(), Some(0), "{:?}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_member_of_a_zip_is_read_up_to_a_limit_whatever_it_states() {
    let world = World::new();
    const BYTES: usize = 509 << 20;
    let file = zeros("group/class/1.png", BYTES);
    assert!(file.len() < 1 << 20, "{} bytes on disk", file.len());
    for stated in [BYTES as u32, 10, u32::MAX - 1] {
        let mut file = file.clone();
        overwrite(&mut file, &(BYTES as u32).to_le_bytes(), &stated.to_le_bytes());
        std::fs::write(world.path("zeros.zip"), file).unwrap();
        let error = refused(&world, 160, &eval("zeros.zip"));
        assert!(
            error.contains("zeros.zip: group/class/1.png: larger than 32 MiB"),
            "{stated}: {error}"
        );
    }
    // Labels are read by the same way.
    let png = black_png(9, ColorType::Grayscale, BitDepth::One);
    let labels = vec![b'\n'; 1 << 20];
    let file = zip([("r/training/1.png", &png[..]), ("r/class_labels.txt", &labels)]);
    std::fs::write(world.path("labels.zip"), file).unwrap();
    let args = ["eval", "i8.arc", "--data", "labels.zip", "--protocol", "lake"];
    let error = refused(&world, 160, &args);
    assert!(error.contains("class_labels.txt: larger than 64 KiB"), "{error}");
}

#[test]
fn a_zip_is_refused_for_its_number_of_members_before_they_are_listed() {
    let world = World::new();
    let file = many(limits::FILES + 1);
    std::fs::write(world.path("many.zip"), file).unwrap();
    let error = refused(&world, 64, &eval("many.zip"));
    assert!(error.contains("many.zip: more than 262144 files"), "{error}");

    // Beyond 65,535 a zip is of the form for large ones (zip64).
    std::fs::write(world.path("many.zip"), many(70_000)).unwrap();
    assert!(refused(&world, 160, &eval("many.zip")).contains("lies in no class folder"));

    // A directory that claims more members than it has.
    let mut file = many(3);
    let end = file.len() - 22;
    file[end + 8..end + 12].fill(0xFF);
    std::fs::write(world.path("many.zip"), file).unwrap();
    assert!(refused(&world, 160, &eval("many.zip")).contains("not a zip, or a damaged one"));
}

#[test]
fn other_files_are_refused_by_their_size() {
    let world = World::new();
    // Sparse files: they take no room on disk, and read as zeros.
    let large = |name: &str, limit: limits::FileLimit| {
        let file = std::fs::File::create(world.path(name)).unwrap();
        file.set_len(limit.bytes + 1).unwrap();
    };
    large("large.arc", limits::MODEL);
    let error = refused(&world, 64, &["inspect", "large.arc"]);
    assert!(error.contains("large.arc: larger than 256 MiB"), "{error}");
    large("large.zip", limits::ZIP);
    let error = refused(&world, 64, &eval("large.zip"));
    assert!(error.contains("large.zip: larger than 256 MiB"), "{error}");
    large("large.png", limits::PICTURE);
    let error = refused(&world, 64, &["compare", "i8.arc", "large.png", "large.png"]);
    assert!(error.contains("large.png: larger than 32 MiB"), "{error}");
    let export = ["export", "run", "--quantize", "i8", "--out", "x.arc"];
    large("run/best.safetensors", limits::CHECKPOINT);
    let error = refused(&world, 64, &export);
    assert!(
        error.contains("best.safetensors") && error.contains("larger than 1024 MiB"),
        "{error}"
    );
    large("run/config.toml", limits::CONFIG);
    let error = refused(&world, 64, &export);
    assert!(error.contains("config.toml: larger than 64 KiB"), "{error}");
}

#[test]
fn thousands_of_layers_are_no_model() {
    use arc_runtime::format::Header;
    let world = World::new();
    // A float file that goes on with layers: 6 bytes each, of no channels and no weights.
    let mut body = vec![0, 0, 0, 0, 0]; // an empty provenance
    body.push(16); // image side
    body.extend([0x80, 0x80, 0x80, 0x02]); // 4 million layers
    body.resize(body.len() + 6 * (4 << 20), 0);
    let file = [&Header::float(&body).to_bytes()[..], &body].concat();
    std::fs::write(world.path("deep.arc"), file).unwrap();
    let error = refused(&world, 128, &["inspect", "deep.arc"]);
    assert!(error.contains("deep.arc"), "{error}");
}
