//! What people do to the data between two pages.

use super::running::{Change, ChangeKind};
use crate::culturebridge::{Changes, END, schema};
use crate::rng::Rng;
use crate::scenario::{Drift, Which};
use crate::table::{Id, Table};

/// Tries to find a record by chance, per record wanted: deletion and change are for records that are clean.
const TRIES: u64 = 20;

/// What was served of a type last, and up to where.
#[derive(Debug, Default)]
pub(super) struct Served {
    pub page: Vec<u32>,
    pub newest: Option<(i64, Id)>,
}

impl Served {
    pub fn note(&mut self, table: &Table, slots: &[u32]) {
        self.page = slots.to_vec();
        let newest = slots.iter().map(|slot| (table.row(*slot).created, table.row(*slot).id)).max();
        self.newest = self.newest.max(newest);
    }
}

/// Whether the rule strikes before list number `n`.
pub(super) fn is_due(rule: &Drift, n: u64) -> bool {
    n == rule.before
        || rule.every.is_some_and(|every| n > rule.before && (n - rule.before).is_multiple_of(every))
}

/// Does to the table what the rule says, and tells what it did.
pub(super) fn apply(
    rule: &Drift,
    table: &mut Table,
    kind: usize,
    served: &Served,
    changes: &mut Changes,
    now: i64,
    rng: &mut Rng,
) -> Vec<(ChangeKind, Id)> {
    let mut done = Vec::new();
    let mut chosen = choose(rule, table, served, rng);
    for _ in 0..rule.modify {
        // From the front of the page: what was served longest ago, and is not what goes below.
        if chosen.is_empty() {
            break;
        }
        let slot = chosen.remove(0);
        let newest = table.by_modified().last().map_or(END, |slot| table.row(*slot).modified);
        let at = now.max(newest + 1);
        if let Some(json) = changes.changed(kind, table.json(slot), at) {
            table.replace(slot, at, &json);
            done.push((ChangeKind::Modified, table.row(slot).id));
        }
    }
    for _ in 0..rule.delete {
        // From its end: what was served just now.
        let Some(slot) = chosen.pop() else { break };
        let id = table.row(slot).id;
        table.remove(slot);
        done.push((ChangeKind::Deleted, id));
    }
    for _ in 0..rule.insert {
        let Some(id) = insert(rule, table, kind, changes, now, rng) else { break };
        done.push((ChangeKind::Inserted, id));
    }
    done
}

fn choose(rule: &Drift, table: &Table, served: &Served, rng: &mut Rng) -> Vec<u32> {
    let wanted = rule.modify + rule.delete;
    let fits = |slot: &u32| table.row(*slot).clean && table.find(table.row(*slot).id) == Some(*slot);
    if rule.which == Which::Served {
        return served.page.iter().copied().filter(fits).collect();
    }
    let all = table.by_created();
    let from = match (rule.which, served.newest) {
        (Which::Pending, Some(newest)) => {
            all.partition_point(|slot| (table.row(*slot).created, table.row(*slot).id) <= newest)
        }
        _ => 0,
    };
    let pending = &all[from..];
    let mut chosen: Vec<u32> = Vec::new();
    for _ in 0..wanted * TRIES {
        if pending.is_empty() || chosen.len() as u64 == wanted {
            break;
        }
        let slot = pending[rng.index(pending.len())];
        if fits(&slot) && !chosen.contains(&slot) {
            chosen.push(slot);
        }
    }
    chosen
}

/// A new record, like one that is clean; newer than all, unless the rule wants it in the newest one's
/// millisecond.
fn insert(
    rule: &Drift,
    table: &mut Table,
    kind: usize,
    changes: &mut Changes,
    now: i64,
    rng: &mut Rng,
) -> Option<Id> {
    let all = table.by_created();
    let newest = table.row(*all.last()?).created;
    let template = (0..TRIES).map(|_| all[rng.index(all.len())]).find(|slot| table.row(*slot).clean)?;
    let created = if rule.same_millisecond { newest } else { now.max(newest + 1) };
    let tail = rng.between(100_000_000_000_000_000, 999_999_999_999_999_999);
    let id = Id { ms: created as u64, tail };
    let json = changes.fresh(kind, table.json(template), id)?;
    table.insert(id, created, created, &json);
    Some(id)
}

/// What a rule did, for whoever runs the stand-in.
pub(super) fn told(
    environment: &str,
    kind: usize,
    done: Vec<(ChangeKind, Id)>,
) -> impl Iterator<Item = Change> {
    done.into_iter().map(move |(change, id)| Change {
        environment: environment.to_owned(),
        type_name: schema::TYPES[kind].name,
        id: id.to_string(),
        kind: change,
    })
}
