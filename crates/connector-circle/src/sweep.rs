//! One list, read page by page until its counts agree: decisions without I/O.
//!
//! Pages are numbered, so a record that comes or goes while the list is read shifts all that follow it: one
//! is shown twice, or none at all. A *sweep* reads all pages once. It agrees when every page said the same
//! count and exactly as many distinct records were listed; then each of them was shown. A record that was
//! made since the sweep began takes that back: if the count stood still all the same, another one went and
//! may have moved one past the reader. Otherwise there is another sweep. Two sweeps that end alike without
//! agreeing, or [`SWEEPS_MAX`] of them, end without a proof.

use crate::ids::IdSet;
use crate::shown::Shown;
use crate::wire::Listing;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sweeps over one list: a community that is written to faster than it can be read gets no proof.
pub const SWEEPS_MAX: u32 = 5;

/// Records of one list: their ids are kept in memory and in the checkpoint, about four bytes each there.
pub const LIST_IDS_MAX: u64 = 1_000_000;

/// How far before the beginning of the walk a record may have been changed to be handed on again: five
/// minutes, longer than the service lets a request write.
pub const MARGIN_MS: i64 = 5 * 60 * 1000;

/// What a page breaks of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// It has another number.
    OtherPage,
    /// It is empty, and a page is said to follow.
    EmptyButMore,
    /// It lies behind the last record, shows nothing new, and a page is said to follow.
    Endless,
    /// It holds fewer or more records than the pages before it, again and again.
    OtherSize,
    /// It holds a record of another parent than was asked for.
    OtherParent,
    /// There are more records than can be kept count of.
    TooMany,
}

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The records to hand on.
    pub new: Vec<usize>,
    /// Whether the sweep is over.
    pub over: bool,
}

/// What to do when a sweep is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Read the list again.
    Again,
    /// The list is read.
    Over(Result<(), Unproven>),
}

/// Why it is not proven that a list was shown whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unproven {
    /// The service does not say how many records there are.
    NoCount,
    /// Other records were listed than are counted: listed, counted.
    Count(u64, u64),
    /// Comments are said to have more replies than were shown: shown, said.
    Replies(u64, u64),
    /// The count changed in each sweep.
    Restless,
}

/// The times that matter, milliseconds since 1970 by the service's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Since {
    /// When the walk began; `None`: the service does not say what time it is.
    pub begun: Option<i64>,
}

/// A list that is being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Which sweep it is, from 1.
    pub number: u32,
    /// The page to ask for, from 1.
    pub page: u64,
    /// Records on a page.
    pub per_page: u64,
    /// The count on the first page of the first sweep.
    pub first: Option<u64>,
    /// The count on the latest page.
    pub last: Option<u64>,
    /// Whether all pages of this sweep said the same count.
    steady: bool,
    /// When this sweep began, by the service's clock, which counts whole seconds.
    began: Option<i64>,
    /// Whether this sweep has listed a record that was made since it began.
    late: bool,
    /// Records that this sweep has listed.
    listed: IdSet,
    /// Replies that this sweep has shown inside other comments only.
    #[serde(default, skip_serializing_if = "IdSet::is_empty")]
    nested: IdSet,
    /// Records that earlier sweeps have shown.
    #[serde(default, skip_serializing_if = "IdSet::is_empty")]
    earlier: IdSet,
    replies_said: u64,
    replies_shown: u64,
    /// Sums over the records of this sweep.
    counts: BTreeMap<String, u64>,
    /// Records made since the walk began.
    pub appeared: u64,
    /// Records that this sweep has shown again, changed since the walk began.
    pub changed: u64,
    /// How the sweep before this one ended, if its count stood still.
    before: Option<(u64, u64, u64)>,
}

impl Sweep {
    /// A list that nothing is known of.
    pub fn new(per_page: u64) -> Self {
        Self {
            number: 1,
            page: 1,
            per_page,
            first: None,
            last: None,
            steady: true,
            began: None,
            late: false,
            listed: IdSet::default(),
            nested: IdSet::default(),
            earlier: IdSet::default(),
            replies_said: 0,
            replies_shown: 0,
            counts: BTreeMap::new(),
            appeared: 0,
            changed: 0,
            before: None,
        }
    }

    /// Asks for smaller pages from here on, such that the next one begins where it would have begun. `false`:
    /// there are none.
    pub fn ask_for_less(&mut self) -> bool {
        let Some(smaller) = (1..self.per_page).rev().find(|less| self.per_page.is_multiple_of(*less)) else {
            return false;
        };
        self.page = (self.page - 1) * (self.per_page / smaller) + 1;
        self.per_page = smaller;
        true
    }

