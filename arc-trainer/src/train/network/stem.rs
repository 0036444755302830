//! 3x3 convolutions, each with batch norm and ReLU, that turn an image into a feature map.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::config::ModelConfig;
use crate::float::BATCH_NORM_EPSILON;
use crate::train::Parameters;

/// Share of the newest batch in batch norm's running statistics.
const MOMENTUM: f64 = 0.1;

/// The convolutions; none for raw pixels.
#[derive(Debug)]
pub struct Stem {
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    stride: i64,
    weight: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl Stem {
    pub(super) fn new(p: &mut Parameters, rng: &mut ChaCha8Rng, config: &ModelConfig) -> Self {
        let mut inputs = 1;
        let mut layer = |(k, conv): (usize, &crate::config::ConvConfig)| {
            let name = |part| format!("stem.{k}.{part}");
            let outputs = conv.channels as i64;
            // He's initialisation for ReLU, uniform: variance 2 / fan-in.
            let bound = (6.0 / (9 * inputs) as f32).sqrt();
            let shape = [outputs, inputs, 3, 3];
            inputs = outputs;
            Layer {
                stride: conv.stride as i64,
                weight: p.uniform(rng, &name("weight"), &shape, bound),
                scale: p.constant(&name("bn.weight"), outputs, 1.0),
                shift: p.constant(&name("bn.bias"), outputs, 0.0),
                mean: p.track(&name("bn.mean"), outputs, 0.0),
                variance: p.track(&name("bn.var"), outputs, 1.0),
            }
        };
        Self { layers: config.stem.iter().enumerate().map(&mut layer).collect() }
    }

    /// Feature maps `[n, row, channel * column]` of images `[n, side, side]` with ink in 0..=1.
    ///
    /// In this layout a glimpse is two batched matrix products. While `training`, batch norm
    /// uses the batch's own statistics and updates the running ones.
    pub fn features(&self, images: &Tensor, training: bool) -> Tensor {
        self.layers
            .iter()
            .fold(images.unsqueeze(1), |x, layer| layer.forward(&x, training))
            .permute([0, 2, 1, 3])
            .flatten(2, 3)
            .contiguous()
    }
}

impl Layer {
    fn forward(&self, x: &Tensor, training: bool) -> Tensor {
        x.conv2d(&self.weight, None::<Tensor>, [self.stride; 2], [1, 1], [1, 1], 1)
            .batch_norm(
                Some(&self.scale),
                Some(&self.shift),
                Some(&self.mean),
                Some(&self.variance),
                training,
                MOMENTUM,
                BATCH_NORM_EPSILON,
                false,
            )
            .relu()
    }
}
