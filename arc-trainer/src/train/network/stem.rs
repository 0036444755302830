//! Convolutions and residual blocks that turn an image into a feature map.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::config::{LayerConfig, ModelConfig, ResidualConfig};
use crate::float::BATCH_NORM_EPSILON;
use crate::train::Parameters;

/// Share of the newest batch in batch norm's running statistics.
const MOMENTUM: f64 = 0.1;

/// The layers in order; none for raw pixels.
#[derive(Debug)]
pub struct Stem {
    layers: Vec<Layer>,
}

#[derive(Debug)]
enum Layer {
    Conv(Conv),
    Residual(Residual),
}

impl Stem {
    pub(super) fn new(p: &mut Parameters, rng: &mut ChaCha8Rng, config: &ModelConfig) -> Self {
        let mut inputs = 1;
        let mut layers = Vec::with_capacity(config.stem.len());
        for (k, layer) in config.stem.iter().enumerate() {
            let (name, outputs) = (format!("stem.{k}"), layer.channels() as i64);
            layers.push(match layer {
                LayerConfig::Conv(conv) => {
                    let shape = [outputs, inputs, 3, 3];
                    Layer::Conv(Conv::new(p, rng, &name, shape, conv.stride))
                }
                LayerConfig::Residual(block) => {
                    let projects = block.projects(k, inputs as usize);
                    Layer::Residual(Residual::new(p, rng, &name, inputs, block, projects))
                }
            });
            inputs = outputs;
        }
        Self { layers }
    }

    /// Feature maps `[n, row, channel * column]` of images `[n, side, side]` with ink in 0..=1.
    ///
    /// In this layout a glimpse is two batched matrix products. While `training`, batch norm
    /// uses the batch's own statistics and updates the running ones.
    pub fn features(&self, images: &Tensor, training: bool) -> Tensor {
        self.layers
            .iter()
            .fold(images.unsqueeze(1), |x, layer| match layer {
                Layer::Conv(conv) => conv.forward(&x, training).relu(),
                Layer::Residual(block) => block.forward(&x, training),
            })
            .permute([0, 2, 1, 3])
            .flatten(2, 3)
            .contiguous()
    }
}

/// A convolution with zero padding, then batch norm.
#[derive(Debug)]
struct Conv {
    stride: i64,
    padding: i64,
    weight: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl Conv {
    /// `shape` is (outputs, inputs, side, side) of the kernel.
    fn new(
        p: &mut Parameters,
        rng: &mut ChaCha8Rng,
        name: &str,
        shape: [i64; 4],
        stride: usize,
    ) -> Self {
        let [outputs, inputs, side, _] = shape;
        // He's initialization for ReLU, uniform: variance 2 / fan-in.
        let bound = (6.0 / (side * side * inputs) as f32).sqrt();
        Self {
            stride: stride as i64,
            padding: side / 2,
            weight: p.uniform(rng, &format!("{name}.weight"), &shape, bound),
            scale: p.constant(&format!("{name}.bn.weight"), outputs, 1.0),
            shift: p.constant(&format!("{name}.bn.bias"), outputs, 0.0),
            mean: p.track(&format!("{name}.bn.mean"), outputs, 0.0),
            variance: p.track(&format!("{name}.bn.var"), outputs, 1.0),
        }
    }

    fn forward(&self, x: &Tensor, training: bool) -> Tensor {
        let (stride, padding) = ([self.stride; 2], [self.padding; 2]);
        x.conv2d(&self.weight, None::<Tensor>, stride, padding, [1, 1], 1).batch_norm(
            Some(&self.scale),
            Some(&self.shift),
            Some(&self.mean),
            Some(&self.variance),
            training,
            MOMENTUM,
            BATCH_NORM_EPSILON,
            false,
        )
    }
}

/// `relu(second(relu(first(x))) + shortcut(x))`.
#[derive(Debug)]
struct Residual {
    first: Conv,
    second: Conv,
    /// A 1x1 convolution; without one the shortcut is the input itself.
    shortcut: Option<Conv>,
}

impl Residual {
    fn new(
        p: &mut Parameters,
        rng: &mut ChaCha8Rng,
        name: &str,
        inputs: i64,
        config: &ResidualConfig,
        projects: bool,
    ) -> Self {
        let outputs = config.residual as i64;
        let mut conv = |part: &str, inputs: i64, side: i64, stride: usize| {
            Conv::new(p, rng, &format!("{name}.{part}"), [outputs, inputs, side, side], stride)
        };
        Self {
            first: conv("first", inputs, 3, config.stride),
            second: conv("second", outputs, 3, 1),
            shortcut: projects.then(|| conv("shortcut", inputs, 1, config.stride)),
        }
    }

    fn forward(&self, x: &Tensor, training: bool) -> Tensor {
        let inner = self.first.forward(x, training).relu();
        let shortcut = self.shortcut.as_ref().map(|conv| conv.forward(x, training));
        (self.second.forward(&inner, training) + shortcut.as_ref().unwrap_or(x)).relu()
    }
}
