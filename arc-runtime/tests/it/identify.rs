//! A probe among many supports: naive, in full context and N-way.

use crate::common::{CONTEXT, CONVOLUTIONAL, Choice, RAW, Recipe, WAYS, WIDE_CONTEXT, WORDS};
use arc_runtime::arithmetic::RowScale;
use arc_runtime::arithmetic::activation::{SIGMOID, TANH};
use arc_runtime::format::{BATCH, body};
use arc_runtime::kernels::Scalar;
use arc_runtime::network::LstmState;
use arc_runtime::{
    Comparator, CompareError, ExtractError, FeatureError, Gallery, IdentifyError, Model, Rating,
    Score, feature_bytes, identify_words, workspace_words,
};

/// Features of images, each from its own seed.
fn features(recipe: &Recipe, seeds: impl IntoIterator<Item = u64>) -> Vec<Vec<i8>> {
    let file = recipe.file();
    let model = Model::load(&file).unwrap();
    let mut comparator = Comparator::new(&model, [0; WORDS]).unwrap();
    let extract = |seed| {
        let mut features = vec![0; model.dimensions().feature_bytes()];
        let pixels = recipe.pixels(seed);
        comparator.extract(&recipe.image(&pixels), &mut features).unwrap();
        features
    };
    seeds.into_iter().map(extract).collect()
}

/// The ratings of supports, in memory that is exactly as long as declared.
fn rate(recipe: &Recipe, probe: u64, supports: &[Vec<i8>]) -> Result<Vec<Rating>, IdentifyError> {
    let file = recipe.file();
    let words = vec![0x5a5a_5a5a; identify_words(&file, supports.len())];
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), words).unwrap();
    let pixels = recipe.pixels(probe);
    let mut ratings = Vec::new();
    let supports = supports.iter().map(Vec::as_slice);
    comparator.identify(&recipe.image(&pixels), supports, |rating| ratings.push(rating))?;
    Ok(ratings)
}

#[test]
fn a_pair_s_score_does_not_depend_on_the_other_supports() {
    for recipe in [CONVOLUTIONAL, RAW, CONTEXT, WIDE_CONTEXT] {
        let supports = features(&recipe, 10..17);
        let probe = features(&recipe, [1]).remove(0);
        let file = recipe.file();
        let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
        for (rating, support) in rate(&recipe, 1, &supports).unwrap().iter().zip(&supports) {
            let alone = comparator.compare_features(&probe, support).unwrap();
            assert_eq!(rating.pair, Some(alone));
            let naive = recipe.choice == Choice::Naive;
            assert_eq!(rating.score == alone, naive, "the context corrects it");
        }
    }
}

#[test]
fn features_of_the_probe_give_the_ratings_of_its_image() {
    for recipe in [CONVOLUTIONAL, RAW, CONTEXT, WIDE_CONTEXT, WAYS] {
        let (probe, supports) = (features(&recipe, [1]).remove(0), features(&recipe, 10..14));
        let file = recipe.file();
        let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
        let mut ratings = Vec::new();
        let by_features = supports.iter().map(Vec::as_slice);
        comparator.identify_features(&probe, by_features, |rating| ratings.push(rating)).unwrap();
        assert_eq!(ratings, rate(&recipe, 1, &supports).unwrap());
    }
}

#[test]
fn the_ratings_are_the_same_however_many_pairs_there_is_memory_for() {
    for recipe in [CONVOLUTIONAL, RAW, CONTEXT, WIDE_CONTEXT] {
        for count in [1, 2, 4, 9] {
            let supports = features(&recipe, 10..10 + count);
            let expected = rate(&recipe, 1, &supports).unwrap();
            assert_eq!(expected.len() as u64, count);
            let file = recipe.file();
            let model = Model::load(&file).unwrap();
            let words = |batch| model.dimensions().identify_words(supports.len(), batch);
            for batch in 1..=BATCH {
                assert!(batch == 1 || words(batch) >= words(batch - 1));
                let mut comparator = Comparator::new(&model, vec![9; words(batch)]).unwrap();
                let pixels = recipe.pixels(1);
                let mut ratings = Vec::new();
                let features = supports.iter().map(Vec::as_slice);
                let probe = recipe.image(&pixels);
                comparator.identify(&probe, features, |rating| ratings.push(rating)).unwrap();
                assert_eq!(ratings, expected, "batches of {batch}");
            }
        }
    }
}

