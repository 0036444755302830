//! The page about a run and about a model file: whole, well-formed, and all by itself.

mod common;

use std::path::{Path, PathBuf};

use arc_trainer::export;
use arc_trainer::float::Run;
use arc_trainer::report;
use common::{CONFIG, random_run, strokes, write_pngs};
use roxmltree::{Document, Node};

const METRICS: &str = r#"{"kind":"train","step":100,"loss":2.5,"accuracy":0.4,"rate":0.001,"pairs_per_second":9.0,"seconds":1.0}
{"kind":"train","step":200,"loss":1.5,"accuracy":0.6,"rate":0.0005,"pairs_per_second":9.0,"seconds":2.0}
{"kind":"validation","step":200,"accuracy":0.75,"trials":40,"seconds":2.5}
"#;

/// A run with metrics, on drawings beside it.
fn run(folder: &Path) -> PathBuf {
    let data = folder.join("strokes");
    write_pngs(&strokes(&[6, 8, 7], 4), &data);
    let run = random_run(folder, CONFIG, &data);
    std::fs::write(run.join("metrics.jsonl"), METRICS).unwrap();
    run
}

fn page(source: &Path, data: Option<&Path>, out: &Path) -> String {
    let file = report::write(source, data, 3, out, false).unwrap();
    assert_eq!(file, out.join("index.html"));
    std::fs::read_to_string(file).unwrap()
}

/// The `main` element, which has to be well-formed XML; the head has void elements of HTML.
fn parse(page: &str) -> Document<'_> {
    let (start, end) = (page.find("<main").unwrap(), page.find("</main>").unwrap());
    Document::parse(&page[start..end + "</main>".len()]).unwrap()
}

fn all<'a>(at: Node<'a, 'a>, tag: &'static str, class: &'static str) -> Vec<Node<'a, 'a>> {
    at.descendants()
        .filter(|node| {
            let classes = node.attribute("class").unwrap_or_default();
            node.has_tag_name(tag) && (class.is_empty() || classes.split(' ').any(|c| c == class))
        })
        .collect()
}

fn assert_self_contained(page: &str, document: &Document<'_>) {
    for node in document.descendants() {
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            let inside = value.starts_with("data:image/png;base64,") || value.starts_with('#');
            assert!(!matches!(name, "href" | "src") || inside, "{name}={value}");
        }
    }
    for outside in ["http:", "https:", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

/// Every card has both images and all glimpses of each.
fn assert_glimpses(document: &Document<'_>) {
    let pairs = all(document.root(), "article", "pair");
    assert!(!pairs.is_empty());
    for pair in pairs {
        assert_eq!(all(pair, "image", "").len(), 2);
        assert_eq!(all(pair, "svg", "where").len(), 2 * 3, "3 glimpses of each image");
        assert_eq!(all(pair, "circle", "sample").len(), 2 * 3 * 9, "of 3 x 3 samples");
        assert_eq!(all(pair, "rect", "cell").len(), 2 * 3 * 9);
        assert_eq!(all(pair, "span", "score").len(), 3, "a score after each glimpse");
        for reused in all(pair, "use", "") {
            let id = reused.attribute("href").unwrap().strip_prefix('#');
            let named = pair.descendants().filter(|node| node.attribute("id") == id);
            assert_eq!(named.count(), 1, "{id:?}");
        }
    }
}

#[test]
fn a_run_has_curves_results_of_both_arithmetics_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(&run(folder.path()), None, &folder.path().join("a/b"));
    let document = parse(&page);
    assert_self_contained(&page, &document);
    assert_glimpses(&document);
    assert_eq!(all(document.root(), "figure", "chart").len(), 4);
    assert_eq!(all(document.root(), "tr", "integer").len(), 2);
    assert_eq!(all(document.root(), "tr", "float").len(), 2);
    assert!(page.contains("best 75 %") && page.contains("alphabets held out of the training"));

    for ranking in all(document.root(), "article", "ranking") {
        let gallery = all(ranking, "ol", "gallery")[0];
        let places = all(gallery, "li", "");
        assert!((6..=8).contains(&places.len()), "one support for each class of an alphabet");
        assert_eq!(all(gallery, "li", "right").len(), 1);
        let first = places[0].attribute("class") == Some("right");
        let wrong = ranking.attribute("class").unwrap().contains("wrong");
        assert_eq!(first, !wrong);
    }
}

#[test]
fn a_model_file_alone_is_shown_on_procedural_glyphs() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::load(&run(folder.path())).unwrap();
    let file = folder.path().join("tiny.arc");
    std::fs::write(&file, export::integer(&run, None, export::FALSE_ACCEPT).unwrap()).unwrap();
    let page = page(&file, None, folder.path());
    let document = parse(&page);
    assert_self_contained(&page, &document);
    assert_glimpses(&document);
    assert!(all(document.root(), "figure", "chart").is_empty());
    assert!(page.contains("procedural glyphs"));
    let ranking = all(document.root(), "article", "ranking")[0];
    assert_eq!(all(ranking, "li", "").len(), 20);
}

#[test]
fn the_same_model_gives_the_same_page() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let out = folder.path().join("out");
    assert_eq!(page(&run, None, &out), page(&run, None, &out));
}

#[test]
fn what_can_not_be_reported_on_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let error = |source: &Path| {
        let out = folder.path().join("out");
        format!("{:#}", report::write(source, None, 3, &out, false).unwrap_err())
    };
    assert!(error(&folder.path().join("nothing")).contains("nothing: no such run folder"));

    let run_folder = run(folder.path());
    let float = folder.path().join("float.arc");
    let bytes = export::float(&Run::load(&run_folder).unwrap()).unwrap();
    std::fs::write(&float, bytes).unwrap();
    assert!(error(&float).contains("--quantize i8"));

    std::fs::remove_dir_all(folder.path().join("strokes")).unwrap();
    assert!(error(&run_folder).contains("strokes"));

    std::fs::remove_file(run_folder.join("best.safetensors")).unwrap();
    assert!(error(&run_folder).contains("first validation, at step 1"));
}
