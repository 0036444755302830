//! What is fuzzed, and within which limits.

/// A program in `fuzz/fuzz_targets`.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of its file.
    pub name: &'static str,
    /// Longest input in bytes.
    pub longest: u32,
    /// The dictionary in `fuzz/dictionaries`, if words help.
    pub dictionary: Option<&'static str>,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 10] = [
        Self::new("model", 4096),
        Self::new("kernels", 512),
        Self::new("line", 1024),
        Self::new("store", 4096),
        Self::new("c_interface", 1024),
        Self::new("picture", 8192).with("png.dict"),
        Self::new("zip", 8192).with("zip.dict"),
        Self::new("config", 2048).with("config.dict"),
        Self::new("float_file", 4096),
        Self::new("checkpoint", 8192).with("checkpoint.dict"),
    ];

    const fn new(name: &'static str, longest: u32) -> Self {
        Self { name, longest, dictionary: None }
    }

    const fn with(self, dictionary: &'static str) -> Self {
        Self { dictionary: Some(dictionary), ..self }
    }

    /// The names of all.
    pub fn names() -> [&'static str; Self::ALL.len()] {
        Self::ALL.map(|target| target.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::paths;

    /// The names of the files in a folder of `fuzz/` that end so, without the end.
    fn files(folder: &str, end: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(paths::root().join("fuzz").join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter_map(|name| name.strip_suffix(end).map(str::to_owned)).collect()
    }

    #[test]
    fn every_target_is_run_and_has_a_corpus() {
        let names = BTreeSet::from(Target::names().map(str::to_owned));
        assert_eq!(files("fuzz_targets", ".rs"), names);
        assert_eq!(files("corpus", ""), names);
        let used = Target::ALL.iter().filter_map(|target| target.dictionary);
        assert_eq!(files("dictionaries", ""), used.map(str::to_owned).collect());
    }
}
