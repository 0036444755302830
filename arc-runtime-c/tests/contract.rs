//! What is found wrong is answered with a status, and nothing is touched.

use core::ffi::c_void;
use std::ptr::{null, null_mut};

use arc_runtime::format::Header;
use arc_runtime::format::body::Body;
use arc_runtime::preparation::{InkPreparation, Preparation};
use arc_runtime_c::*;

const MODEL: &[u8] = include_bytes!("../../arc-golden/arc.arc");
const CONVOLUTIONS: &[u8] = include_bytes!("../../arc-golden/convarc.arc");
const CONTEXT: &[u8] = include_bytes!("../../arc-golden/context.arc");
const WAYS: &[u8] = include_bytes!("../../arc-golden/ways.arc");
const WORDS: usize = 10_000;

fn sizes(model: &[u8]) -> Sizes {
    let mut sizes = Sizes::default();
    // SAFETY: all of it is there.
    let status = unsafe { arc_model_sizes(model.as_ptr(), model.len(), &raw mut sizes) };
    assert_eq!(status, Status::Ok);
    sizes
}

fn init(comparator: &mut Comparator, model: &[u8], words: &mut [u32]) -> Status {
    let workspace = words.as_mut_ptr().cast::<c_void>();
    // SAFETY: all of it is there, and stays until the test ends.
    unsafe {
        arc_comparator_init(comparator, model.as_ptr(), model.len(), workspace, 4 * words.len())
    }
}

/// A comparator that is ready, and a blank image for it.
fn ready(model: &'static [u8]) -> (Box<Comparator>, &'static mut [u32], Image) {
    let words = vec![0; WORDS].leak();
    let mut comparator = Box::new(Comparator::zeroed());
    assert_eq!(init(&mut comparator, model, words), Status::Ok);
    let side = sizes(model).image_side;
    let image = Image { side, pixels: vec![0; side * side].leak().as_ptr() };
    (comparator, words, image)
}

#[test]
fn a_model_is_loaded_at_any_alignment_and_checked() {
    for offset in 0..4 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(MODEL);
        assert_eq!(sizes(&shifted[offset..]), sizes(MODEL));
    }
    let status = |model: &[u8]| {
        let mut sizes = Sizes::default();
        // SAFETY: all of it is there.
        unsafe { arc_model_sizes(model.as_ptr(), model.len(), &raw mut sizes) }
    };
    let change = |at: usize, byte: u8| {
        let mut changed = MODEL.to_vec();
        changed[at] = byte;
        status(&changed)
    };
    assert_eq!(status(&MODEL[..100]), Status::ModelTruncated);
    assert_eq!(status(&[]), Status::ModelTruncated);
    assert_eq!(change(0, b'a'), Status::NotAModel);
    assert_eq!(change(4, 99), Status::ModelVersion);
    assert_eq!(change(100, !MODEL[100]), Status::ModelDamaged);
}

#[test]
fn the_sizes_are_those_that_identifying_asks_for() {
    let sizes = sizes(CONTEXT);
    let dimensions = arc_runtime::Model::load(CONTEXT).unwrap().dimensions();
    for supports in [0, 1, 7] {
        // SAFETY: it is there.
        let bytes = unsafe { arc_identify_bytes(&raw const sizes, supports) };
        assert!(bytes >= 4 * dimensions.identify_words(supports, 1), "{bytes}");
        assert_eq!(bytes % 4, 0);
    }
    // SAFETY: `sizes` is a variable of this test; null is found.
    unsafe {
        assert_eq!(arc_identify_bytes(&raw const sizes, usize::MAX / 2), usize::MAX);
        assert_eq!(arc_identify_bytes(null(), 1), 0);
    }
}