#[test]
fn a_batch_scores_each_pair_as_if_it_were_alone() {
    for recipe in [CONVOLUTIONAL, RAW, CONTEXT] {
        let (probes, supports) = (features(&recipe, 1..10), features(&recipe, 10..19));
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let mut alone = Comparator::new(&model, [0; WORDS]).unwrap();
        let pairs = || probes.iter().zip(&supports).map(|(p, s)| (&p[..], &s[..]));
        let expected: Vec<_> =
            pairs().map(|(p, s)| alone.compare_features(p, s).unwrap()).collect();
        for batch in 0..=9 {
            let dimensions = model.dimensions();
            let words = match batch {
                0 => dimensions.workspace_words(),
                batch => dimensions.batch_words(batch),
            };
            let mut comparator = Comparator::new(&model, vec![7; words]).unwrap();
            for count in [0, 1, 2, 5, 9] {
                let mut scores = Vec::new();
                let some = pairs().take(count);
                comparator.compare_batch(some, |score| scores.push(score)).unwrap();
                assert_eq!(scores, expected[..count], "batches of {batch}");
            }
        }
        let short = [(&probes[0][1..], &supports[0][..])];
        let refused = alone.compare_batch(short, |_| panic!("compared"));
        assert!(matches!(refused, Err(CompareError::Features(FeatureError::Length { .. }))));
    }
    let file = WAYS.file();
    let mut ways = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    assert_eq!(ways.compare_batch([], |_| {}), Err(CompareError::NoPairs { ways: 4 }));
}

/// The context as `ARITHMETIC.md` has it, in 64 bits.
struct Reference<'a> {
    head: &'a body::ContextHead<'a>,
}

impl Reference<'_> {
    fn row(weights: &[u8], scale: &[u8], x: &[i64]) -> i64 {
        let scale = RowScale::from_bytes(scale.try_into().unwrap()).unwrap();
        let products = weights.iter().zip(x).map(|(&w, x)| i64::from(w as i8) * x);
        let sum = i64::from(scale.bias) + products.sum::<i64>();
        round_shift(sum * i64::from(scale.multiplier), scale.shift.into())
    }

    /// The states that an LSTM leaves at each embedding in turn.
    fn states(lstm: &body::Lstm<'_>, embeddings: impl Iterator<Item = Vec<i64>>) -> Vec<Vec<i64>> {
        let units = usize::from(lstm.hidden);
        let (mut state, mut cell) = (vec![0; units], vec![0; units]);
        let mut states = Vec::new();
        for embedding in embeddings {
            let input = [embedding, state.clone()].concat();
            let rows = lstm.gates.weights.chunks(input.len()).zip(lstm.gates.scales.chunks(8));
            let sums = rows.map(|(w, s)| Self::row(w, s, &input).clamp(-32_768, 32_767) as i16);
            let sums: Vec<i16> = sums.collect();
            for unit in 0..units {
                let [i, f, o] = [0, 1, 3].map(|k| i64::from(SIGMOID.at(sums[k * units + unit])));
                let u = i64::from(TANH.at(sums[2 * units + unit]));
                let next = round_shift(f * cell[unit] + ((i * u) >> 4), 15);
                cell[unit] = next.clamp(-32_768, 32_767);
                let squashed = TANH.at((2 * cell[unit]).clamp(-32_768, 32_767) as i16);
                state[unit] = round_shift(o * i64::from(squashed), 23).clamp(-127, 127);
            }
            states.push(state.clone());
        }
        states
    }

    fn scores(&self, pairs: &[Score], embeddings: &[Vec<i64>]) -> Vec<i64> {
        let forward = Self::states(&self.head.forward, embeddings.iter().cloned());
        let backward = Self::states(&self.head.backward, embeddings.iter().rev().cloned());
        let states = forward.into_iter().zip(backward.into_iter().rev());
        let scores = states.zip(pairs).map(|((forward, backward), pair)| {
            let both = [forward, backward].concat();
            let score = &self.head.score;
            let correction = Self::row(score.weights, score.scales, &both);
            (i64::from(pair.logit) + correction).clamp(-(1 << 30), 1 << 30)
        });
        scores.collect()
    }
}

