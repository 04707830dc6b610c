//! Pages: a required `limit`, opaque cursors, and what of a page may be null.
//!
//! A cursor holds the place of a node in the order of its list, not a number: nodes that come and go in
//! between neither hide others nor show them twice. A cursor of another list is refused.

use super::args::Args;
use super::engine::Node;
use crate::bettermode::refusal::Refusal;
use crate::bettermode::scenario::{Beyond, Paging};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a list is ordered by; ids break ties.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum SortKey {
    Number(f64),
    Text(String),
}

impl SortKey {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (SortKey::Number(a), SortKey::Number(b)) => a.total_cmp(b),
            (SortKey::Text(a), SortKey::Text(b)) => a.cmp(b),
            (SortKey::Number(_), SortKey::Text(_)) => Ordering::Less,
            (SortKey::Text(_), SortKey::Number(_)) => Ordering::Greater,
        }
    }
}

/// Which page of which list.
pub(crate) struct PageRequest {
    list: u64,
    limit: usize,
    after: Option<Place>,
    before: Option<Place>,
    offset: usize,
    reverse: bool,
}

type Place = (SortKey, String);

/// A page of nodes, each with its cursor.
#[derive(Debug)]
pub(crate) struct Page {
    pub entries: Vec<(Node, String)>,
    pub has_next: bool,
    pub total: usize,
}

/// How many nodes a page may have.
pub(crate) fn limit(args: &Args, paging: &Paging) -> Result<usize, Refusal> {
    let most = paging.limit_max;
    let limit: i64 = args.need("limit")?;
    match u64::try_from(limit).ok().filter(|limit| *limit > 0) {
        None => Err(Refusal::invalid("limit", "limit must be at least 1")),
        Some(limit) if limit > most && paging.beyond == Beyond::Refused => {
            Err(Refusal::invalid("limit", format!("limit must be at most {most}")))
        }
        Some(limit) => Ok(limit.min(most) as usize),
    }
}

impl PageRequest {
    /// The request of a field; `list` names the list that it is a page of.
    pub fn new(args: &Args, paging: &Paging, list: &str) -> Result<Self, Refusal> {
        let mut hasher = DefaultHasher::new();
        (list, args.identity()).hash(&mut hasher);
        let list = hasher.finish();
        let limit = limit(args, paging)?;
        let offset = usize::try_from(args.get::<i64>("offset")?.unwrap_or(0))
            .map_err(|_| Refusal::invalid("offset", "offset must be at least 0"))?;
        let cursor = |name: &str| -> Result<Option<Place>, Refusal> {
            let text: Option<String> = args.get(name)?;
            text.map(|text| {
                place(list, &text).ok_or_else(|| Refusal::invalid(name, "The cursor is not valid"))
            })
            .transpose()
        };
        let (after, before) = (cursor("after")?, cursor("before")?);
        if after.is_some() && before.is_some() {
            return Err(Refusal::invalid("before", "after and before exclude each other"));
        }
        Ok(Self { list, limit, after, before, offset, reverse: args.flag("reverse") })
    }

    /// The page of those entries, which are in any order.
    pub fn of(&self, mut entries: Vec<(SortKey, String)>, node: impl Fn(String) -> Node) -> Page {
        let order = |a: &Place, b: &Place| {
            let order = a.0.order(&b.0).then_with(|| a.1.cmp(&b.1));
            if self.reverse { order.reverse() } else { order }
        };
        entries.sort_by(order);
        let total = entries.len();
        let from =
            self.after.as_ref().map_or(0, |after| entries.partition_point(|e| order(e, after).is_le()));
        let to = self.before.as_ref().map_or(total, |b| entries.partition_point(|e| order(e, b).is_lt()));
        // Backwards, the page is the last one before the cursor.
        let start = match self.before {
            Some(_) => to.saturating_sub(self.limit.saturating_add(self.offset)),
            None => from.saturating_add(self.offset).min(total),
        };
        let end = match self.before {
            Some(_) => to.saturating_sub(self.offset),
            None => start.saturating_add(self.limit).min(to),
        };
        let has_next = if self.before.is_some() { start > 0 } else { end < to };
        let page = entries.drain(start..end.max(start));
        let entries = page.map(|(key, id)| (node(id.clone()), cursor(self.list, &key, &id))).collect();
        Page { entries, has_next, total }
    }
}

fn cursor(list: u64, key: &SortKey, id: &str) -> String {
    let text = serde_json::to_string(&(list, key, id)).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(text)
}

fn place(list: u64, text: &str) -> Option<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (of, key, id): (u64, SortKey, String) = serde_json::from_slice(&bytes).ok()?;
    (of == list).then_some((key, id))
}