#[test]
fn pointers_are_checked() {
    let (mut comparator, words, image) = ready(MODEL);
    let (file, bytes) = (MODEL.as_ptr(), MODEL.len());
    let workspace = words.as_mut_ptr().cast::<u8>();
    let comparator = &raw mut *comparator;
    let mut logit = 0;
    let logit = &raw mut logit;
    let image = &raw const image;
    let odd_image = (image as *const u8).wrapping_add(1).cast();
    let (mut pixels, mut features) = ([0i8; 400], [0i8; 400]);
    // SAFETY: what is wrong is found before it is used, which is what is tested.
    unsafe {
        let init = |comparator, file, workspace: *mut u8| {
            arc_comparator_init(comparator, file, bytes, workspace.cast(), 4 * WORDS)
        };
        assert_eq!(init(null_mut(), file, workspace), Status::NullPointer);
        assert_eq!(init(comparator, null(), workspace), Status::NullPointer);
        assert_eq!(init(comparator, file, null_mut()), Status::NullPointer);
        assert_eq!(init(comparator, file, workspace.add(1)), Status::Alignment);
        assert_eq!(init(comparator.byte_add(4), file, workspace), Status::Alignment);
        assert_eq!(init(comparator, file, comparator.cast()), Status::Overlap);
        assert_eq!(init(comparator, workspace, workspace), Status::Overlap);
        let long = arc_comparator_init(comparator, file, usize::MAX, workspace.cast(), 4 * WORDS);
        assert_eq!(long, Status::Length);
        // After each of them there was no comparator any more.
        assert_eq!(arc_compare(comparator, image, image, logit), Status::NotReady);
        assert_eq!(init(comparator, file, workspace), Status::Ok);

        assert_eq!(arc_compare(comparator, image, image, logit), Status::Ok);
        assert_eq!(arc_compare(null_mut(), image, image, logit), Status::NullPointer);
        assert_eq!(arc_compare(comparator, null(), image, logit), Status::NullPointer);
        assert_eq!(arc_compare(comparator, image, image, null_mut()), Status::NullPointer);
        assert_eq!(arc_compare(comparator, odd_image, image, logit), Status::Alignment);
        assert_eq!(arc_compare(comparator, image, image, workspace.cast()), Status::Overlap);
        let traced = arc_compare_traced(comparator, image, image, None, null_mut(), logit);
        assert_eq!(traced, Status::NullPointer);
        let own = Image { side: 20, pixels: workspace.cast() };
        assert_eq!(arc_compare(comparator, &raw const own, image, logit), Status::Overlap);

        pixels[0] = 1;
        let pixels = pixels.as_mut_ptr();
        let own = Image { side: 20, pixels };
        assert_eq!(arc_extract(comparator, &raw const own, pixels, 400), Status::Overlap);
        assert_eq!(*pixels, 1, "nothing is written if something is wrong");
        let in_place = |bits, own| arc_image_from_bits(20, bits, 60, pixels, 400, own);
        let mut own = own;
        assert_eq!(in_place(pixels.cast(), &raw mut own), Status::Overlap);
        assert_eq!(in_place(null(), &raw mut own), Status::NullPointer);
        assert_eq!(arc_extract(comparator, image, file.cast_mut().cast(), bytes), Status::Overlap);

        let first = features.as_mut_ptr();
        let supports = [first.cast_const(), null()];
        let mut ranking = [Match { index: 9, score: 9, pair: 9 }; 2];
        let identify =
            |count, ranking| arc_identify(comparator, image, supports.as_ptr(), count, ranking);
        assert_eq!(identify(1, ranking.as_mut_ptr()), Status::Ok);
        assert_eq!(identify(0, ranking.as_mut_ptr()), Status::NoSupports);
        assert_eq!(identify(2, ranking.as_mut_ptr()), Status::NullPointer);
        assert_eq!(identify(1, null_mut()), Status::NullPointer);
        assert_eq!(identify(usize::MAX, ranking.as_mut_ptr()), Status::Length);
        *first = -1;
        assert_eq!(identify(1, ranking.as_mut_ptr()), Status::FeatureNegative);
        let inside = [ranking.as_ptr().cast()];
        let ranking = ranking.as_mut_ptr();
        let status = arc_identify(comparator, image, inside.as_ptr(), 1, ranking);
        assert_eq!(status, Status::Overlap);
        let own = (image as *mut Match, (*image).side);
        let status = arc_identify(comparator, image, supports.as_ptr(), 1, own.0);
        assert_eq!((status, (*image).side), (Status::Overlap, own.1));
    }
}

