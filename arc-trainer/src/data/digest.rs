//! What tells one dataset from another.

use sha2::{Digest, Sha256};

use super::Dataset;

impl Dataset {
    /// SHA-256 of all names and pixels, in hexadecimal: the same wherever the data lie, in a
    /// folder or in a zip.
    pub fn digest(&self) -> String {
        let mut sha = Sha256::new();
        // A count or a length goes ahead of what it counts, so that no two datasets are one text.
        let count = |sha: &mut Sha256, n: usize| sha.update((n as u64).to_le_bytes());
        let name = |sha: &mut Sha256, name: &str| {
            count(sha, name.len());
            sha.update(name);
        };
        count(&mut sha, self.groups.len());
        for group in &self.groups {
            // The only group may be named after the folder or zip that the data lie in.
            name(&mut sha, if self.groups.len() > 1 { &group.name } else { "" });
            count(&mut sha, group.classes.len());
            for class in &group.classes {
                name(&mut sha, &class.name);
                count(&mut sha, class.drawings.len());
                for drawing in &class.drawings {
                    count(&mut sha, drawing.width.into());
                    count(&mut sha, drawing.height.into());
                    sha.update(&drawing.ink);
                }
            }
        }
        format!("{:x}", sha.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{folder, png, zip_file};
    use crate::data::{Class, Drawing, Group};

    fn drawing(ink: &[u8]) -> Drawing {
        Drawing { width: ink.len() as u16, height: 1, ink: ink.to_vec() }
    }

    fn dataset() -> Dataset {
        let class = |name: &str| Class {
            name: name.to_owned(),
            drawings: vec![drawing(&[0, 255]), drawing(&[9])],
        };
        let group =
            |name: &str| Group { name: name.to_owned(), classes: vec![class("one"), class("two")] };
        Dataset { name: "data".to_owned(), groups: vec![group("a"), group("b")] }
    }

    #[test]
    fn every_name_and_pixel_counts() {
        let changes: [fn(&mut Dataset); 8] = [
            |_| (),
            |data| data.groups[1].name = "c".to_owned(),
            |data| data.groups[0].classes[1].name = "three".to_owned(),
            |data| data.groups[0].classes[1].drawings[0].ink[1] = 254,
            |data| data.groups[1].classes.swap(0, 1),
            |data| drop(data.groups[1].classes[0].drawings.pop()),
            // The same pixels, as one column.
            |data| {
                let drawing = &mut data.groups[0].classes[0].drawings[0];
                (drawing.width, drawing.height) = (drawing.height, drawing.width);
            },
            // The same drawings, one of them in the next class.
            |data| {
                let classes = &mut data.groups[0].classes;
                let moved = classes[0].drawings.pop().unwrap();
                classes[1].drawings.insert(0, moved);
            },
        ];
        let digests = changes.map(|change| {
            let mut data = dataset();
            change(&mut data);
            data.digest()
        });
        let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), changes.len());
    }

    #[test]
    fn a_folder_and_its_zip_have_one_digest_under_any_name() {
        for group in ["", "one/"] {
            let files = [("cat/1.png", png(&[255])), ("dog/1.png", png(&[0]))]
                .map(|(name, bytes)| (format!("{group}{name}"), bytes));
            let files = files.each_ref().map(|(name, bytes)| (name.as_str(), bytes.clone()));
            let (unpacked, elsewhere) = (folder(&files), tempfile::tempdir().unwrap());
            let packed = zip_file(elsewhere.path(), &files);
            let digest = |path| Dataset::load(path, 105).unwrap().digest();
            assert_eq!(digest(unpacked.path()), digest(&packed));
        }
    }
}
