//! Text from outside on a terminal.
//!
//! A model's strings, the names of folders and files, what an error quotes: whoever made them may
//! have put in what a terminal obeys (escape sequences, a carriage return) or what changes the order
//! in which the rest is read. All of these are shown as escapes: `\u001b`.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// One line: line breaks and tabs are escaped too.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// A path as one line.
pub fn printable_path(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

/// Several lines; JSON stays the same JSON.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_obeyed(c) && c != '\n' && c != '\t')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            // As in JSON: none of these is beyond four digits.
            write!(out, "\\u{:04x}", u32::from(c)).expect("writing to memory");
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Control characters (C0, DEL and C1), the separators of lines and paragraphs, and the marks,
/// embeddings, overrides and isolates of Unicode's bidirectional text.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let cases = [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("\u{9b}31m", "\\u009b31m"),
            ("a\rb\u{8}\u{7f}\0", "a\\u000db\\u0008\\u007f\\u0000"),
            ("gpj.\u{202e}png\u{2066}", "gpj.\\u202epng\\u2066"),
            ("one\ntwo\t", "one\\u000atwo\\u0009"),
        ];
        for (text, shown) in cases {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let text = "Ελληνικά, עברית, 漢字, é, 👍, \\u001b, \"quoted\"";
        assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        assert_eq!(printable_lines("one\n\ttwo"), "one\n\ttwo");
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let value = serde_json::json!({ "name\u{9b}": "a\u{1b}\u{202e}\u{7f}\nb" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = printable_lines(&text);
        assert!(!shown.contains(['\u{9b}', '\u{202e}', '\u{7f}']));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
