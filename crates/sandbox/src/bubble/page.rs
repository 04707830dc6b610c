//! The answer to a list request.

use super::query::Query;
use super::search::Found;
use super::visitor::View;
use crate::scenario::{ExcludeRemaining, Paging};
use crate::serve::answer::Answer;
use crate::table::Table;

/// `{"response": {"cursor", "results", "count", "remaining"}}`: `count` is that of the page, `remaining`
/// what comes after it, also behind the wall.
pub(super) fn answer(table: &Table, query: &Query, found: &Found, view: &View, paging: &Paging) -> Answer {
    let size: usize = found.slots.iter().map(|slot| table.json(*slot).len() + 1).sum();
    let mut body = Vec::with_capacity(size + 128);
    body.extend_from_slice(format!("{{\"response\":{{\"cursor\":{},\"results\":[", query.cursor).as_bytes());
    for (i, slot) in found.slots.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        view.write(table.json(*slot), &mut body);
    }
    let count = found.slots.len() as u64;
    body.extend_from_slice(format!("],\"count\":{count}").as_bytes());
    let total =
        if paging.cap_sorted_count && query.sorted { found.total.min(paging.wall) } else { found.total };
    let remaining = match (query.exclude_remaining, paging.exclude_remaining) {
        (false, _) => Some(total.saturating_sub(query.cursor.saturating_add(count)).to_string()),
        (true, ExcludeRemaining::Absent) => None,
        (true, ExcludeRemaining::Zero) => Some("0".to_owned()),
        (true, ExcludeRemaining::Null) => Some("null".to_owned()),
    };
    if let Some(remaining) = remaining {
        body.extend_from_slice(format!(",\"remaining\":{remaining}").as_bytes());
    }
    body.extend_from_slice(b"}}");
    Answer::new(200, "application/json", body)
}