#[test]
fn a_comparator_is_used_when_it_is_ready_and_by_one_at_a_time() {
    let (comparator, words, image) = ready(MODEL);
    let mut blank = Comparator::zeroed();
    let (comparator, mut logit) = (Box::into_raw(comparator), 0);
    // SAFETY: all of it is there.
    unsafe {
        let compare =
            arc_compare(&raw mut blank, &raw const image, &raw const image, &raw mut logit);
        assert_eq!(compare, Status::NotReady);
        assert_eq!(arc_probability(&raw const blank, 0), -1);
        assert!(!arc_accepts(&raw const blank, i32::MAX));
        assert_eq!(arc_limit_glimpses(&raw mut blank, 1), Status::NotReady);
    }
    let needed = sizes(MODEL).workspace_bytes / 4;
    assert_eq!(init(&mut blank, MODEL, &mut words[..needed - 1]), Status::Workspace);
    assert_eq!(init(&mut blank, MODEL, &mut words[..needed]), Status::Ok);
    assert_eq!(init(&mut blank, &MODEL[..99], words), Status::ModelTruncated);
    // SAFETY: `blank` is a variable of this test.
    assert_eq!(unsafe { arc_limit_glimpses(&raw mut blank, 1) }, Status::NotReady);

    /// Uses the comparator that is at work.
    unsafe extern "C" fn trace(user: *mut c_void, step: *const Step) {
        let comparator = user.cast::<Comparator>();
        // SAFETY: that it is at work is found, and the step is there.
        unsafe {
            assert_eq!(arc_limit_glimpses(comparator, 1 + (*step).index), Status::Busy);
            assert_eq!(arc_probability(comparator, 0), -1);
        }
    }
    let (image, logit) = (&raw const image, &raw mut logit);
    // SAFETY: the comparator was initialized, and image and logit are variables of this test.
    unsafe {
        let traced =
            arc_compare_traced(comparator, image, image, Some(trace), comparator.cast(), logit);
        assert_eq!(traced, Status::Ok);
        assert_eq!(arc_limit_glimpses(comparator, 1), Status::Ok);
        assert!((0..=32767).contains(&arc_probability(comparator, *logit)));
        drop(Box::from_raw(comparator));
    }
}

