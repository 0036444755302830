//! What was measured, as Markdown: `docs/results.md` and a summary for the README.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::markdown::{Table, kilobytes, millions, percent};
use super::measure::{GALLERIES, Glimpses, Measured, Results, System};
use super::published::{BY_GLIMPSES, PUBLISHED};
use crate::trainer::Evaluation;

/// The lines that enclose the summary in the README.
const BEGIN: &str = "<!-- results: written by `cargo xtask results` -->";
const END: &str = "<!-- end of results -->";

/// `docs/results.md`.
pub fn page(results: &Results) -> String {
    let mut page = String::from(INTRODUCTION);
    let mut section = |title: &str, text: &str, table: Option<Table>| {
        write!(page, "\n## {title}\n\n{text}").expect("writing to memory");
        if let Some(table) = table {
            write!(page, "\n{table}").expect("writing to memory");
        }
    };
    section("Accuracy", ACCURACY, Some(accuracy(&results.systems)));
    section("Cost", COST, Some(cost(&results.systems)));
    section("At the threshold", THRESHOLD, Some(threshold(&results.systems)));
    section("Size of the gallery", GALLERY, Some(galleries(&results.systems)));
    if let Some((name, counted)) = &results.glimpses {
        let text = format!("{GLIMPSES}The model is `{name}`.\n");
        section("Number of glimpses", &text, Some(glimpses(counted)));
    }
    if results.seeds.len() > 1 {
        section("Spread between trainings", SEEDS, Some(seeds(&results.seeds)));
    }
    let commands = format!("{COMMANDS}\n```sh\n{}\n```\n", results.commands.join("\n"));
    section("Commands", &commands, None);
    page
}

const INTRODUCTION: &str = "\
# Results

Written by `cargo xtask results` from the models in `models/`, by the commands at the end of this page. Unless a row says
float, the integer runtime answered, from the `.arc` file alone. All figures in per cent, with 95 % intervals (Wilson) where
two numbers stand in brackets.

- **lake**: 20-way one-shot on the 20 published runs of Lake et al., 400 trials, each decided alone.
- **within**: 20-way one-shot within an alphabet, supports by one drawer and probes by another.
- **across**: N-way one-shot among characters of all alphabets.
- **verify**: same or different? Half of the pairs each, different ones from one alphabet; \"same\" from logit 0 on.
- **open**: as within, but half of the probes are of a character that is not enrolled.

All but lake are drawn from the alphabets of Omniglot's background set that were held out of the training. They are harder
than the published runs: random trials keep meeting characters that differ by a turn or a dot. Nothing was chosen on the
published runs.

![Accuracy against the size of the file and against the number of glimpses](results.svg)
";

const ACCURACY: &str = "\
Ours in integers (i8) and in floats; below them what others have published, in floats. Their verification is on alphabets
and drawers split otherwise than ours.
";

const COST: &str = "\
RAM is that of the integer runtime, all included: to compare a pair, and to identify among 20 enrolled images. MACs are
multiply-accumulates, for the same two uses.
";

const THRESHOLD: &str = "\
A model file carries a threshold, set on pairs of held-out alphabets so that a stated share of different pairs is accepted
(1 % unless the export says otherwise), and a temperature for its probabilities. The first columns are pairs of `verify`; the
last three are 20-way galleries of `open`, where an unknown probe has 20 chances to be accepted. The pairs are other draws than
those that set the threshold, from the same alphabets.
";

const GALLERY: &str = "\
One-shot accuracy by number of enrolled classes. No held-out alphabet needs to have 50 characters: 50 are drawn from all of
them (across).
";

const GLIMPSES: &str = "\
A model stopped after fewer glimpses of each image than it was trained for, beside what the paper reports of its ARC.
";

const SEEDS: &str = "\
Trainings of one recipe from other seeds; the last rows are their mean and standard deviation.
";

const COMMANDS: &str = "\
In the project's root, with Omniglot's zips there; `arc-trainer` is `target/release/arc-trainer`.
";

/// Accuracy with its interval.
fn interval(evaluation: &Evaluation) -> String {
    let [low, high] = evaluation.ci95.map(|end| format!("{:.1}", 100.0 * end));
    format!("{} ({low}–{high})", percent(evaluation.accuracy))
}

/// Each model with its arithmetic, integers first.
fn arithmetics(system: &System) -> impl Iterator<Item = (String, &Measured)> {
    let integer = (format!("**{}**, i8", system.name), &system.integer);
    let float = system.float.as_ref().map(|float| (format!("{}, float", system.name), float));
    std::iter::once(integer).chain(float)
}

fn accuracy(systems: &[System]) -> Table {
    let mut table = Table::new(&["system", "lake", "within", "verify", "equal error rate"]);
    for (name, measured) in systems.iter().flat_map(arithmetics) {
        let Measured { lake, within, verify, .. } = measured;
        let error = verify.verification.map_or_else(String::new, |v| percent(v.equal_error_rate));
        table.row(vec![name, interval(lake), interval(within), interval(verify), error]);
    }
    for published in PUBLISHED {
        let figure = |value: Option<f64>| value.map_or_else(String::new, percent);
        let (lake, verify) = (figure(published.lake), figure(published.verify));
        table.row(vec![published.name.to_owned(), lake, String::new(), verify]);
    }
    table
}

