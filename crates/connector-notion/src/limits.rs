//! What the service takes at most in one request, looked at before anything is sent.

use serde_json::Value;
use std::fmt;

/// Characters of one piece of text, as UTF-16 units: whether the service counts those or code points is not
/// documented, and there are never fewer of them.
pub const TEXT_UNITS_MAX: usize = 2_000;
/// Characters of an address.
pub const URL_UNITS_MAX: usize = 2_000;
/// Characters of an equation.
pub const EQUATION_UNITS_MAX: usize = 1_000;
/// Characters of an e-mail address or a phone number.
pub const CONTACT_UNITS_MAX: usize = 200;
/// Elements of a list: rich text, options, people, relations, children.
pub const LIST_MAX: usize = 100;
/// Levels of children below the blocks of a request.
pub const NESTING_MAX: usize = 2;
/// Blocks of one request, on all levels.
pub const BLOCKS_MAX: usize = 1_000;
/// Bytes of one request.
pub const BODY_BYTES_MAX: usize = 500_000;
/// Entries of one page of a list.
pub const PAGE_MAX: usize = 100;

/// Something that is larger than the service takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Where it stands in the request: `properties.abc.email`; empty: the request as a whole.
    pub path: String,
    /// How large it is.
    pub found: usize,
    /// How large it may be.
    pub max: usize,
    /// Of what: `characters`.
    pub unit: &'static str,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the request" } else { &self.path };
        write!(f, "{path} has {} {}, and Notion takes {}", self.found, self.unit, self.max)
    }
}

/// The first thing in a request that is too large.
pub fn exceeded(body: &Value) -> Option<Exceeded> {
    let mut walk = Walk { path: Vec::new(), blocks: 0 };
    if let Err(found) = walk.value("", body, 0) {
        return Some(found);
    }
    let whole = |found: usize, max: usize, unit| {
        (found > max).then(|| Exceeded { path: String::new(), found, max, unit })
    };
    let bytes = serde_json::to_string(body).map_or(usize::MAX, |text| text.len());
    whole(walk.blocks, BLOCKS_MAX, "blocks").or_else(|| whole(bytes, BODY_BYTES_MAX, "bytes"))
}

/// Length as the service may count it.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

struct Walk<'a> {
    path: Vec<&'a str>,
    blocks: usize,
}

impl<'a> Walk<'a> {
    /// A value under `key`, `level` levels of children below the request's own blocks.
    fn value(&mut self, key: &'a str, value: &'a Value, level: usize) -> Result<(), Exceeded> {
        match value {
            Value::String(text) => self.within(units(text), text_max(key), "characters"),
            Value::Array(items) => {
                self.within(items.len(), list_max(key), "elements")?;
                let below = if key == "children" { level + 1 } else { level };
                if key == "children" {
                    self.blocks += items.len();
                    // The request's own list of blocks is no level of children.
                    self.within(below.saturating_sub(1), Some(NESTING_MAX), "levels")?;
                }
                items.iter().try_for_each(|item| self.value(key, item, below))
            }
            Value::Object(fields) => fields.iter().try_for_each(|(name, inner)| {
                self.path.push(name);
                self.value(name, inner, level)?;
                self.path.pop();
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    fn within(&self, found: usize, max: Option<usize>, unit: &'static str) -> Result<(), Exceeded> {
        match max {
            Some(max) if found > max => Err(Exceeded { path: self.path.join("."), found, max, unit }),
            _ => Ok(()),
        }
    }
}

fn text_max(key: &str) -> Option<usize> {
    Some(match key {
        "content" => TEXT_UNITS_MAX,
        "url" => URL_UNITS_MAX,
        "expression" => EQUATION_UNITS_MAX,
        "email" | "phone_number" => CONTACT_UNITS_MAX,
        _ => return None,
    })
}

fn list_max(key: &str) -> Option<usize> {
    let limited =
        ["rich_text", "title", "caption", "cells", "multi_select", "relation", "people", "children"];
    limited.contains(&key).then_some(LIST_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn nested(levels: usize) -> Value {
        let leaf = json!({"type": "quote", "quote": {"rich_text": []}});
        (1..levels).fold(leaf, |below, _| json!({"type": "quote", "quote": {"children": [below]}}))
    }

    #[test]
    fn each_limit_is_kept_to_its_last_unit() {
        let text =
            |n: usize| json!({"properties": {"p": {"rich_text": [{"text": {"content": "a".repeat(n)}}]}}});
        let email = |n: usize| json!({"properties": {"p": {"email": "a".repeat(n)}}});
        let list = |n: usize| json!({"properties": {"p": {"multi_select": vec![json!({"name": "a"}); n]}}});
        let children = |n: usize| json!({"children": vec![json!({"type": "divider", "divider": {}}); n]});
        let depth = |n: usize| json!({"children": [nested(n)]});
        let row = json!({"cells": [vec![json!({}); 101]]});
        let blocks = |n: usize| {
            let ten = json!({"type": "quote", "quote": {"children": vec![json!({"type": "divider"}); n]}});
            json!({"children": vec![ten; 100]})
        };
        let bytes = |n: usize| {
            let long = json!({"text": {"content": "a".repeat(2_000)}});
            json!({"a": {"rich_text": vec![long.clone(); 100]}, "b": {"title": vec![long.clone(); 100]},
                "c": {"caption": vec![long; n]}})
        };
        for (body, expected) in [
            (text(2_000), None),
            (text(2_001), Some(("properties.p.rich_text.text.content", 2_001, 2_000, "characters"))),
            (
                json!({"text": {"content": "😀".repeat(1_001)}}),
                Some(("text.content", 2_002, 2_000, "characters")),
            ),
            (json!({"link": {"url": "u".repeat(2_001)}}), Some(("link.url", 2_001, 2_000, "characters"))),
            (
                json!({"equation": {"expression": "x".repeat(1_001)}}),
                Some(("equation.expression", 1_001, 1_000, "characters")),
            ),
            (email(200), None),
            (email(201), Some(("properties.p.email", 201, 200, "characters"))),
            (json!({"phone_number": "1".repeat(201)}), Some(("phone_number", 201, 200, "characters"))),
            (list(100), None),
            (list(101), Some(("properties.p.multi_select", 101, 100, "elements"))),
            (children(100), None),
            (children(101), Some(("children", 101, 100, "elements"))),
            (row, Some(("cells", 101, 100, "elements"))),
            (depth(3), None),
            (depth(4), Some(("children.quote.children.quote.children.quote.children", 3, 2, "levels"))),
            (blocks(9), None),
            (blocks(10), Some(("", 1_100, 1_000, "blocks"))),
            (bytes(40), None),
            (bytes(50), Some(("", 0, 500_000, "bytes"))),
            (json!({"properties": {"Name": {"rich_text": {}}}}), None),
        ] {
            let found = exceeded(&body);
            let shown = found.as_ref().map(|e| (e.path.as_str(), e.found, e.max, e.unit));
            match expected {
                Some((path, 0, max, unit)) => {
                    let (p, found, m, u) = shown.expect("too large");
                    assert!((p, m, u) == (path, max, unit) && found > max, "{shown:?}");
                }
                other => assert_eq!(shown, other),
            }
        }
    }
}
