//! Finds the records of a page. Ranges of the two dates, ids and equal values go through indexes; what is
//! left is looked at record by record.

use super::constraint::{Constraint, Test};
use super::query::{Query, Sort};
use super::value::{Scalar, Stored};
use super::visitor::View;
use crate::culturebridge::schema::{CREATED, ID, MODIFIED};
use crate::json;
use crate::rng::Rng;
use crate::schema::{KeyMode, Type};
use crate::table::{Id, Row, Table};
use std::cmp::Ordering;

/// What a search found.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    /// The records of the page.
    pub slots: Vec<u32>,
    /// All records that meet the constraints.
    pub total: u64,
}

/// A search in one table.
pub(super) struct Search<'a> {
    pub table: &'a Table,
    pub kind: &'static Type,
    pub keys: KeyMode,
    pub query: &'a Query,
    pub view: &'a View,
    pub wall: u64,
}

/// The order of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Created,
    Modified,
    Id,
}

/// How an index gives the order that is asked for.
struct Indexed {
    order: Order,
    descending: bool,
    /// Records of the same date come in random order.
    ties: bool,
}

/// Whether indexes alone answer the query, in no time whatever the size of the table.
pub(super) fn is_quick(query: &Query, view: &View) -> bool {
    let Some(indexed) = indexed(&query.sort) else { return false };
    let range = match indexed.order {
        Order::Created => Some(CREATED),
        Order::Modified => Some(MODIFIED),
        Order::Id => None,
    };
    let covered =
        |c: &Constraint| Some(c.field) == range && matches!(c.test, Test::Greater(_) | Test::Less(_));
    view.sees_all() && query.constraints.iter().all(covered)
}

fn indexed(sort: &[Sort]) -> Option<Indexed> {
    let order = |field| match field {
        CREATED => Some(Order::Created),
        MODIFIED => Some(Order::Modified),
        ID => Some(Order::Id),
        _ => None,
    };
    let first = sort.first()?;
    let indexed = |ties| Some(Indexed { order: order(first.field)?, descending: first.descending, ties });
    match sort {
        [first] => indexed(first.field != ID),
        [first, second] if second.field == ID && first.descending == second.descending => indexed(false),
        _ => None,
    }
}

