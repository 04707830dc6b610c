//! Walking in order of (Created Date, `_id`) with nothing but "greater than": decisions without I/O.
//!
//! Offsets drift and end at a wall, so every request begins at cursor 0 with `Created Date greater than B`,
//! where `B` is one millisecond below the last row seen. The rows of that last millisecond come again; they
//! are known by their ids, and that they are still there shows that nothing moved.

use crate::wire::RowKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Ids of one millisecond that a checkpoint lists. Of a larger crowd the checkpoint goes back to before it:
/// those rows are read again, and the export keeps each once.
pub const CHECKPOINT_IDS_MAX: usize = 1_000;

/// Where a walk stands: everything up to the millisecond `floor` was seen, and of the next millisecond these
/// ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// The bound of the next request; `None`: from the beginning.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub floor: Option<i64>,
    /// Ids seen at `floor + 1`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub at: BTreeSet<String>,
}

impl Position {
    /// Whether the walk has been past this row.
    pub fn has_passed(&self, created: i64, id: &str) -> bool {
        self.floor.is_some_and(|floor| created <= floor || (created == floor + 1 && self.at.contains(id)))
    }

    /// Goes on to a row. One that lies before the last is added to what was seen, if that is remembered.
    pub fn pass(&mut self, created: i64, id: &str) {
        match self.floor {
            Some(floor) if created <= floor => {}
            Some(floor) if created == floor + 1 => {
                self.at.insert(id.to_owned());
            }
            _ => {
                self.floor = Some(created - 1);
                self.at = BTreeSet::from([id.to_owned()]);
            }
        }
    }

    /// Everything of the last millisecond was seen.
    pub fn close(&mut self) {
        if let Some(floor) = self.floor.as_mut() {
            *floor += 1;
            self.at.clear();
        }
    }
}

/// What a page breaks of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// It holds a row outside of the range.
    Unconstrained,
    /// A row shows no time of creation, or no time of change where that was asked for.
    NoDate,
    /// The rows are not in order.
    Unsorted,
    /// It is empty, and rows are said to remain.
    EmptyButRemaining,
}

/// How the walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// With the next page.
    More,
    /// Nothing is left.
    Done,
    /// More rows share the last millisecond than a page holds.
    Tied,
}

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its rows that were not seen before.
    pub new: Vec<usize>,
    /// Rows that should have come again and did not: they are gone.
    pub gone: u64,
    /// How to go on.
    pub next: Next,
}

/// Whether a page keeps to what it was asked for: to the position, and to `bound` on the time of change.
pub fn check_rows(rows: &[RowKey], position: &Position, bound: Option<i64>) -> Result<(), Odd> {
    let mut last = i64::MIN;
    for row in rows {
        let created = row.created.ok_or(Odd::NoDate)?;
        if position.floor.is_some_and(|floor| created <= floor) {
            return Err(Odd::Unconstrained);
        }
        // Times are cut to milliseconds, so one just above the bound may look like the bound itself.
        if let Some(bound) = bound
            && row.modified.ok_or(Odd::NoDate)? < bound
        {
            return Err(Odd::Unconstrained);
        }
        if created < last {
            return Err(Odd::Unsorted);
        }
        last = created;
    }
    Ok(())
}

