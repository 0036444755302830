//! libtorch and the float reference are one network.

use anyhow::Result;
use arc_tests::Libtorch;
use arc_trainer::config::Config;
use arc_trainer::eval;
use arc_trainer::float::Run;
use arc_trainer::run::RunFolder;
use arc_trainer::train::{Network, checkpoint};
use tch::{Device, no_grad};

/// Sizes of the network by `--set`, none alike.
const NETWORKS: [&[&str]; 6] = [
    &["model.stem=[]", "hidden=24", "head=8", "glimpses=3"],
    &["model.stem=[{channels=5,stride=1},{channels=3,stride=2}]", "hidden=17", "glimpse_side=3"],
    &[
        "model.stem=[{channels=4,stride=2},{channels=6,stride=2}]",
        "image_side=30",
        "glimpse_side=5",
    ],
    // Shortcuts from the image, unchanged, and to more channels over a stride of 2.
    &[
        "model.stem=[{residual=3,stride=1},{residual=3,stride=1},{residual=5,stride=2}]",
        "image_side=21",
        "glimpses=3",
    ],
    &["model.stem=[]", "hidden=24", "glimpses=2", "model.context=10"],
    &[
        "model.stem=[{channels=4,stride=2}]",
        "hidden=16",
        "glimpses=2",
        "model.ways=5",
        "model.head=0",
        "training.recipe.episodes.way=5",
    ],
];
/// Supports of a trial, where a network ranks them.
const WAY: usize = 5;

#[test]
fn random_networks_give_the_same_ratings() -> Result<()> {
    let glyphs = arc_tests::glyphs();
    let pairs = eval::verify(&glyphs, 60, 1)?;
    let episodes = eval::within(&glyphs, WAY, 4, 1)?;
    for (seed, sets) in NETWORKS.iter().enumerate() {
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        let mut config = Config::load(&arc_tests::project("configs/demo.toml"), &sets)?;
        config.seed = seed as u64;
        let folder = tempfile::tempdir()?;
        let run = RunFolder::new(&folder.path().join("run"), false)?;
        run.begin(&config, &run.lock()?)?;
        let network = Network::new(&config.model, config.seed, Device::Cpu);
        disturb(&network);
        checkpoint::save(&run.best(), &network.parameters, None, &checkpoint::Progress::default())?;

        let (torch, float) = (Libtorch::load(run.path())?, Run::load(run.path())?.model);
        let mut torch_logits = torch.rankings(&episodes).concat();
        let mut float_logits = eval::run(&float, &episodes).concat();
        if config.model.ways.is_none() {
            torch_logits.extend(torch.logits(&pairs));
            float_logits.extend(eval::run(&float, &pairs).concat());
        }
        assert_eq!(torch_logits.len(), float_logits.len());
        for (torch, float) in torch_logits.iter().zip(&float_logits) {
            assert!((torch - float).abs() < 1e-4, "{sets:?}: {torch} and {float}");
        }
        let spread = torch_logits.iter().copied().fold(f64::MIN, f64::max)
            - torch_logits.iter().copied().fold(f64::MAX, f64::min);
        assert!(spread > 1e-2, "logits that hardly differ ({spread}) prove nothing");
    }
    Ok(())
}

/// Moves every tensor off its initial value: a bias left at 0 or a batch norm left at identity
/// would hide an error in what is done with it.
fn disturb(network: &Network) {
    tch::manual_seed(7);
    no_grad(|| {
        for (name, tensor) in network.parameters.all() {
            let noise = tensor.randn_like();
            let mut tensor = tensor.shallow_clone();
            let _ = match name {
                n if n.ends_with("bn.var") => tensor.g_add_(&(noise.abs() * 0.5)),
                n if n.starts_with("head.logit") || n.starts_with("attention") => {
                    tensor.g_add_(&noise)
                }
                _ => tensor.g_add_(&(noise * 0.2)),
            };
        }
    });
}
