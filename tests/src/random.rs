//! Networks of random weights.

use arc_trainer::config::{LayerConfig, ModelConfig};
use arc_trainer::float::{
    Context, Conv, Decision, FloatModel, Glimpse, Layer, Linear, Lstm, PairHead, Residual,
};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A network of these sizes with random weights, large enough for its gates to open and shut.
pub fn random_network(sizes: &ModelConfig, seed: u64) -> FloatModel {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut linear = |outputs: usize, inputs: usize, gain: f32| {
        let range = gain * (6.0 / inputs as f32).sqrt(); // variance 2 / inputs at a gain of 1
        Linear {
            inputs,
            weights: (0..inputs * outputs).map(|_| rng.random_range(-range..range)).collect(),
            bias: (0..outputs).map(|_| rng.random_range(-0.3..0.3)).collect(),
        }
    };
    let mut channels = 1;
    let mut stem = Vec::new();
    for (k, layer) in sizes.stem.iter().enumerate() {
        let (outputs, stride) = (layer.channels(), layer.stride());
        let mut conv = |side: usize, stride, channels, gain| {
            let kernel = linear(outputs, side * side * channels, gain);
            Conv { channels, stride, kernel }
        };
        stem.push(match layer {
            LayerConfig::Conv(_) => Layer::Conv(conv(3, stride, channels, 1.0)),
            // The variance of a sum is that of its two terms.
            LayerConfig::Residual(block) => Layer::Residual(Residual {
                first: conv(3, stride, channels, 1.0),
                shortcut: block.projects(k, channels).then(|| conv(1, stride, channels, 0.7)),
                second: conv(3, 1, outputs, 0.7),
            }),
        });
        channels = outputs;
    }
    let (side, hidden) = (sizes.glimpse_side, sizes.hidden);
    let controller = Lstm { gates: linear(4 * hidden, side * side * channels + hidden, 2.0) };
    let gaze = linear(3, hidden, 2.0);
    let decision = match sizes.ways {
        Some(ways) => Decision::Ways(linear(ways, hidden, 2.0)),
        None => {
            let (first, logit) = (linear(sizes.head, hidden, 1.0), linear(1, sizes.head, 2.0));
            let head = PairHead { hidden: first, logit };
            match sizes.context {
                None => Decision::Pair(head),
                Some(units) => {
                    let mut lstm = || Lstm { gates: linear(4 * units, hidden + units, 2.0) };
                    let (forward, backward) = (lstm(), lstm());
                    let score = linear(1, 2 * units, 2.0);
                    Decision::Context(head, Context { forward, backward, score })
                }
            }
        }
    };
    FloatModel {
        image_side: sizes.image_side,
        stem,
        glimpse: Glimpse { side, per_image: sizes.glimpses },
        controller,
        gaze_layer: gaze,
        decision,
        preparation: sizes.preparation.runtime(),
    }
}