impl Search<'_> {
    pub fn run(&self, rng: &mut Rng) -> Found {
        if is_quick(self.query, self.view)
            && let Some(indexed) = indexed(&self.query.sort)
        {
            return self.quick(&indexed, rng);
        }
        let mut slots = self.candidates();
        slots.retain(|slot| self.is_met(*slot));
        self.sort_and_cut(slots, rng)
    }

    fn quick(&self, indexed: &Indexed, rng: &mut Rng) -> Found {
        let slots = match indexed.order {
            Order::Created => self.range(CREATED),
            Order::Modified => self.range(MODIFIED),
            Order::Id => self.table.by_id(),
        };
        let last = slots.len().wrapping_sub(1);
        let at = |i: usize| slots[if indexed.descending { last - i } else { i }];
        let date = |i: usize| match indexed.order {
            Order::Modified => self.table.row(at(i)).modified,
            _ => self.table.row(at(i)).created,
        };
        let same = |i, j| indexed.ties && date(i) == date(j);
        self.window(slots.len(), at, same, rng)
    }

    /// The part of a date's index that the constraints on that date leave.
    fn range(&self, field: usize) -> &[u32] {
        let (slots, date): (&[u32], fn(&Row) -> i64) = match field {
            MODIFIED => (self.table.by_modified(), |row| row.modified),
            _ => (self.table.by_created(), |row| row.created),
        };
        let date = |slot: &u32| date(self.table.row(*slot));
        let (mut from, mut to) = (0, slots.len());
        for constraint in self.query.constraints.iter().filter(|c| c.field == field) {
            match &constraint.test {
                Test::Greater(Scalar::Date(bound)) => {
                    from = from.max(slots.partition_point(|slot| date(slot) <= *bound));
                }
                Test::Less(Scalar::Date(bound)) => {
                    to = to.min(slots.partition_point(|slot| date(slot) < *bound));
                }
                _ => {}
            }
        }
        &slots[from.min(to)..to]
    }

    /// Few records among which all are that meet the constraints.
    fn candidates(&self) -> Vec<u32> {
        let lists = self.query.constraints.iter().filter_map(|constraint| self.looked_up(constraint));
        if let Some(few) = lists.min_by_key(Vec::len) {
            return few;
        }
        let (created, modified) = (self.range(CREATED), self.range(MODIFIED));
        if modified.len() < created.len() { modified.to_vec() } else { created.to_vec() }
    }

    /// The records that meet `equals` or `in`, by index.
    fn looked_up(&self, constraint: &Constraint) -> Option<Vec<u32>> {
        let one;
        let wanted: &[Scalar] = match &constraint.test {
            Test::Equals(Stored::One(value)) => {
                one = [value.clone()];
                &one
            }
            Test::In(values) => values,
            _ => return None,
        };
        let mut slots: Vec<u32> = if constraint.field == ID {
            let id = |value: &Scalar| match value {
                Scalar::Text(text) => self.table.find(Id::parse(text)?),
                _ => None,
            };
            wanted.iter().filter_map(id).collect()
        } else {
            let hash = |table: &Table, slot| match self.stored(table, slot, constraint.field) {
                Stored::One(value) => Some(value.hash()),
                _ => None,
            };
            let index = self.table.hashes(constraint.field, hash);
            let run = |value: &Scalar| {
                let hash = value.hash();
                let from = index.partition_point(|(other, _)| *other < hash);
                index[from..]
                    .iter()
                    .take_while(move |(other, _)| *other == hash)
                    .map(|(_, slot)| *slot)
                    .collect()
            };
            wanted.iter().map(run).collect::<Vec<Vec<u32>>>().concat()
        };
        slots.sort_unstable();
        slots.dedup();
        Some(slots)
    }

    fn is_met(&self, slot: u32) -> bool {
        let constraints = &self.query.constraints;
        self.view.finds(self.table.json(slot))
            && constraints.iter().all(|c| c.test.met(&self.stored(self.table, slot, c.field)))
    }

    fn stored(&self, table: &Table, slot: u32, field: usize) -> Stored {
        let row = table.row(slot);
        match field {
            ID => Stored::One(Scalar::Text(row.id.to_string())),
            CREATED => Stored::One(Scalar::Date(row.created)),
            MODIFIED => Stored::One(Scalar::Date(row.modified)),
            _ => {
                let field = &self.kind.fields[field];
                let raw = json::pick(table.json(slot), &[field.key(self.keys)]);
                Stored::read(&field.kind, raw[0])
            }
        }
    }

    fn sort_and_cut(&self, slots: Vec<u32>, rng: &mut Rng) -> Found {
        let sort = &self.query.sort;
        let key = |slot| sort.iter().map(|s| self.stored(self.table, slot, s.field)).collect::<Vec<_>>();
        let mut keyed: Vec<(Vec<Stored>, u32)> = slots.into_iter().map(|slot| (key(slot), slot)).collect();
        let compare = |a: &[Stored], b: &[Stored]| {
            let orders = sort.iter().zip(a.iter().zip(b)).map(|(sort, (a, b))| {
                let order = order(a, b);
                if sort.descending { order.reverse() } else { order }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        };
        keyed.sort_by(|a, b| compare(&a.0, &b.0));
        let same = |i: usize, j: usize| compare(&keyed[i].0, &keyed[j].0) == Ordering::Equal;
        self.window(keyed.len(), |i| keyed[i].1, same, rng)
    }

    /// The page out of `len` records in order; records of the same rank are shuffled anew for every request,
    /// so that two pages may show one of them twice and another one never.
    fn window(
        &self,
        len: usize,
        at: impl Fn(usize) -> u32,
        same: impl Fn(usize, usize) -> bool,
        rng: &mut Rng,
    ) -> Found {
        let total = len as u64;
        let from = self.query.cursor.min(self.wall).min(total) as usize;
        let to = self.query.cursor.saturating_add(self.query.limit).min(self.wall).min(total) as usize;
        if from >= to {
            return Found { slots: Vec::new(), total };
        }
        let (mut low, mut high) = (from, to);
        while low > 0 && same(low - 1, low) {
            low -= 1;
        }
        while high < len && same(high - 1, high) {
            high += 1;
        }
        let mut slots: Vec<u32> = (low..high).map(&at).collect();
        let mut start = 0;
        for i in 1..=slots.len() {
            if i == slots.len() || !same(low + i - 1, low + i) {
                rng.shuffle(&mut slots[start..i]);
                start = i;
            }
        }
        Found { slots: slots[from - low..to - low].to_vec(), total }
    }
}

/// Empty values come last.
fn order(a: &Stored, b: &Stored) -> Ordering {
    match (a, b) {
        (Stored::One(a), Stored::One(b)) => a.sort(b),
        (Stored::One(_), _) => Ordering::Less,
        (_, Stored::One(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}