fn round_shift(x: i64, shift: u32) -> i64 {
    (x + (1 << (shift - 1))) >> shift
}

#[test]
fn the_context_is_a_bidirectional_lstm_over_the_last_states() {
    for recipe in [CONTEXT, WIDE_CONTEXT] {
        for count in [1, 2, 5, 19] {
            let supports = features(&recipe, 10..10 + count);
            let ratings = rate(&recipe, 1, &supports).unwrap();
            let embeddings: Vec<_> =
                (10..10 + count).map(|support| embedding(&recipe, 1, support)).collect();
            let pairs: Vec<_> = ratings.iter().map(|rating| rating.pair.unwrap()).collect();
            let expected = recipe.with_body(|body| {
                let body::Decision::Context(head) = &body.decision else { panic!("a context") };
                Reference { head }.scores(&pairs, &embeddings)
            });
            let scores: Vec<_> = ratings.iter().map(|r| i64::from(r.score.logit)).collect();
            assert_eq!(scores, expected);
        }
    }
}

/// The state after the last glimpse of a pair.
fn embedding(recipe: &Recipe, probe: u64, support: u64) -> Vec<i64> {
    let file = recipe.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let (probe, support) = (recipe.pixels(probe), recipe.pixels(support));
    let (probe, support) = (recipe.image(&probe), recipe.image(&support));
    let mut last = Vec::new();
    let keep = |step: &arc_runtime::Step<'_>| last = step.state.to_vec();
    comparator.compare_traced(&probe, &support, keep).unwrap();
    last.into_iter().map(i64::from).collect()
}