/// Judges the page that was asked for at `position` with `limit`, which says that `remaining` rows follow it.
pub fn judge(
    position: &Position,
    bound: Option<i64>,
    rows: &[RowKey],
    limit: usize,
    remaining: Option<u64>,
) -> Result<Judged, Odd> {
    let is_end = rows.len() < limit && remaining.is_none_or(|left| left == 0);
    check_rows(rows, position, bound)?;
    let again_ms = position.floor.map(|floor| floor + 1);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut came_again = 0;
    let mut new = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        if !seen.insert(row.id.as_str()) {
            continue;
        }
        let known = row.created == again_ms && position.at.contains(&row.id);
        if known {
            came_again += 1;
        } else {
            new.push(n);
        }
    }
    // Only a page that reaches beyond the millisecond shows all of it.
    let reaches_beyond = is_end || rows.last().is_some_and(|row| row.created > again_ms);
    let gone = if reaches_beyond { position.at.len() as u64 - came_again } else { 0 };
    let next = match (new.is_empty(), is_end) {
        (_, true) => Next::Done,
        (false, false) => Next::More,
        (true, false) if rows.is_empty() => return Err(Odd::EmptyButRemaining),
        (true, false) => Next::Tied,
    };
    // Without a count of what remains only a page with nothing new is the end.
    let next = if remaining.is_none() && !new.is_empty() { Next::More } else { next };
    Ok(Judged { new, gone, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<RowKey> {
        let row = |word: &str| {
            let (created, id) = word.split_once(':').expect("created:id");
            RowKey { id: id.into(), created: created.parse().ok(), modified: created.parse().ok() }
        };
        text.split_whitespace().map(row).collect()
    }

    fn position(text: &str) -> Position {
        let mut position = Position::default();
        for row in rows(text) {
            position.pass(row.created.expect("a time"), &row.id);
        }
        position
    }

    /// `new ids | gone | next`, or what is odd.
    fn show(at: &str, page: &str, limit: usize, remaining: Option<u64>) -> String {
        let rows = rows(page);
        match judge(&position(at), None, &rows, limit, remaining) {
            Ok(Judged { new, gone, next }) => {
                let ids: Vec<&str> = new.iter().map(|n| rows[*n].id.as_str()).collect();
                format!("{} | {gone} | {next:?}", ids.join(" "))
            }
            Err(odd) => format!("{odd:?}"),
        }
    }

    #[test]
    fn every_page_is_judged_by_what_it_shows() {
        for (at, page, limit, remaining, expected) in [
            // The first page.
            ("", "5:a 6:b", 2, Some(3), "a b | 0 | More"),
            ("", "5:a 6:b", 3, Some(0), "a b | 0 | Done"),
            ("", "5:a 6:b", 2, Some(0), "a b | 0 | More"),
            ("", "", 2, Some(0), " | 0 | Done"),
            ("", "", 2, Some(7), "EmptyButRemaining"),
            ("", "", 2, None, " | 0 | Done"),
            // The last row comes again.
            ("5:a 6:b", "6:b 7:c", 2, Some(1), "c | 0 | More"),
            ("5:a 6:b", "6:b", 2, Some(0), " | 0 | Done"),
            ("5:a 6:b", "6:b 7:c", 3, Some(0), "c | 0 | Done"),
            ("5:a 6:b", "6:b 7:c", 3, None, "c | 0 | More"),
            // A row in the same millisecond that was not there before.
            ("6:b", "6:a 6:b 6:c", 3, Some(1), "a c | 0 | More"),
            // The last row is gone.
            ("5:a 6:b", "7:c 8:d", 2, Some(1), "c d | 1 | More"),
            ("6:a 6:b", "6:b 7:c", 2, Some(1), "c | 1 | More"),
            ("6:b", "", 2, Some(0), " | 1 | Done"),
            // Whether it is gone cannot be seen yet.
            ("6:b", "6:c 6:d", 2, Some(1), "c d | 0 | More"),
            // More rows in one millisecond than a page holds.
            ("6:a 6:b", "6:a 6:b", 2, Some(4), " | 0 | Tied"),
            ("6:a 6:b", "6:a 6:b", 2, Some(0), " | 0 | Tied"),
            // The service shows fewer rows than it was asked for.
            ("6:a", "6:a 7:b", 5, Some(9), "b | 0 | More"),
            ("6:a", "", 5, Some(9), "EmptyButRemaining"),
            // The same row twice on a page.
            ("", "5:a 5:a 6:b", 5, Some(0), "a b | 0 | Done"),
            // Not what was asked for.
            ("6:a", "5:z 6:a", 5, Some(0), "Unconstrained"),
            ("6:a", "6:a 8:c 7:b", 5, Some(0), "Unsorted"),
            ("", "5:a x:b", 2, Some(9), "NoDate"),
            ("", "5:a x:b", 3, Some(0), "NoDate"),
            ("5:a", "x:b", 3, Some(0), "NoDate"),
        ] {
            assert_eq!(
                show(at, page, limit, remaining),
                expected,
                "at [{at}] page [{page}] of {limit}, {remaining:?}"
            );
        }
    }

    #[test]
    fn a_bound_on_changes_is_checked_on_every_row() {
        let row = |modified| RowKey { id: "a".into(), created: Some(5), modified };
        for (modified, expected) in [
            (Some(10), Ok(())),
            (Some(11), Ok(())),
            (Some(9), Err(Odd::Unconstrained)),
            (None, Err(Odd::NoDate)),
        ] {
            assert_eq!(check_rows(&[row(modified)], &Position::default(), Some(10)), expected);
        }
    }

    #[test]
    fn a_position_knows_what_it_has_passed() {
        let mut at = position("5:a 6:b 6:c");
        for (created, id, passed) in
            [(5, "a", true), (5, "new", true), (6, "b", true), (6, "d", false), (7, "a", false)]
        {
            assert_eq!(at.has_passed(created, id), passed, "{created}:{id}");
        }
        at.close();
        assert!(at.has_passed(6, "d") && !at.has_passed(7, "a"));
        assert!(!Position::default().has_passed(0, "a"));
        let text = serde_json::to_string(&at).expect("JSON");
        assert_eq!(serde_json::from_str::<Position>(&text).expect("a position"), at);
    }
}