/// The program ends: what the comparison still works with is gone. So this runs the test in a
/// program of its own, which tells by its output how far it came.
#[cfg(unix)]
#[test]
fn a_comparator_that_its_own_trace_initializes_anew_ends_the_program() {
    use std::os::unix::process::ExitStatusExt;
    use std::{env, process};

    const NAME: &str = "a_comparator_that_its_own_trace_initializes_anew_ends_the_program";
    const SIGABRT: i32 = 6;
    if env::var_os("ARC_ENDS").is_none() {
        let mut child = process::Command::new(env::current_exe().unwrap());
        let child = child.args(["--exact", NAME, "--nocapture"]).env("ARC_ENDS", "1");
        let output = child.output().unwrap();
        assert_eq!(output.status.signal(), Some(SIGABRT), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!((said.matches("anew:").count(), said.matches("went on").count()), (1, 0));
        return;
    }
    unsafe extern "C" fn trace(user: *mut c_void, _: *const Step) {
        // SAFETY: it is the comparator; the null pointers are found.
        let init = unsafe { arc_comparator_init(user.cast(), null(), 0, null_mut(), 0) };
        println!("anew: {init:?}");
    }
    let (comparator, _, image) = ready(MODEL);
    let (comparator, image, mut logit) = (Box::into_raw(comparator), &raw const image, 0);
    // SAFETY: all of it is there.
    unsafe {
        let user = comparator.cast();
        arc_compare_traced(comparator, image, image, Some(trace), user, &raw mut logit);
    }
    println!("went on");
}

#[test]
fn images_and_features_are_checked() {
    let (mut comparator, _, image) = ready(CONVOLUTIONS);
    let comparator = &raw mut *comparator;
    let bytes = sizes(CONVOLUTIONS).feature_bytes;
    let mut features = vec![0; bytes];
    let features = features.as_mut_ptr();
    let mut logit = 0;
    let logit = &raw mut logit;
    let mut negative = vec![0; image.side * image.side];
    negative[7] = -1;
    let negative = Image { pixels: negative.as_ptr(), ..image };
    let huge = Image { side: usize::MAX, ..image };
    let (image, negative, huge) = (&raw const image, &raw const negative, &raw const huge);
    // SAFETY: all of it is there, or said not to be.
    unsafe {
        assert_eq!(arc_extract(comparator, huge, features, bytes), Status::ImageSide);
        assert_eq!(arc_extract(comparator, negative, features, bytes), Status::ImagePixel);
        assert_eq!(arc_extract(comparator, image, features, bytes - 1), Status::FeatureLength);
        assert_eq!(arc_extract(comparator, image, features, bytes), Status::Ok);
        let compare =
            move |bytes| arc_compare_features(comparator, features, features, bytes, logit);
        assert_eq!(compare(bytes - 1), Status::FeatureLength);
        assert_eq!(compare(0), Status::FeatureLength);
        assert_eq!(compare(bytes), Status::Ok);
        *features = -1;
        assert_eq!(compare(bytes), Status::FeatureNegative);
    }
}

#[test]
fn pictures_are_checked() {
    let (data, mut pixels) = ([7; 100], [0; 100]);
    let (data, pixels) = (data.as_ptr(), pixels.as_mut_ptr());
    let mut image = Image { side: 0, pixels: null() };
    let image = &raw mut image;
    let frame = Frame { width: 10, height: 10, gray: data };
    let tall = Frame { width: 1, height: 65_536, gray: data };
    let endless = Frame { width: usize::MAX, height: 2, gray: data };
    let outside = Rect { x: 5, y: 5, width: 6, height: 5 };
    let empty = Rect { x: 5, y: 5, width: 0, height: 5 };
    // SAFETY: all of it is there, or said not to be.
    unsafe {
        let bits = |side, bytes, room| arc_image_from_bits(side, data, bytes, pixels, room, image);
        assert_eq!(bits(8, 8, 64), Status::Ok);
        assert_eq!(((*image).side, (*image).pixels), (8, pixels.cast_const()));
        assert_eq!(bits(8, 7, 64), Status::ImageLength);
        assert_eq!(bits(8, 8, 63), Status::ImageBuffer);
        assert_eq!(bits(0, 0, 64), Status::ImageEmpty);
        assert_eq!(bits(65_536, 8, 64), Status::ImageTooLarge);

        let gray = |ink, bytes| arc_image_from_gray(10, data, bytes, ink, pixels, 100, image);
        assert_eq!(gray(Ink::Bright as i32, 100), Status::Ok);
        assert_eq!(*pixels, 7 >> 1);
        assert_eq!(gray(Ink::Dark as i32, 100), Status::Ok);
        assert_eq!(*pixels, ((255 - 7) >> 1) as i8);
        assert_eq!(gray(2, 100), Status::ImageInk);
        assert_eq!(gray(0, 99), Status::ImageLength);

        let shrink = |frame: *const Frame, part: *const Rect, ink| {
            arc_image_from_frame(frame, part, ink, 5, pixels, 25, image)
        };
        let whole = null();
        assert_eq!(shrink(&raw const frame, whole, 1), Status::Ok);
        assert_eq!(shrink(null(), whole, 1), Status::NullPointer);
        assert_eq!(shrink(&raw const frame, whole, -1), Status::ImageInk);
        assert_eq!(shrink(&raw const frame, &raw const outside, 1), Status::ImageCrop);
        assert_eq!(shrink(&raw const frame, &raw const empty, 1), Status::ImageEmpty);
        assert_eq!(shrink(&raw const endless, whole, 1), Status::ImageTooLarge);
        assert_eq!(shrink(&raw const tall, whole, 1), Status::ImageTooLarge);

        let mut own = frame;
        let own = &raw mut own;
        let over = arc_image_from_frame(own, whole, 1, 5, own.cast(), 25, image);
        assert_eq!((over, (*own).width), (Status::Overlap, 10));
        let mut part = outside;
        let over =
            arc_image_from_frame(own, &raw const part, 1, 5, pixels, 25, (&raw mut part).cast());
        assert_eq!((over, part.x), (Status::Overlap, 5));
    }
}

#[test]
fn models_of_other_kinds_say_what_they_want() {
    let (mut comparator, _, image) = ready(WAYS);
    let (comparator, image) = (&raw mut *comparator, &raw const image);
    let (needed, bytes) = (sizes(WAYS).ways, sizes(WAYS).feature_bytes);
    let features = vec![0; bytes];
    let supports = vec![features.as_ptr(); needed];
    let mut ranking = vec![Match { index: 9, score: 9, pair: 9 }; needed];
    let mut logit = 0;
    // SAFETY: all of it is there.
    unsafe {
        assert_eq!(arc_compare(comparator, image, image, &raw mut logit), Status::NoPairs);
        let mut identify =
            |count| arc_identify(comparator, image, supports.as_ptr(), count, ranking.as_mut_ptr());
        assert_eq!(identify(needed - 1), Status::Ways);
        assert_eq!(identify(needed), Status::Ok);
        assert!(arc_accepts(comparator, ARC_NO_PAIR));
    }
    assert!(ranking.iter().all(|one| one.pair == ARC_NO_PAIR));
    assert!(ranking.is_sorted_by(|one, next| one.score >= next.score));

    let (mut comparator, words, image) = ready(CONTEXT);
    let few = sizes(CONTEXT).workspace_bytes / 4;
    assert_eq!(init(&mut comparator, CONTEXT, &mut words[..few]), Status::Ok);
    let features = vec![0; sizes(CONTEXT).feature_bytes];
    let supports = vec![features.as_ptr(); 99];
    let mut ranking = vec![Match { index: 9, score: 9, pair: 9 }; 99];
    let comparator = &raw mut *comparator;
    // SAFETY: all of it is there.
    unsafe {
        let (image, supports) = (&raw const image, supports.as_ptr());
        let status = arc_identify(comparator, image, supports, 99, ranking.as_mut_ptr());
        assert_eq!(status, Status::Workspace);
        assert!(!arc_accepts(comparator, ARC_NO_PAIR));
    }
}

#[test]
fn equal_scores_keep_their_order_and_negative_ones_theirs() {
    let (mut comparator, _, image) = ready(CONVOLUTIONS);
    let comparator = &raw mut *comparator;
    let (side, bytes) = (image.side, sizes(CONVOLUTIONS).feature_bytes);
    let dots: Vec<_> = (0..side * side).map(|i| if i % 7 < 2 { 127 } else { 0 }).collect();
    let dots = Image { side, pixels: dots.as_ptr() };
    let mut features = [vec![0; bytes], vec![0; bytes]];
    for (image, features) in [image, dots].iter().zip(&mut features) {
        // SAFETY: all of it is there.
        let status = unsafe { arc_extract(comparator, image, features.as_mut_ptr(), bytes) };
        assert_eq!(status, Status::Ok);
    }
    let [blank, dotted] = features.each_ref().map(|features| features.as_ptr());
    let supports = [dotted, blank, dotted, blank];
    let mut ranking = [Match { index: 9, score: 9, pair: 9 }; 4];
    // SAFETY: four supports of the model's length, and as many places in `ranking`.
    let status = unsafe {
        arc_identify(comparator, &raw const image, supports.as_ptr(), 4, ranking.as_mut_ptr())
    };
    assert_eq!(status, Status::Ok);
    let order = ranking.map(|one| one.index);
    assert!(order == [1, 3, 0, 2] || order == [0, 2, 1, 3], "{ranking:?}");
    assert_ne!(ranking[1].score, ranking[2].score);
    assert!(ranking[3].score < 0, "no negative score was among them");
}

/// A model's file with a preparation, which none of the examples has.
fn with_preparation(file: &[u8], preparation: Preparation) -> &'static [u8] {
    let (header, body) = Header::parse(file).unwrap();
    let body = Body { preparation, ..Body::decode(header.version, body).unwrap() };
    let dimensions = arc_runtime::Model::from_body(&body).unwrap().dimensions();
    let mut room = vec![0; 2 * file.len()];
    let body = postcard::to_slice(&body, &mut room).unwrap();
    [&Header::integer(body, &dimensions).to_bytes()[..], body].concat().leak()
}

