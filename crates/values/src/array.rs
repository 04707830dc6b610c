//! Arrays: order and repeats count.
//!
//! The wire form (`array_send`): dimensions, whether there are NULLs, the element's type, length and lower
//! bound of each dimension, and then every element behind its length.

use crate::array_text::{self, Item};
use crate::bad::{Malformed, Why};
use crate::cell::{Context, Style};
use crate::kind::{Kind, PgType};

const MALFORMED: Malformed = Malformed::new("an array");

/// Dimensions at most (`MAXDIM` in `c.h`).
const DIMENSIONS_MAX: usize = 6;

/// Bytes before the dimensions.
const HEAD: usize = 12;

/// Appends an array. On failure the caller drops what was appended.
pub(crate) fn encode(element: &PgType, text: &str, cx: &Context, out: &mut Vec<u8>) -> Result<(), Why> {
    let json = matches!(element.base().kind, Kind::Json | Kind::Jsonb);
    let start = out.len();
    // Nearly all arrays have one dimension.
    out.resize(start + HEAD + 8, 0);
    let mut build = Build {
        element,
        cx,
        out,
        depth: 0,
        counts: [0; DIMENSIONS_MAX],
        lengths: [None; DIMENSIONS_MAX],
        leaf: None,
        nulls: false,
        position: 0,
    };
    array_text::read(text, json, &mut |item| build.take(item))?;
    let (lengths, nulls) = (build.lengths, build.nulls);
    let dimensions = build.leaf.unwrap_or(0);
    if dimensions > 1 {
        let (old, more) = (out.len(), 8 * (dimensions - 1));
        out.resize(old + more, 0);
        out.copy_within(start + HEAD + 8..old, start + HEAD + 8 + more);
    } else if dimensions == 0 {
        out.truncate(start + HEAD);
    }
    let words = [dimensions as u32, u32::from(nulls), element.oid];
    for (at, word) in words.into_iter().enumerate() {
        out[start + 4 * at..][..4].copy_from_slice(&word.to_be_bytes());
    }
    for (at, length) in lengths.iter().take(dimensions).enumerate() {
        let place = &mut out[start + HEAD + 8 * at..][..8];
        place[..4].copy_from_slice(&length.unwrap_or(0).to_be_bytes());
        place[4..].copy_from_slice(&1u32.to_be_bytes());
    }
    Ok(())
}

/// An array while its items come in.
struct Build<'a> {
    element: &'a PgType,
    cx: &'a Context,
    out: &'a mut Vec<u8>,
    /// How many lists are open.
    depth: usize,
    /// Elements so far of the open lists.
    counts: [u32; DIMENSIONS_MAX],
    /// The length of all lists of a depth, from the first that ended.
    lengths: [Option<u32>; DIMENSIONS_MAX],
    /// The depth at which values stand.
    leaf: Option<usize>,
    nulls: bool,
    /// Elements so far, for the words about them.
    position: usize,
}

impl Build<'_> {
    fn take(&mut self, item: Item<'_>) -> Result<(), Why> {
        match item {
            Item::Open => {
                if self.depth == DIMENSIONS_MAX {
                    return Err(Why::Dimensions { max: DIMENSIONS_MAX });
                }
                if self.leaf.is_some_and(|leaf| self.depth >= leaf) {
                    return Err(Why::Ragged);
                }
                if self.depth > 0 {
                    self.counts[self.depth - 1] += 1;
                }
                self.counts[self.depth] = 0;
                self.depth += 1;
                Ok(())
            }
            Item::Close => {
                self.depth -= 1;
                let count = self.counts[self.depth];
                let inner_empty = count == 0 && self.depth > 0;
                if inner_empty || *self.lengths[self.depth].get_or_insert(count) != count {
                    return Err(Why::Ragged);
                }
                Ok(())
            }
            Item::Null => {
                self.count()?;
                self.nulls = true;
                self.out.extend_from_slice(&(-1i32).to_be_bytes());
                Ok(())
            }
            Item::Text(text) => {
                self.count()?;
                let at = self.out.len();
                self.out.extend_from_slice(&[0; 4]);
                let done = self.element.put(text, self.cx, self.out);
                done.map_err(|why| Why::Element { position: self.position, why: Box::new(why) })?;
                let length = (self.out.len() - at - 4) as u32;
                self.out[at..at + 4].copy_from_slice(&length.to_be_bytes());
                Ok(())
            }
            Item::Object => {
                self.count()?;
                Err(Why::Element { position: self.position, why: Box::new(Why::ObjectElement) })
            }
        }
    }

    /// Counts a value where it stands.
    fn count(&mut self) -> Result<(), Why> {
        if *self.leaf.get_or_insert(self.depth) != self.depth {
            return Err(Why::Ragged);
        }
        self.counts[self.depth - 1] += 1;
        self.position += 1;
        Ok(())
    }
}