fn cost(systems: &[System]) -> Table {
    let head = ["model", "sees", "file", "RAM, pair", "RAM, 20-way", "MACs, pair", "MACs, 20-way"];
    let mut table = Table::new(&head);
    for system in systems {
        let inspection = &system.integer.inspection;
        let ram = |of: fn(&crate::trainer::Ram) -> u64| {
            inspection.ram.as_ref().map_or_else(String::new, |ram| kilobytes(of(ram)))
        };
        let sees = if inspection.weights.stem == 0 { "raw pixels" } else { "convolutions" };
        table.row(vec![
            system.name.clone(),
            sees.to_owned(),
            kilobytes(inspection.file_bytes),
            ram(|ram| ram.workspace),
            ram(|ram| ram.gallery_20),
            millions(inspection.macs.pair),
            millions(inspection.macs.gallery_20),
        ]);
    }
    table
}

fn threshold(systems: &[System]) -> Table {
    let mut table = Table::new(&[
        "model",
        "false accepts",
        "false rejects",
        "pairs right",
        "unknown accepted",
        "known rejected",
        "known mistaken",
    ]);
    for system in systems {
        let mut row = vec![system.name.clone()];
        if let (Some(pairs), Some(open)) = (system.integer.verify.verification, system.open.open) {
            row.extend(
                [
                    pairs.false_accept_rate,
                    pairs.false_reject_rate,
                    pairs.threshold_accuracy,
                    open.unknown_accepted,
                    open.known_rejected,
                    open.known_mistaken,
                ]
                .map(percent),
            );
        }
        table.row(row);
    }
    table
}

fn galleries(systems: &[System]) -> Table {
    let columns = GALLERIES.map(|(protocol, way)| format!("{protocol}, {way}"));
    let head: Vec<&str> = std::iter::once("model").chain(columns.iter().map(|c| &**c)).collect();
    let mut table = Table::new(&head);
    for system in systems {
        let cells = system.galleries.iter().map(interval);
        table.row(std::iter::once(system.name.clone()).chain(cells).collect());
    }
    table
}

fn glimpses(counted: &[Glimpses]) -> Table {
    let mut table =
        Table::new(&["glimpses of each image", "verify", "within", "paper's ARC, verification"]);
    for Glimpses { per_image, verify, within } in counted {
        let published = BY_GLIMPSES.iter().find(|(count, _)| count == per_image);
        let published = published.map_or_else(String::new, |(_, accuracy)| percent(*accuracy));
        table.row(vec![per_image.to_string(), interval(verify), interval(within), published]);
    }
    table
}

fn seeds(seeds: &[(String, Measured)]) -> Table {
    let mut table = Table::new(&["training", "lake", "within", "verify"]);
    let of = |m: &Measured| [m.lake.accuracy, m.within.accuracy, m.verify.accuracy];
    let mut row = |name: &str, figures: [f64; 3]| {
        table.row(std::iter::once(name.to_owned()).chain(figures.map(percent)).collect());
    };
    for (name, measured) in seeds {
        row(name, of(measured));
    }
    let n = seeds.len() as f64;
    let mean = [0, 1, 2].map(|k| seeds.iter().map(|(_, m)| of(m)[k]).sum::<f64>() / n);
    let deviation = [0, 1, 2].map(|k| {
        let squares = seeds.iter().map(|(_, m)| (of(m)[k] - mean[k]).powi(2)).sum::<f64>();
        (squares / (n - 1.0)).sqrt()
    });
    row("mean", mean);
    row("standard deviation", deviation);
    table
}

/// The README's table: the models alone, and the best of the published results.
pub fn summary(results: &Results) -> String {
    let head = ["model, i8", "file", "RAM, 20-way", "lake", "within", "verify"];
    let mut table = Table::new(&head);
    for System { name, integer, .. } in &results.systems {
        let Measured { inspection, lake, within, verify } = integer;
        table.row(vec![
            format!("`models/{name}.arc`"),
            kilobytes(inspection.file_bytes),
            inspection.ram.as_ref().map_or_else(String::new, |ram| kilobytes(ram.gallery_20)),
            format!("**{}**", interval(lake)),
            percent(within.accuracy),
            percent(verify.accuracy),
        ]);
    }
    for published in PUBLISHED {
        let figure = |value: Option<f64>| value.map_or_else(String::new, percent);
        let (lake, verify) = (figure(published.lake), figure(published.verify));
        let name = published.name.to_owned();
        table.row(vec![name, String::new(), String::new(), lake, String::new(), verify]);
    }
    table.to_string()
}

/// The README's text with a new summary between its markers.
///
/// # Errors
///
/// If a marker is missing.
pub fn replace_summary(text: &str, summary: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("no line {END} after it"))?;
    Ok(format!("{before}{BEGIN}\n{summary}{END}{after}"))
}
