//! Where the real data is, if it is here.

use std::path::PathBuf;

/// The file `name` of the Omniglot folder: `$ARC_OMNIGLOT`, or `shared/omniglot` beside the project.
///
/// `None`, with a message, where the data is absent; under CI (`$CI` is set) that is a failure.
///
/// # Panics
/// Under CI, if the file is absent.
pub fn omniglot(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ARC_OMNIGLOT")
        .map_or_else(|| super::project("../shared/omniglot"), PathBuf::from);
    let file = folder.join(name);
    if file.exists() {
        return Some(file);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{} is missing: set ARC_OMNIGLOT to the folder that holds it",
        file.display()
    );
    eprintln!("SKIPPED: no {}; set ARC_OMNIGLOT to the folder that holds it", file.display());
    None
}
