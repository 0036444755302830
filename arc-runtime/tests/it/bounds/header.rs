//! The header, of every version, and the length of the body and of its lists.

use arc_runtime::Model;
use arc_runtime::format::body::{Body, Conv, Layer};
use arc_runtime::format::header::MAGIC;
use arc_runtime::format::{Dimensions, LoadError, Part};
use serde::Serialize;

use super::model::{Choice, Sizes, conv, unlike};
use crate::common::{encode, repair};

/// A file of a version with a right checksum: the four sizes are what the header ends with.
fn file(version: u16, body: &[u8], sizes: [u32; 4]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(version.to_le_bytes());
    file.extend([0, 0]);
    file.extend((body.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    let shown = [2, 3, 4][usize::from(version.clamp(1, 3)) - 1];
    sizes[..shown].iter().for_each(|size| file.extend(size.to_le_bytes()));
    file.extend(body);
    repair(&mut file);
    file
}

/// Workspace, features, context and batch as a version has them.
fn sizes(version: u16, dimensions: &Dimensions) -> [u32; 4] {
    let workspace = match version {
        3 | 4 => 4 * dimensions.workspace_words(),
        _ => 4 * dimensions.batch_words(1),
    };
    let (features, context) = (dimensions.feature_bytes(), dimensions.context_bytes());
    [workspace, features, context, 4 * dimensions.batch_words(4)].map(|bytes| bytes as u32)
}

/// A body as version 1 has it: without variants in front of the layers, and without a calibration.
fn body_of_version_1(convolutions: &[Conv<'_>], body: &Body<'_>) -> Vec<u8> {
    let Body { provenance, image_side, glimpse, controller, gaze, decision, .. } = body;
    bytes(&(provenance, image_side, convolutions, glimpse, controller, gaze, decision))
}

/// A body as a version from 2 on has it: until 3 without a preparation, whose absence is one byte.
fn body_of(version: u16, body: &Body<'_>) -> Vec<u8> {
    let mut bytes = encode(body);
    bytes.truncate(bytes.len() - usize::from(version < 4));
    bytes
}

/// A body with any number of layers.
fn body_of_layers(layers: &[Layer<'_>], body: &Body<'_>) -> Vec<u8> {
    let Body { provenance, image_side, glimpse, controller, gaze, decision, .. } = body;
    let (calibration, preparation) = (&body.calibration, &body.preparation);
    let ends = (calibration, preparation);
    bytes(&(provenance, image_side, layers, glimpse, controller, gaze, decision, ends))
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 20];
    postcard::to_slice(value, &mut buffer).unwrap().to_vec()
}

fn convolutions(count: usize) -> Vec<Conv<'static>> {
    (0..count).map(|_| conv(3, 1, 1, 1)).collect()
}

/// A sound body of a version, and its sizes.
fn sound(version: u16) -> (Vec<u8>, [u32; 4]) {
    let stem: Vec<_> = convolutions(2).into_iter().map(Layer::Conv).collect();
    // With these units a batch of one pair takes more than a comparison.
    let body = Sizes { stem, hidden: 40, ..Sizes::default() }.body();
    let dimensions = Model::from_body(&body).unwrap().dimensions();
    assert!(dimensions.batch_words(1) > dimensions.workspace_words());
    let bytes = match version {
        1 => body_of_version_1(&convolutions(2), &body),
        _ => body_of(version, &body),
    };
    (bytes, sizes(version, &dimensions))
}

fn load(file: &[u8]) -> Result<(), LoadError> {
    Model::load(file).map(drop)
}

#[test]
fn versions_from_1_to_4_load() {
    for version in 1..=4 {
        let (body, sizes) = sound(version);
        assert_eq!(load(&file(version, &body, sizes)), Ok(()), "{version}");
    }
    let (body, sizes) = sound(4);
    for found in [0, 5, u16::MAX] {
        assert_eq!(load(&file(found, &body, sizes)), Err(LoadError::Version { found }));
    }
}

#[test]
fn a_file_is_as_long_as_its_header_and_the_body_that_it_declares() {
    for (version, header) in [(1, 24), (2, 28), (3, 32), (4, 32)] {
        let (body, sizes) = sound(version);
        let mut file = file(version, &body, sizes);
        let needed = header + body.len();
        assert_eq!(file.len(), needed);
        let error = |needed, given| LoadError::Truncated { needed, given };
        for given in [0, 23] {
            assert_eq!(load(&file[..given]), Err(error(24, given)));
        }
        for given in [24, needed - 1] {
            assert_eq!(load(&file[..given]), Err(error(needed, given)));
        }
        file[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        let error = error(header + u32::MAX as usize, needed);
        assert_eq!(load(&file), Err(error));
    }
}

#[test]
fn magic_encoding_and_the_reserved_byte_are_what_they_should_be() {
    let (body, sizes) = sound(4);
    let sound = file(4, &body, sizes);
    let with = |at: usize, byte: u8| {
        let mut file = sound.clone();
        file[at] = byte;
        repair(&mut file);
        load(&file)
    };
    for at in 0..4 {
        let mut found = MAGIC;
        found[at] ^= 1;
        assert_eq!(with(at, found[at]), Err(LoadError::NotAModel { found }));
    }
    assert_eq!(with(6, 0), Ok(()));
    assert_eq!(with(6, 1), Err(LoadError::FloatReference));
    assert_eq!(with(6, 2), Err(LoadError::Encoding { found: 2 }));
    assert_eq!(with(7, 1), Err(LoadError::Encoding { found: 1 << 8 }));
}

#[test]
fn one_changed_bit_damages_a_file() {
    let (body, sizes) = sound(4);
    let sound = file(4, &body, sizes);
    for at in (12..sound.len()).step_by(17).chain(12..16) {
        let mut file = sound.clone();
        file[at] ^= 1;
        let error = load(&file).unwrap_err();
        assert!(matches!(error, LoadError::Damaged { .. }), "byte {at}: {error}");
    }
}

/// The sizes of today's header are exact; until version 2 a comparator took more than today.
#[test]
fn the_header_states_the_sizes_that_the_body_asks_for() {
    const NAMES: [&str; 4] = ["the workspace", "the features", "the context", "the batch"];
    let body = Sizes { hidden: 40, choice: Choice::Context(4), ..Sizes::default() }.body();
    let dimensions = Model::from_body(&body).unwrap().dimensions();
    assert!(dimensions.batch_words(1) > dimensions.workspace_words());
    for (version, shown) in [(2, 3), (3, 4), (4, 4)] {
        let body = body_of(version, &body);
        let sound = sizes(version, &dimensions);
        for (index, quantity) in NAMES.into_iter().enumerate().take(shown) {
            let with = |size| {
                let mut sizes = sound;
                sizes[index] = size;
                load(&file(version, &body, sizes))
            };
            let expected = sound[index];
            // What the workspace was in version 2 is a batch of one pair.
            let quantity = if version == 2 && index == 0 { "the batch" } else { quantity };
            let error = |found| Err(unlike(Part::Header, quantity, found, expected));
            assert_eq!(with(expected), Ok(()), "version {version}: {quantity}");
            assert_eq!(with(expected - 1), error(expected - 1));
            let more = if version == 2 && index == 0 { Ok(()) } else { error(expected + 1) };
            assert_eq!(with(expected + 1), more);
        }
    }
}

#[test]
fn a_workspace_of_version_1_is_no_smaller_than_it_has_to_be() {
    let (body, sizes) = sound(1);
    let with = |index: usize, change: i32| {
        let mut sizes = sizes;
        sizes[index] = sizes[index].wrapping_add_signed(change);
        load(&file(1, &body, sizes))
    };
    let error =
        |quantity, found: u32, expected| Err(unlike(Part::Header, quantity, found, expected));
    let [workspace, features, ..] = sizes;
    assert_eq!(with(0, 1), Ok(()));
    assert_eq!(with(0, -1), error("the batch", workspace - 1, workspace));
    assert_eq!(with(1, 1), error("the features", features + 1, features));
    assert_eq!(with(1, -1), error("the features", features - 1, features));
}

#[test]
fn a_stem_has_at_most_16_layers_and_8_in_version_1() {
    let body = Sizes { hidden: 40, ..Sizes::default() }.body();
    // Any number of layers gives the same features, and holds two maps at a time.
    let load = |version, body: &[u8]| load(&file(version, body, sound(version).1));
    let with = |count| {
        let convolutions = convolutions(count);
        let layers: Vec<_> = convolutions.iter().cloned().map(Layer::Conv).collect();
        let today = load(4, &body_of_layers(&layers, &body));
        [today, load(1, &body_of_version_1(&convolutions, &body))]
    };
    for (count, expected) in [
        (8, [Ok(()), Ok(())]),
        (9, [Ok(()), Err(LoadError::Body)]),
        (16, [Ok(()), Err(LoadError::Body)]),
        (17, [Err(LoadError::Body); 2]),
    ] {
        assert_eq!(with(count), expected, "{count} layers");
    }
}

#[test]
fn a_body_fills_its_length_and_its_texts_are_utf_8() {
    for version in 1..=4 {
        let (body, sizes) = sound(version);
        let load = |body: &[u8]| load(&file(version, body, sizes));
        assert_eq!(load(&body[..body.len() - 1]), Err(LoadError::Body));
        assert_eq!(load(&[body.as_slice(), &[0]].concat()), Err(LoadError::Body));
        assert_eq!(load(&[]), Err(LoadError::Body));
        // The first text is empty: its length is the first byte.
        for (text, expected) in [(b"a", Ok(())), (&[0xff], Err(LoadError::Body))] {
            let changed = [&[1], text.as_slice(), &body[1..]].concat();
            assert_eq!(load(&changed), expected);
        }
    }
}
