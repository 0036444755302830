//! Files that can't be read among thousands that can.

use anyhow::{Error, Result, ensure};

use crate::printable::printable;
use crate::progress::note;

/// Most of them that are shown.
const SHOWN: usize = 10;

/// What becomes of a data set when a file in it can't be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBad {
    /// It is read without the file, and a note names the file.
    #[default]
    Skip,
    /// The same without a word: an earlier reading of the same data has named it.
    SkipAgain,
    /// It is an error.
    Stop,
}

impl OnBad {
    /// By a flag `--strict`.
    pub fn strict(strict: bool) -> Self {
        if strict { Self::Stop } else { Self::Skip }
    }
}

/// What was skipped, in the order in which it was found, each with its name and its fault.
#[derive(Debug)]
pub struct Skipped {
    on_bad: OnBad,
    faults: Vec<Error>,
}

impl Skipped {
    /// With nothing skipped yet.
    pub fn new(on_bad: OnBad) -> Self {
        Self { on_bad, faults: Vec::new() }
    }

    /// What was read, or nothing and a fault more.
    ///
    /// # Errors
    /// The fault itself, where none may be skipped.
    pub fn or_skip<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(fault) if self.on_bad == OnBad::Stop => Err(fault),
            Err(fault) => {
                self.faults.push(fault);
                Ok(None)
            }
        }
    }

    /// Names what was skipped on stderr, unless that was done before.
    ///
    /// # Errors
    /// With the first fault, if nothing at all was read of `source`.
    pub fn tell(self, source: &str, read: usize) -> Result<()> {
        let count = self.faults.len();
        if let (0, Some(first)) = (read, self.faults.first()) {
            ensure!(count > 1, "{first:#}");
            anyhow::bail!("{source}: none of {count} pictures can be read, the first: {first:#}");
        }
        if count > 0 && self.on_bad != OnBad::SkipAgain {
            note(self.list(source));
        }
        Ok(())
    }

    /// A line for each of the first, and one for the number of the others.
    fn list(&self, source: &str) -> String {
        let count = self.faults.len();
        let mut text = format!("{source}: skipped, as they can't be read: {count}");
        for fault in self.faults.iter().take(SHOWN) {
            text += &format!("\n  {}", printable(&format!("{fault:#}")));
        }
        if count > SHOWN {
            text += &format!("\n  and {} more", count - SHOWN);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    fn skipped(on_bad: OnBad, count: usize) -> Result<Skipped> {
        let mut skipped = Skipped::new(on_bad);
        for k in 0..count {
            skipped.or_skip::<()>(Err(anyhow!("{k}.png: damaged\n")))?;
        }
        Ok(skipped)
    }

    #[test]
    fn the_first_ten_are_named_and_the_others_counted() {
        let list = skipped(OnBad::Skip, 12).unwrap().list("data");
        let lines: Vec<_> = list.lines().collect();
        assert_eq!(lines[0], "data: skipped, as they can't be read: 12");
        assert_eq!((lines[1], lines[10]), ("  0.png: damaged\\u000a", "  9.png: damaged\\u000a"));
        assert_eq!(lines[11..], ["  and 2 more"]);
        assert_eq!(skipped(OnBad::Skip, 10).unwrap().list("data").lines().count(), 11);
    }

    #[test]
    fn the_first_is_an_error_where_none_may_be_skipped() {
        assert_eq!(skipped(OnBad::Stop, 3).unwrap_err().to_string(), "0.png: damaged\n");
        let mut all = Skipped::new(OnBad::Stop);
        assert_eq!(all.or_skip(Ok(5)).unwrap(), Some(5));
    }

    #[test]
    fn nothing_but_faults_is_an_error() {
        for on_bad in [OnBad::Skip, OnBad::SkipAgain] {
            let tell = |count| skipped(on_bad, count).unwrap().tell("data", 0);
            assert!(tell(0).is_ok());
            assert_eq!(tell(1).unwrap_err().to_string(), "0.png: damaged\n");
            let error = tell(12).unwrap_err().to_string();
            assert!(error.starts_with("data: none of 12 pictures can be read, the first: 0.png"));
            assert!(skipped(on_bad, 12).unwrap().tell("data", 1).is_ok());
        }
    }
}
