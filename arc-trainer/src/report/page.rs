//! The page around it all: style, header, sections.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use arc_runtime::Dimensions;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::numbers::{grouped, percent};
use super::results::Answers;
use super::subject::{Drawings, Subject};

/// The program's name in the head of a page, by which it knows its own.
const GENERATOR: &str = "arc-trainer report";

/// Whether a file is a page of this program.
///
/// # Errors
/// Names the file if it can't be read.
pub fn is_report(file: &Path) -> Result<bool> {
    // The name stands in front of all that differs from page to page.
    let mut head = Vec::new();
    File::open(file)
        .and_then(|file| file.take(1024).read_to_end(&mut head))
        .with_context(|| format!("can't read {}", file.display()))?;
    let meta = html! { meta name="generator" content=(GENERATOR); }.into_string();
    Ok(String::from_utf8_lossy(&head).contains(&meta))
}

/// A section of the page: title, introduction, content.
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// What the reader sees.
    pub introduction: Markup,
    /// The content.
    pub content: Markup,
}

/// The whole page.
pub fn page(subject: &Subject, facts: &Markup, glimpses: usize, sections: &[Section]) -> Markup {
    let provenance = &subject.provenance;
    let name = provenance.shown_profile();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content=(GENERATOR);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (name) " – ARC report" }
                style { (PreEscaped(include_str!("style.css"))) (PreEscaped(step_colors(glimpses))) }
            }
            body {
                main {
                    header.top {
                        p.kicker { "ARC report" }
                        h1 { (name) }
                        p.origin { (origin(subject)) }
                        (facts)
                    }
                    @for section in sections {
                        section {
                            h2 { (section.title) }
                            p.introduction { (section.introduction) }
                            (section.content)
                        }
                    }
                    section {
                        details {
                            summary { "Configuration of the training" }
                            pre { (provenance.config) }
                        }
                    }
                }
            }
        }
    }
}

fn origin(subject: &Subject) -> String {
    let p = &subject.provenance;
    let data = p.shown_data();
    let of = match (&subject.run, &subject.config) {
        (Some(_), Some(config)) => format!(" of {}", grouped(config.training.steps as f64)),
        _ => String::new(),
    };
    format!("Trained on {data}, seed {}, weights of step {}{of}", p.seed, grouped(p.steps as f64))
}

/// The figures at the top: how good, how large, how much work.
pub fn facts(
    subject: &Subject,
    d: &Dimensions,
    answers: &Answers,
    drawings: &Drawings,
) -> Result<Markup> {
    let within = &answers.reports[0];
    let kilo = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0);
    let facts = [
        (
            "Model file",
            kilo(subject.file.bytes.len()),
            format!("{} weights of 8 bits", grouped(subject.weights()? as f64)),
        ),
        (
            "RAM to compare",
            kilo(4 * d.workspace_words()),
            format!("+ {} an enrolled image", kilo(d.feature_bytes())),
        ),
        ("Work per pair", millions(d.pair_macs()), "multiply-accumulates, all in integers".into()),
        (
            "Controller",
            format!("LSTM {}", d.hidden),
            format!("{} glimpses of {n} × {n} an image", d.glimpses_per_image, n = d.glimpse_side),
        ),
        ("Image", format!("{0} × {0}", d.image_side), features(d)),
    ];
    Ok(html! {
        dl.facts {
            div.headline {
                dt { (within.way) "-way one-shot" }
                dd { (percent(within.accuracy)) }
                dd.detail { (drawings.data.name) ", " (drawings.note) }
            }
            @for (name, value, detail) in &facts {
                div { dt { (name) } dd { (value) } dd.detail { (detail) } }
            }
        }
    })
}

fn features(d: &Dimensions) -> String {
    if d.stem_macs == 0 {
        "glimpses of raw pixels".into()
    } else {
        format!("glimpses of {0} × {0} × {1} features", d.feature_side, d.channels)
    }
}

fn millions(macs: u64) -> String {
    format!("{:.2} M", macs as f64 / 1e6)
}

/// A color for each glimpse, from early to late, in steps of equal perceived difference: on
/// light paper from dark violet to orange, on dark paper from violet to light yellow.
fn step_colors(glimpses: usize) -> String {
    let colors = |light: [f64; 2]| -> String {
        (0..glimpses)
            .map(|k| {
                let t = k as f64 / (glimpses.max(2) - 1) as f64;
                let lightness = light[0] + t * (light[1] - light[0]);
                let hue = 290.0 + 135.0 * t; // violet, over red, to orange
                format!(".s{k}{{--step:oklch({lightness:.3} 0.19 {:.0})}}", hue % 360.0)
            })
            .collect()
    };
    format!(
        "{}@media(prefers-color-scheme:dark){{@media screen{{{}}}}}",
        colors([0.36, 0.68]),
        colors([0.6, 0.86])
    )
}
