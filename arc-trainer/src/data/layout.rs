//! Which class of which group a picture is of, by the folders that it lies in.

use anyhow::{Context, Result, bail};

use crate::printable::printable;

/// What is expected, for messages.
pub const LAYOUT: &str =
    "expected group/class/PICTURE (as in Omniglot) or class/PICTURE, in a folder or a zip";

/// The (group, class) of each file, by the folders it lies in. Without group folders, all classes
/// are of one group named `root`.
pub fn places<'a>(pictures: &[&'a str], root: &'a str) -> Result<Vec<(&'a str, &'a str)>> {
    let folders: Vec<Vec<&str>> = pictures
        .iter()
        .map(|picture| {
            let mut names: Vec<_> = picture.split('/').collect();
            names.pop();
            names
        })
        .collect();
    let depth = folders[0].len();
    if let Some(i) = folders.iter().position(|names| names.len() != depth) {
        bail!(
            "{} and {} lie in folders of different depth; {LAYOUT}",
            printable(pictures[0]),
            printable(pictures[i])
        );
    }
    // The folders that all files share, except the two that are group and class.
    let around = depth.saturating_sub(2);
    if let Some(i) = folders.iter().position(|names| names[..around] != folders[0][..around]) {
        bail!(
            "{} and {} are of different datasets: name one of their folders; {LAYOUT}",
            printable(pictures[0]),
            printable(pictures[i])
        );
    }
    let place = |names: &[&'a str]| match names {
        [] => None,
        [class] => Some((root, *class)),
        [.., group, class] => Some((*group, *class)),
    };
    let places: Option<Vec<_>> = folders.iter().map(|names| place(names)).collect();
    places.with_context(|| format!("{} lies in no class folder; {LAYOUT}", printable(pictures[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_folders_count_or_the_only_one() {
        let found = |pictures: &[&'static str]| places(pictures, "root").unwrap();
        assert_eq!(found(&["a/1.png", "b/1.png"]), [("root", "a"), ("root", "b")]);
        assert_eq!(found(&["x/y/a/1.png", "x/y/b/1.png"]), [("y", "a"), ("y", "b")]);
    }

    #[test]
    fn layouts_that_contradict_each_other_are_refused() {
        let error = |pictures: &[&str]| places(pictures, "root").unwrap_err().to_string();
        let uneven = error(&["a/1.png", "b/c/1.jpg"]);
        assert!(uneven.starts_with("a/1.png and b/c/1.jpg lie in folders of different depth; "));
        let two = error(&["a/b/c/1.png", "d/b/c/1.png"]);
        assert!(two.starts_with("a/b/c/1.png and d/b/c/1.png are of different datasets: name one"));
        assert!(two.contains(LAYOUT));
        assert!(error(&["1.png"]).starts_with("1.png lies in no class folder; "));
    }
}