    /// Takes a page: the envelope, and what it shows. `elsewhere` are records of other lists of the stream,
    /// which are not handed on again.
    pub fn take(
        &mut self,
        page: &Envelope,
        shown: &[Shown],
        since: Since,
        elsewhere: &IdSet,
    ) -> Result<Taken, Odd> {
        if page.page.is_some_and(|number| number != self.page) {
            return Err(Odd::OtherPage);
        }
        if page.more && shown.is_empty() {
            return Err(Odd::EmptyButMore);
        }
        // The last page may say how many records it really holds, and none holds more than it may.
        let listed_here = shown.iter().filter(|one| !one.nested).count() as u64;
        let is_believed = |n: &u64| *n > 0 && *n >= listed_here && page.more;
        let per_page = page.per_page.filter(is_believed).unwrap_or(self.per_page);
        if per_page != self.per_page && self.page > 1 {
            // The number of this page means another place than it was asked for.
            if self.number >= SWEEPS_MAX {
                return Err(Odd::OtherSize);
            }
            self.per_page = per_page;
            self.begin_again(None);
            return Ok(Taken { new: Vec::new(), over: false });
        }
        self.per_page = per_page;
        if self.page == 1 {
            self.first = self.first.or(page.count);
            self.began = page.date;
        } else {
            self.steady &= self.last == page.count;
        }
        self.last = page.count;
        let listed = self.listed.len();
        let new: Vec<usize> = (0..shown.len()).filter(|n| self.see(&shown[*n], since, elsewhere)).collect();
        if self.listed.len() + self.nested.len() > LIST_IDS_MAX {
            return Err(Odd::TooMany);
        }
        let is_behind = self.page.saturating_mul(self.per_page) >= page.count.unwrap_or(0);
        if page.more && is_behind && self.listed.len() == listed {
            return Err(Odd::Endless);
        }
        self.page += 1;
        Ok(Taken { new, over: !page.more })
    }

    /// Counts a record; whether to hand it on.
    fn see(&mut self, one: &Shown, since: Since, elsewhere: &IdSet) -> bool {
        let was_nested = self.nested.contains(one.id);
        let in_sweep = was_nested || self.listed.contains(one.id);
        let known = in_sweep || self.earlier.contains(one.id);
        let is_newer = |at: Option<i64>, than: Option<i64>| at.zip(than).is_some_and(|(at, than)| at > than);
        if !in_sweep {
            self.replies_said += one.replies;
            self.replies_shown += u64::from(one.is_reply);
            for (name, n) in &one.counts {
                *self.counts.entry((*name).to_owned()).or_default() += n;
            }
        }
        if !known && is_newer(one.created, since.begun) {
            self.appeared += 1;
        } else if known && is_newer(one.updated, since.begun) && !is_newer(one.created, since.begun) {
            self.changed += 1;
        }
        if one.nested && !in_sweep {
            self.nested.insert(one.id);
        } else if !one.nested {
            self.nested.remove(one.id);
            self.listed.insert(one.id);
            self.late |= is_newer(one.created, self.began);
        }
        if elsewhere.contains(one.id) {
            return false;
        }
        // What was shown before is handed on again if it may have changed: the export keeps the newest.
        let mark = since.begun.map(|begun| begun - MARGIN_MS);
        let may_have_changed = one.updated.is_none() || mark.is_none() || one.updated >= mark;
        !known || may_have_changed || (was_nested && !one.nested)
    }

    /// Judges a sweep that is over, and begins the next one if there is to be one.
    pub fn judge(&mut self) -> Verdict {
        let Some(count) = self.last else { return Verdict::Over(Err(Unproven::NoCount)) };
        let (listed, missing) = (self.listed.len(), self.replies_said.saturating_sub(self.replies_shown));
        if self.steady && !self.late && listed == count && missing == 0 {
            return Verdict::Over(Ok(()));
        }
        let ended = (self.steady && !self.late).then_some((listed, count, missing));
        if ended.is_some() && ended == self.before {
            return Verdict::Over(Err(match listed == count {
                true => Unproven::Replies(self.replies_shown, self.replies_said),
                false => Unproven::Count(listed, count),
            }));
        }
        if self.number >= SWEEPS_MAX {
            return Verdict::Over(Err(Unproven::Restless));
        }
        self.begin_again(ended);
        Verdict::Again
    }

    fn begin_again(&mut self, before: Option<(u64, u64, u64)>) {
        let mut next = Self::new(self.per_page);
        next.number = self.number + 1;
        next.first = self.first;
        next.appeared = self.appeared;
        next.earlier = std::mem::take(&mut self.earlier);
        next.earlier.extend(self.listed.iter().chain(self.nested.iter()));
        next.before = before;
        *self = next;
    }

    /// Records that earlier sweeps have shown and this one has not.
    pub fn vanished(&self) -> u64 {
        let is_here = |id: &u64| self.listed.contains(*id) || self.nested.contains(*id);
        self.earlier.iter().filter(|id| !is_here(id)).count() as u64
    }

    /// Replies that were shown inside other comments only, and so are in no count.
    pub fn nested_only(&self) -> u64 {
        self.nested.len()
    }

    /// Records that this sweep has listed and another list of the stream has too.
    pub fn shared_with(&self, elsewhere: &IdSet) -> u64 {
        self.listed.iter().filter(|id| elsewhere.contains(*id)).count() as u64
    }

    /// Sums over the records of this sweep.
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// All records that were shown.
    pub fn into_ids(self) -> IdSet {
        let mut ids = self.listed;
        ids.extend(self.nested.iter().chain(self.earlier.iter()));
        ids
    }
}

/// What a page says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// See [`Listing`].
    pub page: Option<u64>,
    /// See [`Listing`].
    pub per_page: Option<u64>,
    /// See [`Listing`].
    pub more: bool,
    /// See [`Listing`].
    pub count: Option<u64>,
    /// See [`Listing`].
    pub date: Option<i64>,
}

impl From<&Listing> for Envelope {
    fn from(listing: &Listing) -> Self {
        let Listing { page, per_page, more, count, date, .. } = *listing;
        Self { page, per_page, more, count, date }
    }
}

#[cfg(test)]
mod tests;
