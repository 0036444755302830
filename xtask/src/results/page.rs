//! What was measured, as Markdown: `docs/results.md` and a summary for the README.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::markdown::{Table, kilobytes, millions, percent};
use super::measure::{GALLERIES, Glimpses, Measured, Results, System};
use super::published::{BY_GLIMPSES, PUBLISHED, Published};
use crate::trainer::{Dimensions, Evaluation, Inspection};

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
    if results.systems.iter().any(|system| system.reordered.is_some()) {
        section("Order of the supports", ORDER, Some(order(&results.systems)));
    }
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

- **lake**: 20-way one-shot on the 20 published runs of Lake et al.: 400 trials, each decided without the others.
- **within**: 20-way one-shot within an alphabet, supports by one drawer and probes by another.
- **across**: N-way one-shot among characters of all alphabets.
- **verify**: same or different? Half of the pairs show one character, half two characters of one alphabet; \"same\" from logit 0 on.
- **open**: as within, but half of the probes are of a character that is not enrolled.

All but lake are drawn from the alphabets of Omniglot's background set that were held out of the training. They are harder
than the published runs: many of their characters differ only by a turn or a dot. Nothing was chosen by its results on the
published runs.

![Accuracy against the size of the file and against the number of glimpses](results.svg)
";

const ACCURACY: &str = "\
Our models in integers (i8) and in floats, then what others have published, in floats. For verification they split alphabets
and drawers differently.
";

const COST: &str = "\
A naive model scores each support alone. A model with full context ranks all of them together. An N-way model takes glimpses
of exactly N supports in turn, and can't compare a pair. RAM is the workspace to compare a pair, and the workspace to identify
among 20 enrolled images together with these; the stack comes on top. MACs are multiply-accumulates, for the same two uses.
";

const THRESHOLD: &str = "\
A model file carries a threshold, set on pairs of held-out alphabets so that a stated share of different pairs is accepted
(1 % unless the export says otherwise), and a temperature for its probabilities. The first columns are pairs of `verify`; the
last three are 20-way galleries of `open`, where an unknown probe has 20 chances to be accepted. The pairs are other draws than
those that set the threshold, from the same alphabets.
";

const GALLERY: &str = "\
One-shot accuracy by number of enrolled classes. An alphabet of 50 characters is rare, so 50 are drawn from all held-out
alphabets (across).
";

const ORDER: &str = "\
A model that ranks all supports together reads them one after the other, so their order may matter. Here each trial of
`within` runs a second time with its supports shuffled; *changed* is the share of the probes that then get another support.
";

const GLIMPSES: &str = "\
A model stopped after fewer glimpses of each image than it was trained for, beside what the paper reports of its ARC.
";

const SEEDS: &str = "\
Trainings of one recipe from several seeds (`models/seeds/`); the last rows are their mean and standard deviation.
";

const COMMANDS: &str = "\
In the project's root, with Omniglot's zips there; `arc-trainer` is `target/release/arc-trainer`.
";

/// Accuracy with its interval; empty where the model can't answer.
fn interval(evaluation: &Option<Evaluation>) -> String {
    evaluation.map_or_else(String::new, |evaluation| {
        let [low, high] = evaluation.ci95.map(|end| format!("{:.1}", 100.0 * end));
        format!("{} ({low}–{high})", percent(evaluation.accuracy))
    })
}

/// A figure, or an empty cell.
fn cell<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or_else(String::new, write)
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
        let error = verify.and_then(|verify| verify.verification);
        let error = cell(error, |v| percent(v.equal_error_rate));
        table.row(vec![name, interval(lake), interval(within), interval(verify), error]);
    }
    for Published { name, lake, verify } in PUBLISHED {
        table.row(vec![name.to_owned(), cell(lake, percent), String::new(), cell(verify, percent)]);
    }
    table
}

fn cost(systems: &[System]) -> Table {
    let head = [
        "model",
        "sees",
        "decides",
        "file",
        "RAM, pair",
        "RAM, 20-way",
        "MACs, pair",
        "MACs, 20-way",
    ];
    let mut table = Table::new(&head);
    for System { name, integer, .. } in systems {
        let Inspection { file_bytes, dimensions, ram, macs, weights } = &integer.inspection;
        let sees = if weights.stem == 0 { "raw pixels" } else { "convolutions" };
        let decides = match dimensions {
            Dimensions { ways: 1.., .. } => format!("{}-way", dimensions.ways),
            Dimensions { context_units: 1.., .. } => "full context".to_owned(),
            _ => "naive".to_owned(),
        };
        table.row(vec![
            name.clone(),
            sees.to_owned(),
            decides,
            kilobytes(*file_bytes),
            cell(ram.filter(|_| dimensions.ways == 0), |ram| kilobytes(ram.workspace)),
            cell(ram.and_then(|ram| ram.gallery_20), kilobytes),
            cell(macs.pair, millions),
            cell(macs.gallery_20, millions),
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
        let pairs = system.integer.verify.and_then(|verify| verify.verification);
        let open = system.open.and_then(|open| open.open);
        let mut row = vec![system.name.clone()];
        if let (Some(pairs), Some(open)) = (pairs, open) {
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

fn order(systems: &[System]) -> Table {
    let mut table = Table::new(&["model", "as drawn", "shuffled", "changed"]);
    for System { name, reordered, .. } in systems {
        let Some(drawn) = reordered else { continue };
        let Some(shuffled) = drawn.reordered else { continue };
        let figures = [drawn.accuracy, shuffled.accuracy, shuffled.changed].map(percent);
        table.row(std::iter::once(name.clone()).chain(figures).collect());
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
        let published = cell(published, |(_, accuracy)| percent(*accuracy));
        table.row(vec![per_image.to_string(), interval(verify), interval(within), published]);
    }
    table
}

fn seeds(seeds: &[(String, Measured)]) -> Table {
    let mut table = Table::new(&["training", "lake", "within", "verify"]);
    let of = |m: &Measured| {
        [m.lake, m.within, m.verify].map(|e| e.map_or(f64::NAN, |evaluation| evaluation.accuracy))
    };
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
        if inspection.dimensions.ways > 0 {
            continue; // what the paper set aside
        }
        table.row(vec![
            format!("`models/{name}.arc`"),
            kilobytes(inspection.file_bytes),
            cell(inspection.ram.and_then(|ram| ram.gallery_20), kilobytes),
            interval(lake),
            cell(*within, |within| percent(within.accuracy)),
            cell(*verify, |verify| percent(verify.accuracy)),
        ]);
    }
    let papers = || PUBLISHED.iter().filter(|system| system.name.starts_with("paper's"));
    let best = |of: fn(&Published) -> Option<f64>| papers().filter_map(of).max_by(f64::total_cmp);
    let mut row = vec!["paper's best".to_owned(), String::new(), String::new()];
    row.extend([cell(best(|p| p.lake), percent), String::new(), cell(best(|p| p.verify), percent)]);
    table.row(row);
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
