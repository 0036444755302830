//! The shipped model on real pairs of unseen alphabets: libtorch in float against the integer
//! runtime, decision by decision.

use anyhow::Result;
use arc_runtime::Model;
use arc_tests::{Libtorch, correlation, omniglot, project};
use arc_trainer::data::Dataset;
use arc_trainer::eval::{self, IntegerBackend, Packing};
use arc_trainer::export;
use arc_trainer::float::Run;

const PAIRS: usize = 2000;

#[test]
fn integers_decide_as_libtorch_does_on_real_pairs() -> Result<()> {
    let Some(data) = omniglot("images_background.zip") else { return Ok(()) };
    let run = Run::load(&project("models/omniglot-small"))?;
    let held_out = run.config.data.validation_alphabets;
    let drawings = Dataset::load(&data, run.config.model.image_side)?;
    let (_, unseen) = drawings.split(held_out, run.config.data.split_seed)?;
    let plan = eval::verify(&unseen, PAIRS, 5)?;

    let file = std::fs::read(project("models/omniglot-small.arc"))?;
    let (model, mut packing) = (Model::load(&file)?, Packing::default());
    let backend = IntegerBackend::new(&model, &mut packing)?;
    let integer: Vec<f64> = eval::run(&backend, &plan).into_iter().map(|l| l[0]).collect();
    let float = Libtorch::load(&project("models/omniglot-small"))?.logits(&plan);

    let agree = integer.iter().zip(&float).filter(|(i, f)| (**i >= 0.0) == (**f >= 0.0)).count();
    let agreement = agree as f64 / PAIRS as f64;
    let correlation = correlation(&integer, &float);
    println!(
        "decisions alike: {:.2} % of {PAIRS} pairs; correlation of logits: {correlation:.5}",
        100.0 * agreement
    );
    println!("worst differences (libtorch, integer):");
    let mut pairs: Vec<_> = float.iter().zip(&integer).collect();
    pairs.sort_by(|a, b| (b.0 - b.1).abs().total_cmp(&(a.0 - a.1).abs()));
    for (float, integer) in &pairs[..5] {
        println!("  {float:8.3} {integer:8.3}");
    }
    assert!(agreement >= 0.99, "only {agreement} of the decisions agree");
    assert!(correlation > 0.99, "the logits correlate by {correlation} only");
    Ok(())
}

#[test]
fn the_shipped_files_are_what_their_checkpoints_export_to() -> Result<()> {
    let Some(data) = omniglot("images_background.zip") else { return Ok(()) };
    let mut made_again = 0;
    for entry in std::fs::read_dir(project("models"))? {
        let folder = entry?.path();
        if !folder.join("config.toml").exists() {
            continue;
        }
        let file = folder.with_extension("arc");
        let exported = export::integer(&Run::load(&folder)?, Some(&data), export::FALSE_ACCEPT)?;
        assert!(
            exported == std::fs::read(&file)?,
            "{} is not what {} exports to",
            file.display(),
            folder.display()
        );
        made_again += 1;
    }
    assert!(made_again > 0, "no run lies in models/");
    Ok(())
}
