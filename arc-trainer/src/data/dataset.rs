//! Groups of classes of drawings: alphabets of characters by several drawers.

use anyhow::{Result, bail, ensure};
use rand::{SeedableRng, seq::index};
use rand_chacha::ChaCha8Rng;

use super::Drawing;
use crate::printable::printable;

/// Gray drawings of many classes, ordered by group (alphabet) and class (character).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The file or folder it came from, without its path: for logs and provenance.
    pub name: String,
    /// Alphabets, in natural order of their names.
    pub groups: Vec<Group>,
}

/// An alphabet: classes that are told apart from each other, not from those of other groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The folder's name, or the dataset's where class folders lie in no group folder.
    pub name: String,
    /// Characters, in natural order of their names.
    pub classes: Vec<Class>,
}

/// A character: some drawings of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The folder's name.
    pub name: String,
    /// In natural order of the file names; in Omniglot, drawing `k` of every character of an
    /// alphabet is by the same drawer `k`.
    pub drawings: Vec<Drawing>,
}

impl Dataset {
    /// All classes, group by group.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.groups.iter().flat_map(|group| &group.classes)
    }

    /// All drawings, class by class.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        self.classes().flat_map(|class| &class.drawings)
    }

    /// Whether a model that names its training data so was trained on these: a folder and its zip
    /// are the same drawings.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.trim_end_matches(".zip") == name.trim_end_matches(".zip")
    }

    /// Demands `least` drawings of every class, as two are needed to form a pair.
    ///
    /// # Errors
    /// Names the first class that has fewer.
    pub fn require_drawings(&self, least: usize) -> Result<()> {
        for group in &self.groups {
            for class in &group.classes {
                let count = class.drawings.len();
                ensure!(
                    count >= least,
                    "{}: class {}/{} has {count} drawing(s), {least} are needed: add drawings or remove the class",
                    printable(&self.name),
                    printable(&group.name),
                    printable(&class.name),
                );
            }
        }
        Ok(())
    }

    /// Splits into (training, held-out) data: `n_held_out` groups drawn by `seed` are held out, or,
    /// where there is one group only, `n_held_out` of its classes. Order is kept in both parts, and no
    /// group in them is empty.
    ///
    /// # Errors
    /// When nothing would be left to train on. The remedy is the caller's: it knows what the user can
    /// change.
    pub fn split(self, n_held_out: usize, seed: u64) -> Result<(Self, Self)> {
        let Self { name, mut groups } = self;
        let (train, held_out) = if groups.len() == 1 {
            let Group { name: group, classes } = groups.remove(0);
            let (train, held_out) = draw(classes, n_held_out, seed, &name, "classes")?;
            let one = |classes: Vec<_>| {
                let group = Group { name: group.clone(), classes };
                if group.classes.is_empty() { vec![] } else { vec![group] }
            };
            (one(train), one(held_out))
        } else {
            draw(groups, n_held_out, seed, &name, "groups")?
        };
        Ok((Self { name: name.clone(), groups: train }, Self { name, groups: held_out }))
    }
}

/// Draws `n` of the items by `seed`: (the others, the drawn).
fn draw<T>(items: Vec<T>, n: usize, seed: u64, name: &str, what: &str) -> Result<(Vec<T>, Vec<T>)> {
    let total = items.len();
    if n >= total {
        bail!("{}: cannot hold out {n} of {total} {what}", printable(name));
    }
    let mut drawn = vec![false; total];
    for i in index::sample(&mut ChaCha8Rng::seed_from_u64(seed), total, n) {
        drawn[i] = true;
    }
    let (held_out, rest): (Vec<_>, Vec<_>) =
        items.into_iter().zip(drawn).partition(|(_, drawn)| *drawn);
    let plain = |pairs: Vec<(T, bool)>| pairs.into_iter().map(|(item, _)| item).collect();
    Ok((plain(rest), plain(held_out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(groups: usize, classes: usize) -> Dataset {
        let class = |i: usize| Class { name: format!("c{i}"), drawings: Vec::new() };
        let classes: Vec<_> = (0..classes).map(class).collect();
        let group = |i| Group { name: format!("g{i}"), classes: classes.clone() };
        Dataset { name: "test".to_owned(), groups: (0..groups).map(group).collect() }
    }

    fn names(data: &Dataset) -> Vec<&str> {
        data.groups.iter().map(|group| group.name.as_str()).collect()
    }

    #[test]
    fn a_split_keeps_every_group_once_and_in_order() {
        let (train, held_out) = dataset(9, 2).split(3, 5).unwrap();
        assert_eq!((train.groups.len(), held_out.groups.len()), (6, 3));
        let (a, b) = (names(&train), names(&held_out));
        assert!(a.is_sorted() && b.is_sorted());
        let mut all = [a, b].concat();
        all.sort_unstable();
        assert_eq!(all, names(&dataset(9, 2)));
    }

    #[test]
    fn the_seed_decides_what_is_held_out() {
        let held_out = |seed| dataset(9, 2).split(3, seed).unwrap().1;
        assert_eq!(held_out(5), held_out(5));
        assert!((0..5).any(|seed| held_out(seed) != held_out(5)));
    }

    #[test]
    fn a_single_group_is_split_by_classes() {
        let (train, held_out) = dataset(1, 5).split(2, 0).unwrap();
        assert_eq!((train.classes().count(), held_out.classes().count()), (3, 2));
        assert_eq!(names(&train), names(&held_out));
    }

    #[test]
    fn nothing_held_out_is_no_group() {
        for groups in [1, 3] {
            let (train, held_out) = dataset(groups, 5).split(0, 0).unwrap();
            assert_eq!((train.groups.len(), held_out.groups.len()), (groups, 0));
        }
    }

    #[test]
    fn something_must_be_left_to_train_on() {
        let error = dataset(3, 2).split(3, 0).unwrap_err();
        assert_eq!(error.to_string(), "test: cannot hold out 3 of 3 groups");
    }

    #[test]
    fn a_folder_and_its_zip_are_the_same_data() {
        let mut data = dataset(1, 1);
        for name in ["test", "test.zip"] {
            data.name = name.to_owned();
            assert!(data.is_named("test") && data.is_named("test.zip"));
            assert!(!data.is_named("other.zip") && !data.is_named(""));
        }
    }

    #[test]
    fn a_class_with_too_few_drawings_is_named() {
        let mut data = dataset(1, 2);
        let drawing = Drawing { width: 1, height: 1, ink: vec![0] };
        data.groups[0].classes[0].drawings = vec![drawing.clone(); 2];
        data.groups[0].classes[1].drawings = vec![drawing];
        assert!(data.require_drawings(1).is_ok());
        let error = data.require_drawings(2).unwrap_err().to_string();
        assert!(error.starts_with("test: class g0/c1 has 1 drawing(s), 2 are needed"), "{error}");
    }
}
