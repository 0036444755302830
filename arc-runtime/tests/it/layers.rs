//! The layers of the crate: each imports only what stands before it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of `src/lib.rs` in the order of their layers.
const LAYERS: [&str; 12] = [
    "slices",
    "arithmetic",
    "image",
    "preparation",
    "format",
    "layers",
    "kernels",
    "network",
    "model",
    "comparator",
    "gallery",
    "embed",
];

/// Layers that rest on another: `slices` is the lowest, and `arithmetic`, `image` and `embed` need none.
const RESTING: usize = LAYERS.len() - 4;

/// The file that declares the layers and exports from them.
const ROOT: &str = "lib";

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, into),
            false => into.push(path),
        }
    }
}

/// The modules at the crate's root that the code of a file names, and not its comments.
fn imports(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.map(|line| line.split("// ").next().unwrap());
    // `$crate::` stands in a macro, and is what a user of the crate names.
    let paths =
        code.flat_map(|line| line.match_indices("crate::").map(move |(at, _)| line.split_at(at)));
    paths.filter(|(before, _)| !before.ends_with('$')).filter_map(|(_, path)| {
        let path = &path["crate::".len()..];
        let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        path.get(..end?).filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

#[test]
fn each_layer_imports_only_those_before_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source, &mut paths);
    let mut seen = BTreeMap::new();
    for path in paths {
        let relative = path.strip_prefix(&source).unwrap();
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == ROOT {
            continue;
        }
        let layer = |name: &str| LAYERS.iter().position(|layer| *layer == name);
        let own = layer(module).unwrap_or_else(|| panic!("{module} has no place in LAYERS"));
        for import in imports(&fs::read_to_string(&path).unwrap()) {
            let other = layer(import).unwrap_or_else(|| {
                panic!("{} imports crate::{import}, which is no layer", relative.display())
            });
            assert!(other <= own, "{} imports crate::{import}, a later layer", relative.display());
            *seen.entry(module.to_owned()).or_insert(0) += usize::from(other < own);
        }
    }
    // Every layer above the lowest rests on another, or nothing was read.
    assert_eq!(seen.values().filter(|count| **count > 0).count(), RESTING, "{seen:?}");
}

#[test]
fn an_import_is_found_in_code_alone() {
    let source = "use crate::model::Model;\n/// [`crate::gallery`]\nlet a = crate::slices::copy(b); // crate::image\n";
    assert_eq!(imports(source).collect::<Vec<_>>(), ["model", "slices"]);
    assert_eq!(imports("use crate::Model; $crate::Gallery; $crate::gallery;").count(), 0);
}