/// An array on the wire.
struct Wire<'a> {
    /// Length and lower bound of each dimension.
    dimensions: Vec<(i32, i32)>,
    /// The elements behind their lengths.
    elements: &'a [u8],
}

impl<'a> Wire<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (count, rest) = word(bytes)?;
        let (_nulls, rest) = word(rest)?;
        let (_oid, mut rest) = word(rest)?;
        let count = usize::try_from(count).ok().filter(|count| *count <= DIMENSIONS_MAX).ok_or(MALFORMED)?;
        let mut dimensions = Vec::with_capacity(count);
        for _ in 0..count {
            let (length, behind) = word(rest)?;
            let (lower, behind) = word(behind)?;
            // The server sends no dimension without elements.
            if length < 1 || lower.checked_add(length - 1).is_none() {
                return Err(MALFORMED);
            }
            dimensions.push((length, lower));
            rest = behind;
        }
        Ok(Self { dimensions, elements: rest })
    }

    /// How many elements there should be.
    fn len(&self) -> Result<usize, Malformed> {
        if self.dimensions.is_empty() {
            return Ok(0);
        }
        let product =
            self.dimensions.iter().try_fold(1usize, |n, (length, _)| n.checked_mul(*length as usize));
        // Each element takes four bytes at least.
        product.filter(|n| *n <= self.elements.len() / 4).ok_or(MALFORMED)
    }
}

fn word(bytes: &[u8]) -> Result<(i32, &[u8]), Malformed> {
    let (word, rest) = bytes.split_first_chunk::<4>().ok_or(MALFORMED)?;
    Ok((i32::from_be_bytes(*word), rest))
}

/// Takes an element off the front.
fn element(bytes: &[u8]) -> Result<(Option<&[u8]>, &[u8]), Malformed> {
    match word(bytes)? {
        (-1, rest) => Ok((None, rest)),
        (length, rest) => {
            let length = usize::try_from(length).ok().filter(|n| *n <= rest.len()).ok_or(MALFORMED)?;
            let (element, rest) = rest.split_at(length);
            Ok((Some(element), rest))
        }
    }
}

/// Appends a form that is equal iff the arrays are: dimensions, bounds, and the elements' own canonical
/// forms.
pub(crate) fn canonical(of: &PgType, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let wire = Wire::read(bytes)?;
    out.extend_from_slice(&(wire.dimensions.len() as u32).to_be_bytes());
    for (length, lower) in &wire.dimensions {
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&lower.to_be_bytes());
    }
    let mut rest = wire.elements;
    for _ in 0..wire.len()? {
        let (cell, behind) = element(rest)?;
        rest = behind;
        let at = out.len();
        out.extend_from_slice(&(-1i32).to_be_bytes());
        if let Some(cell) = cell {
            of.canonical(cell, out)?;
            let length = (out.len() - at - 4) as u32;
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(MALFORMED) }
}

/// Appends what `array_out` prints.
pub(crate) fn show(of: &PgType, bytes: &[u8], out: &mut String) -> Result<(), Malformed> {
    use std::fmt::Write;
    let wire = Wire::read(bytes)?;
    let count = wire.len()?;
    if wire.dimensions.is_empty() {
        out.push_str("{}");
    }
    if wire.dimensions.iter().any(|(_, lower)| *lower != 1) {
        for (length, lower) in &wire.dimensions {
            // Writing to a String cannot fail.
            let _ = write!(out, "[{lower}:{}]", lower + (length - 1));
        }
        out.push('=');
    }
    // The number of elements below one place of each dimension, from the last dimension on.
    let mut strides = Vec::with_capacity(wire.dimensions.len());
    let mut stride = 1;
    for (length, _) in wire.dimensions.iter().rev() {
        stride *= *length as usize;
        strides.push(stride);
    }
    let mut rest = wire.elements;
    let mut text = String::new();
    for at in 0..count {
        let begins = strides.iter().filter(|stride| at % **stride == 0).count();
        if at > 0 {
            out.push(',');
        }
        out.extend(std::iter::repeat_n('{', begins));
        let (cell, behind) = element(rest)?;
        rest = behind;
        match cell {
            None => out.push_str("NULL"),
            Some(cell) => {
                text.clear();
                of.print(cell, Style::Output, &mut text)?;
                quote(&text, out);
            }
        }
        let ends = strides.iter().filter(|stride| (at + 1) % **stride == 0).count();
        out.extend(std::iter::repeat_n('}', ends));
    }
    if rest.is_empty() { Ok(()) } else { Err(MALFORMED) }
}

/// Appends an element, in quotes where `array_out` sets them.
fn quote(text: &str, out: &mut String) {
    let special = |b: u8| matches!(b, b'"' | b'\\' | b'{' | b'}' | b',') || array_text::is_space(b);
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.bytes().any(special) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}
