//! Where the fields of one record lie: a pure function over bytes.

use memchr::{memchr, memchr3};

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// In quotes, with doubled quotes inside.
    Doubled,
}

/// A field: its bytes between the quotes, counted from the record's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    pub written: Written,
}

/// What a record breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    StrayQuote,
    UnfinishedQuote,
    BareReturn,
}

/// What stands at the start of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// A record: its bytes without and with the line end.
    Record { text: usize, whole: usize },
    /// The record does not end in these bytes; its last field begins at this one.
    More { field: usize },
    /// The record is wrong at this byte.
    Wrong(Wrong, usize),
}

/// Splits the record that `bytes` begin with. `last`: nothing comes after `bytes`. `returns`: there may be
/// carriage returns in `bytes`.
pub(crate) fn split(bytes: &[u8], last: bool, returns: bool, spans: &mut Vec<Span>) -> Split {
    spans.clear();
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let start = at + 1;
            let (end, written) = match quoted(bytes, start, last) {
                Ok(found) => found,
                Err(true) => return Split::Wrong(Wrong::UnfinishedQuote, at),
                Err(false) => return Split::More { field: at },
            };
            spans.push(Span { start, end, written });
            let next = end + 1;
            match (bytes.get(next), bytes.get(next + 1)) {
                (Some(b','), _) => at = next + 1,
                (Some(b'\n'), _) => return Split::Record { text: next, whole: next + 1 },
                (Some(b'\r'), Some(b'\n')) => return Split::Record { text: next, whole: next + 2 },
                (Some(b'\r'), None) if !last => return Split::More { field: at },
                (Some(b'\r'), _) => return Split::Wrong(Wrong::BareReturn, next),
                (Some(_), _) => return Split::Wrong(Wrong::StrayQuote, end),
                (None, _) => return Split::Record { text: next, whole: next },
            }
        } else {
            let rest = &bytes[at..];
            let Some(found) = memchr3(b',', b'\n', b'"', rest) else {
                if !last {
                    return Split::More { field: at };
                }
                return match plain(bytes, at, bytes.len(), returns, spans) {
                    Some(wrong) => wrong,
                    None => Split::Record { text: bytes.len(), whole: bytes.len() },
                };
            };
            let stop = at + found;
            match bytes[stop] {
                b',' => {
                    if let Some(wrong) = plain(bytes, at, stop, returns, spans) {
                        return wrong;
                    }
                    at = stop + 1;
                }
                b'\n' => {
                    let text = if found > 0 && bytes[stop - 1] == b'\r' { stop - 1 } else { stop };
                    return match plain(bytes, at, text, returns, spans) {
                        Some(wrong) => wrong,
                        None => Split::Record { text, whole: stop + 1 },
                    };
                }
                _ => return Split::Wrong(Wrong::StrayQuote, stop),
            }
        }
    }
}

/// The closing quote of the field whose text begins at `start`. `Err(true)`: there is none; `Err(false)`: it
/// lies behind these bytes.
fn quoted(bytes: &[u8], start: usize, last: bool) -> Result<(usize, Written), bool> {
    let mut from = start;
    let mut written = Written::Quoted;
    loop {
        let Some(found) = memchr(b'"', &bytes[from..]) else { return Err(last) };
        let quote = from + found;
        match bytes.get(quote + 1) {
            Some(b'"') => {
                written = Written::Doubled;
                from = quote + 2;
            }
            // It may be the first half of a doubled quote.
            None if !last => return Err(false),
            _ => return Ok((quote, written)),
        }
    }
}

/// Notes an unquoted field; a carriage return inside it is wrong, or a file with the line ends of an old Mac
/// would be read as one long header.
fn plain(bytes: &[u8], start: usize, end: usize, returns: bool, spans: &mut Vec<Span>) -> Option<Split> {
    if returns && let Some(found) = memchr(b'\r', &bytes[start..end]) {
        return Some(Split::Wrong(Wrong::BareReturn, start + found));
    }
    spans.push(Span { start, end, written: Written::Plain });
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8], last: bool) -> (Split, Vec<(String, Written)>) {
        let mut spans = Vec::new();
        let split = split(bytes, last, true, &mut spans);
        let texts = spans
            .iter()
            .map(|s| (String::from_utf8_lossy(&bytes[s.start..s.end]).into_owned(), s.written))
            .collect();
        (split, texts)
    }

    #[test]
    fn fields_lie_where_rfc_4180_says() {
        use Written::{Doubled, Plain, Quoted};
        type Fields = &'static [(&'static str, Written)];
        let cases: &[(&str, usize, usize, Fields)] = &[
            ("a,b\n", 3, 4, &[("a", Plain), ("b", Plain)]),
            ("a,b\r\nx", 3, 5, &[("a", Plain), ("b", Plain)]),
            ("a,b", 3, 3, &[("a", Plain), ("b", Plain)]),
            (",\n", 1, 2, &[("", Plain), ("", Plain)]),
            ("a,", 2, 2, &[("a", Plain), ("", Plain)]),
            ("\n", 0, 1, &[("", Plain)]),
            ("\r\n", 0, 2, &[("", Plain)]),
            ("\"\",\"\"\n", 5, 6, &[("", Quoted), ("", Quoted)]),
            ("\"a,\r\nb\"\n", 7, 8, &[("a,\r\nb", Quoted)]),
            ("\"a\"\"b\",c\n", 8, 9, &[("a\"\"b", Doubled), ("c", Plain)]),
            ("\"\"\"\"", 4, 4, &[("\"\"", Doubled)]),
            ("\"a\"\r\n", 3, 5, &[("a", Quoted)]),
        ];
        for (bytes, text, whole, expected) in cases {
            let (split, found) = fields(bytes.as_bytes(), true);
            assert_eq!(split, Split::Record { text: *text, whole: *whole }, "{bytes:?}");
            let expected: Vec<_> = expected.iter().map(|(t, w)| ((*t).to_owned(), *w)).collect();
            assert_eq!(found, expected, "{bytes:?}");
        }
    }

    #[test]
    fn wrong_records_are_named_with_the_byte() {
        for (bytes, wrong, at) in [
            ("a\"b\n", Wrong::StrayQuote, 1),
            ("x,\"a\"b\n", Wrong::StrayQuote, 4),
            ("x,\"ab\n", Wrong::UnfinishedQuote, 2),
            ("\"a\"\"", Wrong::UnfinishedQuote, 0),
            ("a\rb\n", Wrong::BareReturn, 1),
            ("\"a\"\rb\n", Wrong::BareReturn, 3),
            ("\"a\"\r", Wrong::BareReturn, 3),
            ("a\r\r\n", Wrong::BareReturn, 1),
            ("a\r", Wrong::BareReturn, 1),
        ] {
            assert_eq!(fields(bytes.as_bytes(), true).0, Split::Wrong(wrong, at), "{bytes:?}");
        }
    }

    /// The end of the bytes at hand must never be taken for the end of the file.
    #[test]
    fn a_record_cut_at_any_byte_asks_for_more() {
        for whole in ["ab,\"c\"\"d,\n\",e\r\n", "\"x\"\r\n", "a,\"\"\n", "\"\"\"\"\n"] {
            for cut in 0..whole.len() {
                let found = fields(&whole.as_bytes()[..cut], false).0;
                assert!(matches!(found, Split::More { .. }), "{whole:?} cut at {cut}: {found:?}");
            }
            assert!(matches!(fields(whole.as_bytes(), false).0, Split::Record { .. }), "{whole:?}");
        }
    }
}
