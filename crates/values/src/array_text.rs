//! The texts of arrays: JSON lists, PostgreSQL's literals, and values with commas between them.

use crate::bad::Why;
use crate::json_text::Reader;

/// What stands in the text of an array, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Item<'t> {
    /// A list begins.
    Open,
    /// A list ends.
    Close,
    /// An element.
    Text(&'t str),
    /// An element that is NULL.
    Null,
    /// An element that is a JSON object.
    Object,
}

/// Takes the items of a text.
pub(crate) type Sink<'s> = &'s mut dyn FnMut(Item<'_>) -> Result<(), Why>;

/// Hands on the items of a text; the elements are JSON texts themselves when `json`.
pub(crate) fn read(text: &str, json: bool, sink: Sink) -> Result<(), Why> {
    let trimmed = text.trim();
    if trimmed.starts_with('[') {
        let mut reader = Reader::new(trimmed);
        let done = if json { values(&mut reader, sink) } else { list(&mut reader, &mut String::new(), sink) };
        done.and_then(|()| reader.end()).map_err(|why| match why {
            Why::NotJson => Why::NotArray,
            other => other,
        })
    } else if trimmed.starts_with('{') && literal(trimmed, &mut |_| Ok(()))? {
        literal(trimmed, sink).map(|_| ())
    } else {
        sink(Item::Open)?;
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .try_for_each(|part| sink(Item::Text(part)))?;
        sink(Item::Close)
    }
}

/// A JSON list of plain values and lists. How deep it goes is for the sink to stop.
fn list(reader: &mut Reader, scratch: &mut String, sink: Sink) -> Result<(), Why> {
    reader.need(b'[')?;
    sink(Item::Open)?;
    if !reader.take(b']') {
        loop {
            match reader.peek().ok_or(Why::NotJson)? {
                b'[' => list(reader, scratch, sink)?,
                b'{' => {
                    reader.skip(1)?;
                    sink(Item::Object)?;
                }
                b'"' => {
                    let raw = reader.string()?;
                    if raw.escaped {
                        scratch.clear();
                        raw.unescape(scratch);
                        sink(Item::Text(scratch))?;
                    } else {
                        sink(Item::Text(raw.text))?;
                    }
                }
                b'-' | b'0'..=b'9' => sink(Item::Text(reader.number()?))?,
                _ => match reader.word()? {
                    "null" => sink(Item::Null)?,
                    word => sink(Item::Text(word))?,
                },
            }
            if !reader.take(b',') {
                break;
            }
        }
        reader.need(b']')?;
    }
    sink(Item::Close)
}

/// A JSON list whose elements are JSON texts; `null` is a NULL.
fn values(reader: &mut Reader, sink: Sink) -> Result<(), Why> {
    reader.need(b'[')?;
    sink(Item::Open)?;
    if !reader.take(b']') {
        loop {
            reader.peek();
            let start = reader.at();
            reader.skip(1)?;
            match reader.since(start) {
                "null" => sink(Item::Null)?,
                text => sink(Item::Text(text))?,
            }
            if !reader.take(b',') {
                break;
            }
        }
        reader.need(b']')?;
    }
    sink(Item::Close)
}

/// What stood before a place in a literal.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Open,
    Comma,
    Value,
}

/// A literal as `array_in` reads it, without declared bounds; false: the text is none (and the sink has
/// seen the beginning of it).
fn literal(text: &str, sink: Sink) -> Result<bool, Why> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut after) = (0, 0usize, After::Comma);
    let mut scratch = String::new();
    loop {
        while bytes.get(at).is_some_and(|b| is_space(*b)) {
            at += 1;
        }
        let Some(byte) = bytes.get(at) else { return Ok(false) };
        match (byte, after) {
            (b'{', After::Open | After::Comma) => {
                depth += 1;
                after = After::Open;
                at += 1;
                sink(Item::Open)?;
            }
            (b'}', After::Open | After::Value) => {
                depth -= 1;
                after = After::Value;
                at += 1;
                sink(Item::Close)?;
                if depth == 0 {
                    return Ok(at == bytes.len());
                }
            }
            (b',', After::Value) => {
                after = After::Comma;
                at += 1;
            }
            (b'}' | b',', _) | (_, After::Value) => return Ok(false),
            (b'"', _) => {
                let Some(length) = quoted(&text[at + 1..], &mut scratch) else { return Ok(false) };
                at += length + 1;
                after = After::Value;
                sink(Item::Text(&scratch))?;
            }
            _ => {
                let Some((length, plain)) = unquoted(&text[at..], &mut scratch) else { return Ok(false) };
                at += length;
                after = After::Value;
                let null = plain && scratch.eq_ignore_ascii_case("null");
                sink(if null { Item::Null } else { Item::Text(&scratch) })?;
            }
        }
    }
}

/// Reads on behind a quote; the length up to and with the closing one.
fn quoted(text: &str, out: &mut String) -> Option<usize> {
    out.clear();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some(at + 1),
            (_, '\\') => out.push(chars.next()?.1),
            (_, c) => out.push(c),
        }
    }
}

/// Reads up to a comma or brace; the length, and whether no backslash stood in it. White space at the end
/// is none of it.
fn unquoted(text: &str, out: &mut String) -> Option<(usize, bool)> {
    out.clear();
    let (mut kept, mut plain) = (0, true);
    let mut chars = text.char_indices();
    let length = loop {
        match chars.next()? {
            (at, ',' | '}') => break at,
            (_, '"' | '{') => return None,
            (_, '\\') => {
                plain = false;
                out.push(chars.next()?.1);
                kept = out.len();
            }
            (_, c) => {
                out.push(c);
                if !(c.is_ascii() && is_space(c as u8)) {
                    kept = out.len();
                }
            }
        }
    };
    out.truncate(kept);
    Some((length, plain))
}

/// White space of an array literal (`array_isspace`).
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}