#[test]
fn an_n_way_model_looks_at_the_probe_and_each_support_in_turn() {
    let supports = features(&WAYS, 10..14);
    let probe = features(&WAYS, [1]).remove(0);
    let file = WAYS.file();
    let model = Model::load(&file).unwrap();
    let d = model.dimensions();
    let (mut input, mut cell) = (vec![0; d.glimpse_len() + d.hidden], vec![0; d.hidden]);
    let (mut sums, mut scratch) =
        (vec![0; d.preactivation_len()], vec![0; d.glimpse_scratch_bytes()]);
    let mut memory = LstmState::new(d.hidden, &mut input, &mut cell);
    for step in 0..5 * WAYS.per_image {
        let seen = if step % 5 == 0 { &probe } else { &supports[step % 5 - 1] };
        let gaze = model.network().controller.gazes(&Scalar, &memory, 1, &mut sums).next().unwrap();
        model.network().sensor.glimpse(&Scalar, gaze, seen, &mut scratch, memory.input_mut(0));
        model.network().controller.step(&Scalar, &mut memory, 1, &mut sums);
    }
    let state: Vec<i64> = memory.state(0).iter().map(|&h| h.into()).collect();
    let expected = WAYS.with_body(|body| {
        let body::Decision::Ways(head) = &body.decision else { panic!("an N-way model") };
        let rows = head.scores.weights.chunks(state.len()).zip(head.scores.scales.chunks(8));
        rows.map(|(w, s)| Reference::row(w, s, &state)).collect::<Vec<_>>()
    });
    let ratings = rate(&WAYS, 1, &supports).unwrap();
    assert!(ratings.iter().all(|rating| rating.pair.is_none()));
    let scores: Vec<_> = ratings.iter().map(|r| i64::from(r.score.logit)).collect();
    assert_eq!(scores, expected);
    assert!(scores.windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn what_an_n_way_model_can_not_do_is_an_error() {
    let file = WAYS.file();
    let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
    let pixels = WAYS.pixels(1);
    let image = WAYS.image(&pixels);
    let refused = Err(CompareError::NoPairs { ways: 4 });
    assert_eq!(comparator.compare(&image, &image), refused);
    let probe = features(&WAYS, [1]).remove(0);
    assert_eq!(comparator.compare_features(&probe, &probe), refused);
    for given in [0, 3, 5] {
        let refused = rate(&WAYS, 1, &features(&WAYS, 10..10 + given as u64));
        assert_eq!(refused, Err(IdentifyError::Ways { needed: 4, given }));
    }
}

#[test]
fn one_word_less_than_one_pair_at_a_time_needs_is_refused_before_anything_is_rated() {
    for (recipe, supports) in [(CONTEXT, 3), (WIDE_CONTEXT, 50)] {
        let file = recipe.file();
        let model = Model::load(&file).unwrap();
        let needed = model.dimensions().identify_words(supports, 1);
        assert!(needed > workspace_words(&file));
        let given = needed - 1;
        let mut comparator = Comparator::new(&model, vec![0; given]).unwrap();
        let features = vec![0; feature_bytes(&file)];
        let all = std::iter::repeat_n(&features[..], supports);
        let refused = comparator.identify_features(&features, all, |_| panic!("rated"));
        assert_eq!(refused, Err(IdentifyError::Memory { needed, given, supports }));
    }
}

#[test]
fn supports_of_another_length_are_refused_before_anything_is_rated() {
    for recipe in [CONVOLUTIONAL, CONTEXT, WAYS] {
        let mut supports = features(&recipe, 10..14);
        supports[3].pop();
        let length = FeatureError::Length { needed: 7 * 7 * 4, given: 7 * 7 * 4 - 1 };
        let refused = rate(&recipe, 1, &supports);
        assert_eq!(refused, Err(IdentifyError::Extract(ExtractError::Features(length))));
    }
}

/// Kernels rely on it: for them a feature of -1 is one of 255.
#[test]
fn negative_features_are_refused_by_every_call_that_takes_some() {
    let sound = features(&CONVOLUTIONAL, 1..3);
    for at in [0, sound[0].len() - 1] {
        for value in [-1, -128] {
            let mut bad = sound[0].clone();
            bad[at] = value;
            let (good, bad) = (sound[1].as_slice(), bad.as_slice());
            let file = CONVOLUTIONAL.file();
            let mut comparator = Comparator::new(&Model::load(&file).unwrap(), [0; WORDS]).unwrap();
            let refused = CompareError::Features(FeatureError::Negative);
            for (probe, support) in [(bad, good), (good, bad)] {
                assert_eq!(comparator.compare_features(probe, support), Err(refused));
                let pairs = [(good, good), (probe, support)];
                let batch = comparator.compare_batch(pairs, |_| panic!("compared"));
                assert_eq!(batch, Err(refused));
                let rated = comparator.identify_features(probe, [support], |_| panic!("rated"));
                let negative = ExtractError::Features(FeatureError::Negative);
                assert_eq!(rated, Err(IdentifyError::Extract(negative)));
            }
        }
    }
}

#[test]
fn a_gallery_ranks_in_context_and_keeps_the_pair_s_score() {
    const FEATURES: usize = 7 * 7 * 4;
    for recipe in [CONTEXT, WAYS] {
        let file = recipe.file();
        let words = vec![0; identify_words(&file, 4)];
        let mut comparator = Comparator::new(&Model::load(&file).unwrap(), words).unwrap();
        let mut gallery = Gallery::<_, 4, FEATURES>::new();
        for label in 10..14 {
            let pixels = recipe.pixels(label);
            gallery.enroll(&mut comparator, label, &recipe.image(&pixels)).unwrap();
        }
        let pixels = recipe.pixels(1);
        let ranking = gallery.identify(&mut comparator, &recipe.image(&pixels)).unwrap();
        let ratings = rate(&recipe, 1, &features(&recipe, 10..14)).unwrap();
        let mut expected: Vec<_> = (10..14).zip(ratings).collect();
        expected.sort_by_key(|(_, rating)| core::cmp::Reverse(rating.score));
        let found: Vec<_> =
            ranking.iter().map(|m| (m.label, Rating { score: m.score, pair: m.pair })).collect();
        assert_eq!(found, expected);

        // Whether the best is accepted is the pair's own affair; N ways know no pair.
        let best = expected[0].1.pair.map_or(0, |pair| pair.logit);
        let accepted = |threshold| {
            let calibration =
                Some(body::Calibration { gain: 1 << 16, threshold, false_accept_ppm: 1 });
            recipe.with_body(|body| {
                let model = Model::from_body(&body::Body { calibration, ..body.clone() }).unwrap();
                ranking.accepted(&model).is_some()
            })
        };
        let none_above = recipe.choice == WAYS.choice;
        assert_eq!((accepted(best), accepted(best + 1)), (true, none_above));
    }
}

#[test]
fn the_context_follows_the_order_of_enrollment_and_the_pairs_do_not() {
    let mut supports = features(&CONTEXT, 10..16);
    let before = rate(&CONTEXT, 1, &supports).unwrap();
    supports.reverse();
    let mut after = rate(&CONTEXT, 1, &supports).unwrap();
    after.reverse();
    let pairs = |ratings: &[Rating]| ratings.iter().map(|r| r.pair).collect::<Vec<_>>();
    assert_eq!(pairs(&before), pairs(&after));
    assert_ne!(before, after, "the weights are random: trained ones are to care less");
}

/// What only a hostile model reaches: the greatest sums in every row.
#[test]
fn a_context_next_to_its_bounds_does_not_overflow() {
    let most = RowScale { bias: 0, multiplier: i16::MAX, shift: 11 };
    let full = |inputs: usize, rows: usize| {
        let bias = (1 << 25) - 1 - 128 * 127 * inputs as i32;
        RowScale { bias, ..most }.to_bytes().repeat(rows)
    };
    let gates = body::Linear { inputs: 2, outputs: 4, weights: &[127; 8], scales: &full(2, 4) };
    let lstm = body::Lstm { hidden: 1, gates };
    let head = body::ContextHead {
        pair: body::PairHead {
            hidden: body::Linear { inputs: 1, outputs: 1, weights: &[0], scales: &full(1, 1) },
            logit: body::Linear { inputs: 1, outputs: 1, weights: &[0], scales: &full(1, 1) },
        },
        forward: lstm.clone(),
        backward: lstm,
        score: body::Linear { inputs: 2, outputs: 1, weights: &[127; 2], scales: &full(2, 1) },
    };
    let context = arc_runtime::network::Context::new(&head, 1).unwrap();
    let mut scratch = arc_runtime::network::ContextScratch {
        concatenated: &mut [0; 2],
        cell: &mut [0; 1],
        preactivations: &mut [0; 4],
    };
    let mut accumulators = [0; 3];
    context.read(&Scalar, &[127; 3], &mut accumulators, &mut scratch);
    for accumulator in accumulators {
        assert!(accumulator < 1 << 25);
        let top = context.correct(Score { logit: 1 << 30 }, accumulator);
        assert_eq!(top, Score { logit: 1 << 30 });
    }
}
