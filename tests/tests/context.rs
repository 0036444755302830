//! The stages of full context alone, against the float reference: as `stages.rs` does it.

use anyhow::Result;
use arc_runtime::Model;
use arc_runtime::format::body::{Body, Decision};
use arc_runtime::format::{Header, Part};
use arc_runtime::kernels::Scalar;
use arc_runtime::network::{Lstm, LstmState};
use arc_tests::bounds::{self, LayerBound, LstmBound};
use arc_tests::{Errors, Trace, project, random_network};
use arc_trainer::config::Config;
use arc_trainer::eval;
use arc_trainer::export::units::{LOGIT, STATE};
use arc_trainer::export::{IntegerModel, Ranges};
use arc_trainer::float::Provenance;

/// Supports of each probe.
const WAY: usize = 6;
const EPISODES: usize = 8;

#[test]
fn a_random_context_stays_within_the_bounds() -> Result<()> {
    let mut sizes = Config::load(&project("configs/demo.toml"), &[])?.model;
    sizes.context = Some(40);
    let network = random_network(&sizes, 7);
    let glyphs = arc_tests::glyphs();
    let ranges = Ranges::observe(&network, &eval::verify(&glyphs, 30, 1)?)?;
    let file = IntegerModel::quantize(&network, &ranges)?.to_bytes(&Provenance::default())?;
    let (header, body) = Header::parse(&file)?;
    let body = Body::decode(header.version, body)?;
    let Decision::Context(head) = &body.decision else { panic!("a context") };
    let model = Model::load(&file)?;
    let float = network.decision.context().expect("a context");

    let names = ["cell", "state", "score"];
    let mut errors = names.map(Errors::new);
    let [cells, states, scores] = &mut errors;
    let row = LayerBound::new(&float.score, head.score.scales, LOGIT);
    let weights = head.score.weights.iter().map(|&w| i32::from(w as i8)).collect::<Vec<_>>();
    let scale = scale(head.score.scales);

    let plan = eval::within(&glyphs, WAY, EPISODES, 2)?;
    for trial in &plan.trials {
        let image = |place: usize| plan.images()[place].at_side(network.image_side);
        let embedding = |&support: &usize| {
            let trace = Trace::record(&model, &image(trial.probe), &image(support))?;
            anyhow::Ok(trace.steps.last().expect("steps").state.clone())
        };
        let embeddings = trial.supports.iter().map(embedding).collect::<Result<Vec<_>>>()?;
        let mut both = vec![Vec::new(); WAY];
        let directions = [
            (Part::ContextForward, &head.forward, &float.forward, false),
            (Part::ContextBackward, &head.backward, &float.backward, true),
        ];
        for (part, body, float, reversed) in directions {
            let lstm = Lstm::new(part, body, model.dimensions().hidden)?;
            let bound = LstmBound::new(float, body.gates.scales, STATE);
            let units = lstm.hidden();
            let (mut input, mut cell) = (vec![0; embeddings[0].len() + units], vec![0; units]);
            let mut sums = vec![0; 4 * units];
            let mut memory = LstmState::new(units, &mut input, &mut cell);
            for step in 0..WAY {
                let at = if reversed { WAY - 1 - step } else { step };
                let (cell, state) = (memory.cell(0).to_vec(), memory.state(0).to_vec());
                memory.input_mut(0).copy_from_slice(&embeddings[at]);
                lstm.step(&Scalar, &mut memory, 1, &mut sums);
                let before = bounds::LstmState { cell: &cell, state: &state };
                let after = bounds::LstmState { cell: memory.cell(0), state: memory.state(0) };
                bound.step(&embeddings[at], before, after, cells, states);
                both[at].extend_from_slice(memory.state(0));
            }
        }
        for both in &both {
            let products = weights.iter().zip(both).map(|(w, &h)| w * i32::from(h));
            let correction = scale.requantize(scale.bias + products.sum::<i32>());
            let real: Vec<f32> = both.iter().map(|&h| (f64::from(h) * STATE) as f32).collect();
            let bound = row.rows(both.iter().map(|&h| h.into()), &real)[0];
            let expected = float.score.apply(&real)[0];
            scores.add(f64::from(correction) * LOGIT, expected.into(), bound);
        }
    }
    errors.iter().for_each(Errors::report);
    Ok(())
}

/// The only row scale of a layer.
fn scale(bytes: &[u8]) -> arc_runtime::arithmetic::RowScale {
    let bytes = bytes.try_into().expect("one row");
    arc_runtime::arithmetic::RowScale::from_bytes(bytes).expect("a row scale")
}
