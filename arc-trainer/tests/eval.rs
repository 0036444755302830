//! The evaluation protocols on a small dataset.

mod common;

use arc_runtime::preparation::Preparation;
use arc_trainer::data::{Dataset, Drawing, Run};
use arc_trainer::eval::{self, Answer, Backend, Plan, Report, Trial};
use arc_trainer::float::Rating;
use common::strokes;

/// Finds two images the more alike the closer their amounts of ink are.
struct InkCounter;

impl Backend for InkCounter {
    type Features = i64;
    type Worker = ();

    fn name(&self) -> &'static str {
        "ink"
    }

    fn image_side(&self) -> usize {
        16
    }

    fn preparation(&self) -> &Preparation {
        &Preparation::None
    }

    fn worker(&self, _: usize) {}

    fn limit_glimpses(&mut self, _: usize) {}

    fn extract(&self, (): &mut (), pixels: &[i8]) -> i64 {
        pixels.iter().map(|&p| i64::from(p)).sum()
    }

    fn ways(&self) -> Option<usize> {
        None
    }

    fn logit(&self, (): &mut (), probe: &i64, support: &i64) -> f64 {
        -(probe - support).abs() as f64
    }

    fn rate(&self, worker: &mut (), probe: &i64, supports: &[&i64]) -> Vec<Rating> {
        let logits = supports.iter().map(|support| self.logit(worker, probe, support));
        logits.map(Rating::alone).collect()
    }

    fn probability(&self, logit: f64) -> f64 {
        logit
    }

    fn threshold(&self) -> f64 {
        0.0
    }
}

/// The group, class and drawing of each image of a plan.
fn origins(plan: &Plan<'_>, dataset: &Dataset) -> Vec<(usize, usize, usize)> {
    let find = |image: &Drawing| {
        for (g, group) in dataset.groups.iter().enumerate() {
            for (c, class) in group.classes.iter().enumerate() {
                if let Some(d) = class.drawings.iter().position(|d| std::ptr::eq(d, image)) {
                    return (g, c, d);
                }
            }
        }
        panic!("an image from elsewhere");
    };
    plan.images().iter().map(|image| find(image)).collect()
}

#[test]
fn within_stays_in_one_alphabet_and_gives_each_side_one_drawer() {
    let dataset = strokes(&[3, 7, 9], 4);
    let plan = eval::within(&dataset, 5, 12, 1).unwrap();
    let origins = origins(&plan, &dataset);
    assert_eq!(plan.trials.len(), 12 * 5);
    for episode in plan.trials.chunks(5) {
        let supports: Vec<_> = episode[0].supports.iter().map(|&s| origins[s]).collect();
        let (group, _, drawer) = supports[0];
        assert_ne!(group, 0, "three characters are too few");
        assert!(supports.iter().all(|s| s.0 == group && s.2 == drawer));
        let prober = origins[episode[0].probe].2;
        assert_ne!(prober, drawer);
        for (k, trial) in episode.iter().enumerate() {
            let probe = origins[trial.probe];
            assert_eq!((trial.answer, probe.2), (Answer::Support(k), prober));
            assert_eq!((probe.0, probe.1), (supports[k].0, supports[k].1));
        }
    }
}

#[test]
fn across_draws_different_classes_and_never_shows_the_probe() {
    let dataset = strokes(&[3, 7, 9], 2);
    let plan = eval::across(&dataset, 10, 50, 1).unwrap();
    let origins = origins(&plan, &dataset);
    assert_eq!((plan.trials.len(), plan.episodes, plan.way), (50, 50, 10));
    for trial in &plan.trials {
        let Answer::Support(answer) = trial.answer else { panic!("an answer among supports") };
        assert!(!trial.supports.contains(&trial.probe));
        let mut classes: Vec<_> =
            trial.supports.iter().map(|&s| (origins[s].0, origins[s].1)).collect();
        let probe = origins[trial.probe];
        assert_eq!(classes[answer], (probe.0, probe.1));
        classes.sort();
        classes.dedup();
        assert_eq!(classes.len(), 10);
    }
}

#[test]
fn verify_is_half_same_and_half_different_from_one_alphabet() {
    let dataset = strokes(&[1, 7, 9], 3);
    let plan = eval::verify(&dataset, 100, 1).unwrap();
    let origins = origins(&plan, &dataset);
    let mut same = 0;
    for trial in &plan.trials {
        let (a, b) = (origins[trial.probe], origins[trial.supports[0]]);
        assert_eq!(a.0, b.0);
        assert_ne!(a, b);
        assert_eq!(trial.answer, Answer::Same(a.1 == b.1));
        same += usize::from(a.1 == b.1);
    }
    assert_eq!((same, plan.trials.len()), (50, 100));
}

#[test]
fn open_enrols_the_class_of_every_other_probe() {
    let dataset = strokes(&[5, 7, 9], 3);
    let plan = eval::open(&dataset, 5, 200, 1).unwrap();
    let origins = origins(&plan, &dataset);
    let mut places = [0; 5];
    for (number, trial) in plan.trials.iter().enumerate() {
        let supports: Vec<_> = trial.supports.iter().map(|&s| origins[s]).collect();
        let (group, _, drawer) = supports[0];
        assert_ne!(group, 0, "no character is left there to be unknown");
        assert!(supports.iter().all(|s| s.0 == group && s.2 == drawer));
        let probe = origins[trial.probe];
        assert!(probe.0 == group && probe.2 != drawer);
        let found = supports.iter().position(|s| s.1 == probe.1);
        assert_eq!(trial.answer, Answer::Open(found));
        assert_eq!(found.is_some(), number % 2 == 0);
        if let Some(place) = found {
            places[place] += 1;
        }
    }
    assert!(places.iter().all(|count| *count > 5), "every place is an answer: {places:?}");
}

