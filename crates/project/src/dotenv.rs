//! The `.env` file: `KEY=VALUE` lines, with `export`, quotes and comments. Values are taken as they are:
//! nothing in them is expanded.

use crate::template::is_variable;
use std::collections::BTreeMap;

/// A quote that would swallow the rest of the file.
pub(crate) const NEVER_CLOSED: &str = "the quote is never closed";

/// Something odd in a `.env` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, one sentence without a full stop and without a value.
    pub message: String,
}

/// A part of a `.env` file: a line, or the lines of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DotenvEntry<'a> {
    /// Its first line, from 1.
    pub(crate) line: usize,
    /// Its lines as they stand, their ends included.
    pub(crate) text: &'a str,
    /// The variable that it sets.
    pub(crate) name: Option<&'a str>,
    /// The value; empty where no variable is set.
    pub(crate) value: String,
    /// What is odd, without a value.
    pub(crate) odd: Option<String>,
}

/// The variables of a `.env` file; of a name that stands twice, the last. Problems do not stop it.
///
/// Unquoted values end at a `#` that follows a blank, and are trimmed. In double quotes `\n`, `\r`, `\t`,
/// `\"`, `\\` and `\$` are escapes; in single quotes there are none; both may go over several lines.
pub fn parse(text: &str) -> (BTreeMap<String, String>, Vec<DotenvProblem>) {
    let mut found = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in entries(text) {
        let mut odd = |message: String| problems.push(DotenvProblem { line: entry.line, message });
        if let Some(message) = entry.odd {
            odd(message);
        }
        if let Some(name) = entry.name
            && found.insert(name.to_owned(), entry.value).is_some()
        {
            odd(format!("`{name}` stands here again; this line counts"));
        }
    }
    (found, problems)
}

/// The parts of a `.env` file, in order; their texts together are the file.
pub(crate) fn entries(text: &str) -> Vec<DotenvEntry<'_>> {
    let mut entries = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let end = rest.find('\n').map_or(rest.len(), |i| i + 1);
        let shown = rest[..end].trim_start_matches('\u{feff}').trim();
        let mut entry = DotenvEntry { line, text: "", name: None, value: String::new(), odd: None };
        let mut used = end;
        if !shown.is_empty() && !shown.starts_with('#') {
            let body = shown.strip_prefix("export").filter(|b| b.starts_with([' ', '\t'])).unwrap_or(shown);
            match body.split_once('=').map(|(name, _)| name.trim()) {
                None => entry.odd = Some("no `=` in this line".to_owned()),
                Some(name) if !is_variable(name) => {
                    entry.odd = Some("no name of a variable before the `=`".to_owned());
                }
                Some(name) => {
                    // The `=` found above is the first of the line, also in the untrimmed text.
                    let after = rest.find('=').map_or(end, |i| i + 1);
                    let value = value(&rest[after..]);
                    used = after + value.used;
                    entry.odd = value.odd.map(|why| format!("`{name}`: {why}"));
                    entry.name = Some(name);
                    entry.value = value.text;
                }
            }
        }
        entry.text = &rest[..used];
        line += entry.text.matches('\n').count();
        rest = &rest[used..];
        entries.push(entry);
    }
    entries
}

/// A value, and how much of the text it took, its line's end included.
struct Value {
    text: String,
    used: usize,
    odd: Option<&'static str>,
}

fn value(text: &str) -> Value {
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    let line_end = text.find('\n').map_or(text.len(), |i| i + 1);
    let quote = match text[blanks..].chars().next() {
        Some(c @ ('"' | '\'')) => c,
        _ => return unquoted(&text[..line_end]),
    };
    let mut out = String::new();
    let mut chars = text[blanks + 1..].char_indices();
    while let Some((i, c)) = chars.next() {
        if c == quote {
            let after = blanks + 1 + i + 1;
            let tail_end = text[after..].find('\n').map_or(text.len(), |n| after + n + 1);
            let tail = text[after..tail_end].trim();
            let odd = (!tail.is_empty() && !tail.starts_with('#')).then_some("text after the closing quote");
            return Value { text: out, used: tail_end, odd };
        }
        if c == '\\' && quote == '"' {
            match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 'r')) => out.push('\r'),
                Some((_, 't')) => out.push('\t'),
                Some((_, e @ ('"' | '\\' | '$'))) => out.push(e),
                Some((_, other)) => out.extend(['\\', other]),
                None => out.push('\\'),
            }
        } else {
            out.push(c);
        }
    }
    // Without its end the quote is a character like others: else it would swallow the rest of the file.
    Value { odd: Some(NEVER_CLOSED), ..unquoted(&text[..line_end]) }
}

fn unquoted(line: &str) -> Value {
    let mut end = line.len();
    for (i, _) in line.match_indices('#') {
        if i == 0 || line[..i].ends_with([' ', '\t']) {
            end = i;
            break;
        }
    }
    Value { text: line[..end].trim().to_owned(), used: line.len(), odd: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_other_tools_read_them() {
        for (text, expected) in [
            ("A=b", "A=b"),
            ("A=b\n", "A=b"),
            ("A=b\r\nC=d\r\n", "A=b;C=d"),
            ("  export A = b c  \n", "A=b c"),
            ("export\tA=b", "A=b"),
            ("exportA=b", "exportA=b"),
            ("# A=1\n\nB=2 # two\nC=3#three\nD=#none", "B=2;C=3#three;D="),
            ("A=", "A="),
            ("A=\nB=1", "A=;B=1"),
            ("A=\"x # y\" # z", "A=x # y"),
            ("A='x \\n $B' ", "A=x \\n $B"),
            (r#"A="x\ty\"z\\\$\q""#, "A=x\ty\"z\\$\\q"),
            ("A=\"one\ntwo\"\nB=1", "A=one\ntwo;B=1"),
            ("A=a=b==", "A=a=b=="),
            ("A=${B}", "A=${B}"),
            ("\u{feff}A=ü ", "A=ü"),
            ("A=1\nA=2", "A=2"),
            ("A=\"open\nB=1", "A=\"open;B=1"),
        ] {
            let (found, _) = parse(text);
            let shown: Vec<String> = found.iter().map(|(k, v)| format!("{k}={v}")).collect();
            assert_eq!(shown.join(";"), expected, "{text:?}");
        }
    }

    #[test]
    fn odd_lines_are_named_with_their_number_and_without_their_value() {
        for (text, expected) in [
            ("A=1\nhunter2\n", "2: no `=` in this line"),
            ("A-B=hunter2", "1: no name of a variable before the `=`"),
            ("=hunter2", "1: no name of a variable before the `=`"),
            ("\n\nA='hunter2\nB=1", "3: `A`: the quote is never closed"),
            ("A='x' hunter2", "1: `A`: text after the closing quote"),
            ("A=\"x\ny\"\nA=hunter2", "3: `A` stands here again; this line counts"),
            ("A=1 # fine\n", ""),
        ] {
            let (_, problems) = parse(text);
            let shown: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.line, p.message)).collect();
            assert_eq!(shown.join("\n"), expected, "{text:?}");
        }
    }
}
