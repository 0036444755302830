//! A small network of random weights and a small dataset of random strokes.
#![allow(dead_code)] // each test file uses a part

pub mod bombs;
pub mod world;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arc_trainer::config::{Config, LayerConfig};
use arc_trainer::data::{Class, Dataset, Drawing, Group};
use image::{GrayImage, Luma};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// A network that takes a fraction of a millisecond.
pub const CONFIG: &str = r#"
name = "tiny"
seed = 5

[model]
image_side = 16
glimpse_side = 3
glimpses = 3
hidden = 24
head = 12
stem = [{ channels = 6, stride = 1 }, { channels = 8, stride = 2 }]

[data]
validation_alphabets = 1

[training]
recipe = { pairs = { pairs = 2 } }
steps = 1
learning_rate = 1e-3

[augmentation]
"#;

/// The configuration with a context of 10 units.
pub fn with_context() -> String {
    on_episodes(3).replace("head = 12", "head = 12\ncontext = 10")
}

/// The configuration of a network that chooses among `ways` supports.
pub fn with_ways(ways: usize) -> String {
    on_episodes(ways).replace("head = 12", &format!("ways = {ways}"))
}

fn on_episodes(way: usize) -> String {
    let episodes = format!("episodes = {{ episodes = 1, way = {way} }}");
    CONFIG.replace("pairs = { pairs = 2 }", &episodes)
}

/// The folder of a run as the trainer leaves it, with random weights: `config.toml` and
/// `best.safetensors`.
pub fn random_run(folder: &Path, config: &str, data: &Path) -> PathBuf {
    let data = format!("data.path={:?}", data.display().to_string());
    let config = Config::parse(config, &[data]).unwrap();
    let run = folder.join("run");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::write(run.join("config.toml"), config.to_toml()).unwrap();
    std::fs::write(run.join("best.safetensors"), checkpoint(&config)).unwrap();
    run
}

/// A checkpoint with random weights, in the trainer's names and layouts.
fn checkpoint(config: &Config) -> Vec<u8> {
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, shape: &[usize], low: f32, high: f32| {
        let count = shape.iter().product();
        let numbers: Vec<f32> = (0..count).map(|_| rng.random_range(low..high)).collect();
        let bytes = numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
        tensors.push((name.to_owned(), shape.to_vec(), bytes));
    };
    let m = &config.model;
    let mut inputs = 1;
    for (k, layer) in m.stem.iter().enumerate() {
        let outputs = layer.channels();
        let mut conv = |name: String, inputs: usize, side: usize| {
            let bound = (6.0 / (side * side * inputs) as f32).sqrt();
            add(&format!("{name}.weight"), &[outputs, inputs, side, side], -bound, bound);
            add(&format!("{name}.bn.weight"), &[outputs], 0.5, 1.5);
            add(&format!("{name}.bn.bias"), &[outputs], -0.1, 0.3);
            add(&format!("{name}.bn.mean"), &[outputs], -0.2, 0.2);
            add(&format!("{name}.bn.var"), &[outputs], 0.3, 1.0);
        };
        match layer {
            LayerConfig::Conv(_) => conv(format!("stem.{k}"), inputs, 3),
            LayerConfig::Residual(block) => {
                conv(format!("stem.{k}.first"), inputs, 3);
                conv(format!("stem.{k}.second"), outputs, 3);
                if block.projects(k, inputs) {
                    conv(format!("stem.{k}.shortcut"), inputs, 1);
                }
            }
        }
        inputs = outputs;
    }
    let seen = m.glimpse_side * m.glimpse_side * inputs;
    let bound = 2.0 / (m.hidden as f32).sqrt();
    add("lstm.weight_x", &[4 * m.hidden, seen], -bound, bound);
    add("lstm.weight_h", &[4 * m.hidden, m.hidden], -bound, bound);
    add("lstm.bias", &[4 * m.hidden], -0.5, 0.5);
    add("attention.weight", &[3, m.hidden], -bound, bound);
    add("attention.bias", &[3], -0.3, 0.3);
    if let Some(ways) = m.ways {
        add("ways.weight", &[ways, m.hidden], -2.0, 2.0);
        add("ways.bias", &[ways], -0.1, 0.1);
    } else {
        add("head.hidden.weight", &[m.head, m.hidden], -bound, bound);
        add("head.hidden.bias", &[m.head], -0.1, 0.1);
        add("head.logit.weight", &[1, m.head], -2.0, 2.0);
        add("head.logit.bias", &[1], -0.1, 0.1);
    }
    if let Some(units) = m.context {
        for direction in ["forward", "backward"] {
            let name = |part| format!("context.{direction}.{part}");
            add(&name("weight_x"), &[4 * units, m.hidden], -bound, bound);
            add(&name("weight_h"), &[4 * units, units], -bound, bound);
            add(&name("bias"), &[4 * units], -0.5, 0.5);
        }
        add("context.score.weight", &[1, 2 * units], -2.0, 2.0);
        add("context.score.bias", &[1], -0.1, 0.1);
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    let progress = HashMap::from([("progress".to_owned(), r#"{"step":7}"#.to_owned())]);
    safetensors::serialize(views, Some(progress)).unwrap()
}

/// Alphabets of characters of three strokes, each character drawn `drawers` times with the
/// ends of the strokes moved a little.
pub fn strokes(alphabets: &[usize], drawers: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut character = |name: String| {
        let ends: Vec<f32> = (0..12).map(|_| rng.random_range(4.0..28.0)).collect();
        let drawings = (0..drawers)
            .map(|_| drawing(ends.iter().map(|v| v + rng.random_range(-1.5..1.5)).collect()))
            .collect();
        Class { name, drawings }
    };
    let groups = alphabets.iter().enumerate().map(|(a, &characters)| Group {
        name: format!("alphabet{a}"),
        classes: (0..characters).map(|c| character(format!("character{c:02}"))).collect(),
    });
    Dataset { name: "strokes".to_owned(), groups: groups.collect() }
}

fn drawing(ends: Vec<f32>) -> Drawing {
    const SIDE: usize = 32;
    let mut ink = vec![0; SIDE * SIDE];
    for stroke in ends.chunks_exact(4) {
        for t in 0..=60 {
            let t = t as f32 / 60.0;
            let x = stroke[0] + t * (stroke[2] - stroke[0]);
            let y = stroke[1] + t * (stroke[3] - stroke[1]);
            for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                ink[(y as usize + dy) * SIDE + x as usize + dx] = 255;
            }
        }
    }
    Drawing { width: SIDE as u16, height: SIDE as u16, ink }
}

/// Writes a dataset as `group/class/NN.png`, dark ink on light paper.
pub fn write_pngs(dataset: &Dataset, folder: &Path) {
    for group in &dataset.groups {
        for class in &group.classes {
            let folder = folder.join(&group.name).join(&class.name);
            std::fs::create_dir_all(&folder).unwrap();
            for (k, drawing) in class.drawings.iter().enumerate() {
                write_png(drawing, &folder.join(format!("{k:02}.png")));
            }
        }
    }
}

/// Writes one drawing as a PNG file.
pub fn write_png(drawing: &Drawing, path: &Path) {
    let picture = GrayImage::from_fn(drawing.width.into(), drawing.height.into(), |x, y| {
        Luma([255 - drawing.ink[(y * u32::from(drawing.width) + x) as usize]])
    });
    picture.save(path).unwrap();
}