/// Pairs that are rated alone.
fn rated(logits: &[Vec<f64>]) -> Vec<Vec<Rating>> {
    let rate = |logits: &Vec<f64>| logits.iter().copied().map(Rating::alone).collect();
    logits.iter().map(rate).collect()
}

/// What ranks a support is not what accepts it.
#[test]
fn an_open_set_is_ranked_by_score_and_accepted_by_the_pair() {
    let dataset = strokes(&[2], 2);
    let mut plan = Plan::new("open", 2, 2);
    let images: Vec<usize> = dataset.drawings().map(|drawing| plan.place(drawing)).collect();
    let (probe, supports) = (images[0], images[1..3].to_vec());
    plan.trials = [Some(1), None]
        .map(|answer| Trial { probe, supports: supports.clone(), answer: Answer::Open(answer) })
        .into();
    let ratings = |pair| {
        let rating = |score, pair| Rating { score, pair: Some(pair) };
        vec![rating(0.0, 5.0), rating(1.0, pair)]
    };
    let report = Report::new(&plan, &[ratings(3.0), ratings(-3.0)], 2.0);
    assert_eq!(report.correct, 2);
}

#[test]
fn an_open_set_is_judged_by_the_model_s_threshold() {
    let dataset = strokes(&[2], 2);
    let mut plan = Plan::new("open", 2, 4);
    let images: Vec<usize> = dataset.drawings().map(|drawing| plan.place(drawing)).collect();
    let supports = images[1..3].to_vec();
    plan.trials = [Some(0), Some(1), None, None]
        .map(|answer| Trial {
            probe: images[0],
            supports: supports.clone(),
            answer: Answer::Open(answer),
        })
        .into();
    let logits = [[2.0, 1.0], [0.5, 0.9], [0.9, 0.0], [1.0, 0.0]].map(|l| l.to_vec());
    let ratings = rated(&logits);
    let at = |threshold| {
        let report = Report::new(&plan, &ratings, threshold);
        let open = report.open.unwrap();
        (report.correct, open.known_rejected, open.known_mistaken, open.unknown_accepted)
    };
    assert_eq!(at(1.0), (2, 0.5, 0.0, 0.5));
    assert_eq!(at(0.0), (2, 0.0, 0.0, 1.0));
    assert_eq!(at(1.5), (3, 0.5, 0.0, 0.0));
}

#[test]
fn lake_asks_every_probe_of_every_run() {
    let dataset = strokes(&[4], 2);
    let by = |drawer: usize| dataset.classes().map(move |c| c.drawings[drawer].clone());
    let answers = vec![0, 1, 2, 3];
    let run = Run { supports: by(0).collect(), probes: by(1).collect(), answers };
    let mut shuffled = run.clone();
    shuffled.probes.reverse();
    shuffled.answers.reverse();
    let runs = [run, shuffled];
    let plan = eval::lake(&runs).unwrap();
    let report = Report::new(&plan, &eval::rate(&InkCounter, &plan), 0.0);
    assert_eq!((report.way, report.episodes, report.trials), (4, 2, 8));
    // Both runs ask the same, in another order.
    assert_eq!(report.correct % 2, 0);
    let mut uneven = runs.to_vec();
    uneven[1].supports.pop();
    assert!(eval::lake(&uneven).is_err());
}

#[test]
fn seeds_draw_and_threads_do_not() {
    let dataset = strokes(&[8, 9], 4);
    let run = |seed: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let plan = eval::within(&dataset, 5, 20, seed).unwrap();
            eval::run(&InkCounter, &plan)
        })
    };
    assert_eq!(run(1, 1), run(1, 4));
    assert_ne!(run(1, 4), run(2, 4));
}

#[test]
fn a_report_counts_and_names_ties() {
    let dataset = strokes(&[2], 2);
    let mut plan = Plan::new("within", 2, 1);
    let images: Vec<usize> = dataset.drawings().map(|drawing| plan.place(drawing)).collect();
    for answer in [0, 1, 0, 1] {
        plan.trials.push(Trial {
            probe: images[0],
            supports: images[1..3].to_vec(),
            answer: Answer::Support(answer),
        });
    }
    let logits = [[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]].map(|l| l.to_vec());
    let report = Report::new(&plan, &rated(&logits), 0.0);
    assert_eq!((report.trials, report.correct, report.ties), (4, 2, 2));
    assert_eq!(report.accuracy, 0.5);
}

#[test]
fn too_little_data_is_refused_with_a_remedy() {
    let few = strokes(&[3, 4], 2);
    for error in
        [eval::within(&few, 5, 1, 0), eval::across(&few, 8, 1, 0), eval::open(&few, 4, 1, 0)]
    {
        let text = format!("{:#}", error.unwrap_err());
        assert!(text.contains("--way"), "{text}");
    }
    assert!(eval::verify(&strokes(&[1, 1], 2), 10, 0).is_err());
    assert!(eval::verify(&strokes(&[3], 1), 10, 0).is_err());
}