#[test]
fn frames_are_prepared_as_the_model_wants_them() {
    // Paper that darkens to the right, and a cross on a part of it.
    let gray: Vec<_> = (0..90 * 60)
        .map(|k| {
            let (x, y) = (k % 90, k / 90);
            let ink = (48..51).contains(&x) && y < 40 || (22..25).contains(&y) && x > 25 && x < 75;
            let paper = 220 - x;
            if ink { (paper / 3) as u8 } else { paper as u8 }
        })
        .collect();
    let frame = Frame { width: 90, height: 60, gray: gray.as_ptr() };
    let part = Rect { x: 20, y: 3, width: 60, height: 50 };
    let whole = arc_runtime::Frame::new(90, 60, &gray).unwrap();
    let cut = whole.crop(20, 3, 60, 50).unwrap();
    for preparation in [Preparation::None, Preparation::Ink(InkPreparation::default())] {
        let (mut comparator, _, blank) = ready(with_preparation(MODEL, preparation));
        let side = blank.side;
        let (mut found, mut expected) = (vec![1; side * side], vec![2; side * side]);
        for (part, frame_of_rust) in [(null(), whole), (&raw const part, cut)] {
            let (pixels, room) = (found.as_mut_ptr(), found.len());
            let mut image = Image { side: 0, pixels: null() };
            // SAFETY: all of it is there.
            let status = unsafe {
                let frame = &raw const frame;
                arc_image_prepare(&raw mut *comparator, frame, part, pixels, room, &raw mut image)
            };
            assert_eq!(status, Status::Ok);
            assert_eq!((image.side, image.pixels), (side, pixels.cast_const()));
            preparation.prepare(&frame_of_rust, side, &mut expected).unwrap();
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn frames_to_prepare_are_checked() {
    let ink = Preparation::Ink(InkPreparation::default());
    let (mut comparator, words, blank) = ready(with_preparation(MODEL, ink));
    let (comparator, workspace) = (&raw mut *comparator, words.as_mut_ptr());
    let area = blank.side * blank.side;
    let (paper, mut pixels) = (vec![200; 40 * 30], vec![1; area]);
    let (frame, pixels) =
        (Frame { width: 40, height: 30, gray: paper.as_ptr() }, pixels.as_mut_ptr());
    let tall = Frame { height: 65_536, ..frame };
    let outside = Rect { x: 5, y: 5, width: 36, height: 5 };
    let (frame, tall, outside) = (&raw const frame, &raw const tall, &raw const outside);
    let mut image = Image { side: 9, pixels: null() };
    let image = &raw mut image;
    let mut fresh = Comparator::zeroed();
    // SAFETY: all of it is there, or said not to be.
    unsafe {
        let prepare = |comparator, frame, part, room| {
            arc_image_prepare(comparator, frame, part, pixels, room, image)
        };
        assert_eq!(prepare(&raw mut fresh, frame, null(), area), Status::NotReady);
        assert_eq!(prepare(null_mut(), frame, null(), area), Status::NullPointer);
        assert_eq!(prepare(comparator, null(), null(), area), Status::NullPointer);
        assert_eq!(prepare(comparator, tall, null(), area), Status::ImageTooLarge);
        assert_eq!(prepare(comparator, frame, outside, area), Status::ImageCrop);
        assert_eq!(prepare(comparator, frame, null(), area - 1), Status::ImageBuffer);
        assert_eq!(prepare(comparator, frame, null(), area), Status::ImageBlank);

        let own = arc_image_prepare(comparator, frame, null(), workspace.cast(), area, image);
        assert_eq!(own, Status::Overlap);
        let own = arc_image_prepare(comparator, frame, null(), pixels, area, workspace.cast());
        assert_eq!(own, Status::Overlap);
        assert_eq!(((*image).side, (*image).pixels), (9, null()), "an output after an error");
        // The comparator is as ready as before.
        assert_eq!(arc_limit_glimpses(comparator, 1), Status::Ok);
    }
}
