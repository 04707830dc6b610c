//! Blocks of a page's body, and how they are cut into requests: level by level, because a request takes two
//! levels, a hundred blocks in a list, a thousand in all and 500 kB, and answers with the ids of the first
//! level only.

use crate::limits::{BLOCKS_MAX, BODY_BYTES_MAX, LIST_MAX};
use serde_json::{Value, json};

/// Bytes of a request that are left for what stands around its blocks.
const AROUND_BYTES: usize = 1_000;

/// A block with what stands below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its kind, a word of the service's: `paragraph`.
    pub kind: String,
    /// What it holds besides children, as the service wants it: `{"rich_text": […]}`.
    pub content: Value,
    /// Blocks below it; of a table its rows.
    pub children: Vec<Block>,
}

impl Block {
    /// A block with nothing below it.
    pub fn leaf(kind: &str, content: Value) -> Self {
        Self { kind: kind.into(), content, children: Vec::new() }
    }

    /// As the service takes it, with the first `inline` of its children.
    fn written(&self, inline: usize) -> Value {
        let mut content = self.content.clone();
        if inline > 0 {
            let children: Value = self.children[..inline].iter().map(|child| child.written(0)).collect();
            content["children"] = children;
        }
        json!({"object": "block", "type": self.kind, self.kind.as_str(): content})
    }

    /// How many of its children go with it: all, where none has children and they are few; of a table those
    /// rows that a request takes, because it is not made without.
    fn inline(&self) -> usize {
        let is_flat = self.children.iter().all(|child| child.children.is_empty());
        match self.children.len() {
            n if n <= LIST_MAX && is_flat => n,
            n if self.kind == "table" && is_flat => n.min(LIST_MAX),
            _ => 0,
        }
    }
}

/// Blocks that go in one request, below one parent.
#[derive(Debug, PartialEq)]
pub struct Request<'a> {
    /// The list of blocks to send.
    pub children: Vec<Value>,
    /// What is to be appended below blocks of the answer: the block's place in it, and its further children.
    pub later: Vec<(usize, &'a [Block])>,
}

/// Cuts the blocks below one parent into requests.
pub fn requests(blocks: &[Block]) -> Vec<Request<'_>> {
    let mut requests: Vec<Request<'_>> = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    for block in blocks {
        let inline = block.inline();
        let value = block.written(inline);
        let size = serde_json::to_string(&value).map_or(BODY_BYTES_MAX, |text| text.len() + 1);
        let is_full = requests.last().is_none_or(|last| {
            last.children.len() == LIST_MAX
                || count + 1 + inline > BLOCKS_MAX
                || bytes + size > BODY_BYTES_MAX - AROUND_BYTES
        });
        if is_full {
            requests.push(Request { children: Vec::new(), later: Vec::new() });
            (count, bytes) = (0, 0);
        }
        let Some(request) = requests.last_mut() else { continue };
        if inline < block.children.len() {
            request.later.push((request.children.len(), &block.children[inline..]));
        }
        request.children.push(value);
        count += 1 + inline;
        bytes += size;
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::exceeded;
    use crate::rich_text;

    fn paragraph(text: &str, children: Vec<Block>) -> Block {
        let content = json!({"rich_text": rich_text::written(text)});
        Block { kind: "paragraph".into(), content, children }
    }

    fn table(rows: usize) -> Block {
        let row = Block::leaf("table_row", json!({"cells": [[]]}));
        Block { kind: "table".into(), content: json!({"table_width": 1}), children: vec![row; rows] }
    }

    /// How many blocks each request holds, and how many wait below which.
    fn cut(blocks: &[Block]) -> Vec<(usize, Vec<(usize, usize)>)> {
        let requests = requests(blocks);
        for request in &requests {
            assert_eq!(exceeded(&json!({"children": request.children})), None);
        }
        let later =
            |request: &Request<'_>| request.later.iter().map(|(at, rest)| (*at, rest.len())).collect();
        requests.iter().map(|request| (request.children.len(), later(request))).collect()
    }

    #[test]
    fn no_request_breaks_any_of_the_five_limits() {
        let leaf = || paragraph("a", vec![]);
        let few = |n| paragraph("b", vec![leaf(); n]);
        let deep = paragraph("c", vec![paragraph("d", vec![leaf()])]);
        let long = paragraph(&"x".repeat(190_000), vec![]);
        for (blocks, expected) in [
            (vec![], vec![]),
            (vec![leaf(); 100], vec![(100, vec![])]),
            (vec![leaf(); 201], vec![(100, vec![]), (100, vec![]), (1, vec![])]),
            (vec![few(100), few(101)], vec![(2, vec![(1, 101)])]),
            (vec![few(99); 11], vec![(10, vec![]), (1, vec![])]),
            (vec![leaf(), deep], vec![(2, vec![(1, 1)])]),
            (vec![long; 5], vec![(2, vec![]), (2, vec![]), (1, vec![])]),
            (vec![table(100)], vec![(1, vec![])]),
            (vec![table(250)], vec![(1, vec![(0, 150)])]),
        ] {
            assert_eq!(cut(&blocks), expected);
        }
    }

    #[test]
    fn a_block_is_written_as_the_service_wants_it() {
        let block = paragraph("a", vec![Block::leaf("divider", json!({}))]);
        let expected = json!({"object": "block", "type": "paragraph", "paragraph": {
            "rich_text": [{"type": "text", "text": {"content": "a"}}],
            "children": [{"object": "block", "type": "divider", "divider": {}}]}});
        assert_eq!(requests(&[block])[0].children, [expected]);
    }
}
