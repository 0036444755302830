//! One HTML page about a run or a model: curves, accuracy, and where the glimpses went.
//!
//! The page is a single file: style, charts and pictures are in it, and nothing is fetched.

mod chart;
mod curves;
mod examples;
mod glimpses;
mod numbers;
mod page;
mod picture;
mod ranking;
mod results;
mod subject;
mod trace;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use maud::{Markup, html};

use self::glimpses::Pair;
use self::page::Section;
use self::ranking::{Ranking, Support};
use self::results::{Answers, Exam};
use self::subject::{Drawings, Subject};
use crate::eval::{Backend, IntegerBackend, Packing, Trial};
use crate::files::{check_writable, write_whole};
use crate::model_file::AnyModel;

/// Writes the page about `source`, a run's folder or an integer model file, as
/// `out/index.html`, and returns its path. A page of that name that is no report is replaced with
/// `overwrite` alone.
///
/// The model is tried on `episodes` one-shot episodes and as many pairs, drawn from `data`;
/// without, from a run's own validation alphabets, and for a file from procedural glyphs.
///
/// # Errors
/// Names the file that can't be read or written, and the remedy.
pub fn write(
    source: &Path,
    data: Option<&Path>,
    episodes: usize,
    out: &Path,
    overwrite: bool,
) -> Result<PathBuf> {
    let file = place(out, overwrite)?;
    let subject = Subject::open(source, data)?;
    let AnyModel::Integer(model) = subject.file.open()? else {
        bail!("{} is no integer model", subject.file.shown());
    };
    let dimensions = model.dimensions();
    let drawings = subject.drawings(data, model.preparation(), dimensions.image_side)?;
    let mut packing = Packing::default();
    let backend = IntegerBackend::new(&model, &mut packing)?;

    ensure!(
        backend.ways().is_none(),
        "{}: a report shows comparisons of pairs, and an N-way model makes none: see `eval`",
        subject.file.shown()
    );
    let exam = Exam::draw(&drawings.data, episodes)?;
    let integer = exam.put(&backend);
    let float = subject.run.as_ref().map(|run| exam.put(&run.float));

    let mut sections = vec![Section {
        title: "Results",
        introduction: html! {
            "On " (drawings.data.name) ", " (drawings.note) ". The thin bar is the range that the true \
             accuracy lies in, nineteen times out of twenty."
        },
        content: results::table(&integer, float.as_ref()),
    }];
    if let (Some(run), Some(config)) = (&subject.run, &subject.config)
        && !run.lines.is_empty()
    {
        sections.push(Section {
            title: "Training",
            introduction: html! { "Smoothed lines, with the single measurements faintly behind them." },
            content: curves::curves(config, &run.lines),
        });
    }
    sections.push(Section {
        title: "Where the glimpses went",
        introduction: legend(dimensions.glimpse_side, dimensions.glimpses_per_image),
        content: pairs(&backend, &exam, &integer, &drawings),
    });
    sections.push(Section {
        title: "One-shot choice",
        introduction: html! {
            "One example of each class, by another hand than the probe’s, ordered by the model’s score; \
             under each the probability that it is of the probe’s class."
        },
        content: rankings(&backend, &exam, &integer, &drawings),
    });
    let facts = page::facts(&subject, &dimensions, &integer, &drawings)?;
    let page = page::page(&subject, &facts, dimensions.glimpses_per_image, &sections);
    write_whole(&file, page.into_string().as_bytes())?;
    Ok(file)
}

/// The file for a page in the folder `out`, which is made where there is none.
fn place(out: &Path, overwrite: bool) -> Result<PathBuf> {
    std::fs::create_dir_all(out).with_context(|| {
        format!("can't make the folder {}: choose another --out", out.display())
    })?;
    let file = out.join("index.html");
    check_writable(&file)?;
    ensure!(
        overwrite || !file.exists() || page::is_report(&file)?,
        "{} is there and is no report: choose another --out, or give --overwrite to replace it",
        file.display()
    );
    Ok(file)
}

fn legend(n: usize, glimpses: usize) -> Markup {
    html! {
        "The model takes glimpses of the two images in turn. Each numbered box, from early "
        span.ramp aria-hidden="true" { @for k in 0..glimpses { i.(glimpses::step(k)) {} } }
        " to late, is the part of the image that one glimpse covers, and its " (n) " × " (n)
        " dots are its samples. The patch under each small picture is all that the model saw in \
         that glimpse. The bar below is the probability of “same”, had the model stopped there."
    }
}

fn pairs(
    backend: &IntegerBackend<'_>,
    exam: &Exam<'_>,
    answers: &Answers,
    drawings: &Drawings,
) -> Markup {
    let (plan, images) = (&exam.verify, exam.verify.images());
    let shown = examples::pairs(plan, &answers.verify);
    let mut worker = backend.worker(1);
    html! {
        @for (number, &pair) in shown.iter().enumerate() {
            @let trial = &plan.trials[pair];
            @let (probe, support) = (images[trial.probe], images[trial.supports[0]]);
            @let trace = trace::trace(&mut worker, probe, support);
            @let (probe, support) = (drawings.picture(probe), drawings.picture(support));
            (Pair { number, probe, support, same: examples::is_same(plan, pair), trace }.draw())
        }
    }
}

fn rankings(
    backend: &IntegerBackend<'_>,
    exam: &Exam<'_>,
    answers: &Answers,
    drawings: &Drawings,
) -> Markup {
    let (plan, images) = (&exam.within, exam.within.images());
    let mut worker = backend.worker(1);
    let mut ranking = |trial: usize| {
        let (scores, right) = (&answers.within[trial], examples::answer(plan, trial));
        let Trial { probe, supports, .. } = &plan.trials[trial];
        let of_probe = backend.features(&mut worker, images[*probe]);
        let support = |(k, &image): (usize, &usize)| {
            let features = backend.features(&mut worker, images[image]);
            let logit = backend.logit(&mut worker, &of_probe, &features);
            Support {
                drawing: drawings.picture(images[image]),
                score: scores[k],
                probability: backend.probability(logit),
                right: k == right,
            }
        };
        Ranking {
            probe: drawings.picture(images[*probe]),
            supports: supports.iter().enumerate().map(support).collect(),
        }
    };
    html! {
        @for trial in examples::trials(plan, &answers.within) { (ranking(trial).draw()) }
    }
}
