//! Real drawings load as published, and the procedural ones are about as hard.

use arc_tests::omniglot;
use arc_trainer::data::{Dataset, Group, load_runs, synth::Synth};

/// Side of Omniglot's drawings, in pixels.
const SIDE: usize = 105;

#[test]
fn the_background_set_is_whole() {
    let Some(file) = omniglot("images_background.zip") else { return };
    let data = Dataset::load(&file, SIDE).unwrap();
    assert_eq!(data.groups.len(), 30);
    assert_eq!(data.classes().count(), 964);
    assert!(data.classes().all(|class| class.drawings.len() == 20));
    assert!(data.drawings().all(|drawing| (drawing.width, drawing.height) == (105, 105)));
    // Thin lines on paper: the files have ink as 0, and loading inverts them.
    let ink: usize = data.drawings().flat_map(|d| &d.ink).filter(|ink| **ink == 255).count();
    let share = ink as f64 / (964 * 20 * 105 * 105) as f64;
    assert!((0.03..0.1).contains(&share), "{share} of all pixels are ink");
}

#[test]
fn the_published_runs_are_whole() {
    let Some(file) = omniglot("all_runs.zip") else { return };
    let runs = load_runs(&file, SIDE).unwrap();
    assert_eq!(runs.len(), 20);
    for run in &runs {
        assert_eq!((run.supports.len(), run.probes.len()), (20, 20));
        let mut answers = run.answers.clone();
        answers.sort_unstable();
        assert!(answers.iter().copied().eq(0..20), "each class is the answer once");
    }
    // The first lines of run01/class_labels.txt: class08, class09, class02.
    assert_eq!(runs[0].answers[..3], [7, 8, 1]);
}

#[test]
fn procedural_glyphs_are_about_as_hard_as_real_ones() {
    let synth = pixel_baseline(&Synth::default().dataset());
    eprintln!("nearest neighbor in pixels, 20-way within alphabets: synth {synth:.3}");
    assert!((0.15..0.35).contains(&synth), "{synth}");
    let Some(file) = omniglot("images_background.zip") else { return };
    let real = pixel_baseline(&Dataset::load(&file, SIDE).unwrap());
    eprintln!("nearest neighbor in pixels, 20-way within alphabets: Omniglot {real:.3}");
    assert!((synth - real).abs() < 0.1, "synth {synth}, Omniglot {real}");
}

/// One-shot accuracy of the nearest neighbor in pixels at side 28: the first 20 characters of
/// each alphabet, with the drawings of one drawer as supports and those of the next as probes.
fn pixel_baseline(data: &Dataset) -> f64 {
    const WAY: usize = 20;
    let (mut correct, mut trials) = (0, 0);
    for group in data.groups.iter().filter(|group| group.classes.len() >= WAY) {
        let sheets: Vec<_> = (0..20).map(|drawer| sheet(group, WAY, drawer)).collect();
        for pair in sheets.windows(2) {
            let answers = pair[1].iter().map(|probe| nearest(probe, &pair[0]));
            correct += answers.enumerate().filter(|(i, answer)| i == answer).count();
            trials += WAY;
        }
    }
    correct as f64 / trials as f64
}

/// The first `way` characters by one drawer.
fn sheet(group: &Group, way: usize, drawer: usize) -> Vec<Vec<i8>> {
    group.classes[..way].iter().map(|class| class.drawings[drawer].at_side(28)).collect()
}

fn nearest(probe: &[i8], supports: &[Vec<i8>]) -> usize {
    let distance = |support: &[i8]| -> i32 {
        probe.iter().zip(support).map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2)).sum()
    };
    (0..supports.len()).min_by_key(|&i| distance(&supports[i])).unwrap()
}
