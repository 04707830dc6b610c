//! What a whole walk has counted, and what that proves. Its state is the checkpoint.

mod words;

pub(crate) use words::counted;

use crate::ids::IdSet;
use crate::streams::{List, Lists, Spec};
use crate::sweep::{Since, Sweep, Unproven};
use connect::Completeness;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of a checkpoint's form.
const FORM: u32 = 1;

/// Lists that remarks name; all are counted.
const NAMED_MAX: usize = 20;

/// Times that parents are listed again because new ones came.
pub const LISTINGS_MAX: u32 = 4;

/// A list that did not end with a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Doubt {
    /// The id of the parent whose list it is.
    parent: Option<String>,
    why: Why,
}

/// Why it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// The counts.
    Unproven(Unproven),
    /// The service refuses the list, with this status.
    Refused(u16),
}

/// A parent that was said not to be there when its list was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Gone {
    parent: String,
    /// Records of its list that were handed on before.
    records: u64,
}

/// A walk, as kept in its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    form: u32,
    stream: String,
    /// When the walk began, by the service's clock.
    pub since: Since,
    /// The ids of the parents, as far as they were listed; `None`: not yet, or the stream has none.
    parents: Option<Vec<String>>,
    /// How often the parents were listed.
    listings: u32,
    /// Whether every listing of the parents was proven.
    parents_proven: bool,
    /// Which list is being read.
    at: usize,
    /// How far that is.
    pub sweep: Sweep,
    /// Records per page that were wanted.
    per_page: u64,
    /// Records of lists that are read, of a stream without parents.
    #[serde(default, skip_serializing_if = "IdSet::is_empty")]
    pub kept: IdSet,
    /// The service refused what was asked for without being sure that it takes it.
    pub bare: bool,
    gone: Vec<Gone>,
    doubts: Vec<Doubt>,
    doubts_more: u64,
    refused: u64,
    before: Option<u64>,
    after: Option<u64>,
    appeared: u64,
    changed: u64,
    vanished: u64,
    swept_again: u64,
    counts: BTreeMap<String, u64>,
    /// Posts that spaces name and the list of posts does not have; `None`: not looked yet.
    unlisted: Option<u64>,
}

impl Tally {
    /// A walk that begins.
    pub fn new(spec: &Spec, per_page: u64) -> Self {
        Self {
            form: FORM,
            stream: spec.name.to_owned(),
            since: Since::default(),
            parents: None,
            listings: 0,
            parents_proven: true,
            at: 0,
            sweep: Sweep::new(per_page),
            per_page,
            kept: IdSet::default(),
            bare: false,
            gone: Vec::new(),
            doubts: Vec::new(),
            doubts_more: 0,
            refused: 0,
            before: Some(0),
            after: Some(0),
            appeared: 0,
            changed: 0,
            vanished: 0,
            swept_again: 0,
            counts: BTreeMap::new(),
            unlisted: None,
        }
    }

    /// A walk from its checkpoint; `None`: it is not one of ours, or of another stream.
    pub fn resume(spec: &Spec, checkpoint: serde_json::Value) -> Option<Self> {
        let tally: Self = serde_json::from_value(checkpoint).ok()?;
        (tally.form == FORM && tally.stream == spec.name).then_some(tally)
    }

    /// The checkpoint.
    pub fn checkpoint(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Takes the parents as they are now, in the service's order: new ones come behind those that are known,
    /// and one that was said to be gone and is listed was refused. How many are new.
    pub fn list_parents(&mut self, now: Vec<String>, proven: bool) -> usize {
        let (listed, gone) = std::mem::take(&mut self.gone)
            .into_iter()
            .partition::<Vec<Gone>, _>(|gone| now.contains(&gone.parent));
        self.gone = gone;
        for Gone { parent, .. } in listed {
            self.refused += 1;
            self.doubt(Some(parent), Why::Refused(404));
        }
        let known = self.parents.get_or_insert_default();
        let before = known.len();
        let seen: std::collections::HashSet<String> = known.iter().cloned().collect();
        known.extend(now.into_iter().filter(|id| !seen.contains(id)));
        self.listings += 1;
        self.parents_proven &= proven;
        known.len() - before
    }

    /// Whether the parents were listed.
    pub fn knows_parents(&self) -> bool {
        self.parents.is_some()
    }

    /// Whether the parents may be listed once more; if not, there may be more of them.
    pub fn may_list_parents(&mut self) -> bool {
        let may = self.listings < LISTINGS_MAX;
        self.parents_proven &= may;
        may
    }

    /// How many lists are known.
    fn lists(&self, spec: &Spec) -> usize {
        match spec.lists {
            Lists::One => 1,
            Lists::WithArchived => 2,
            Lists::PerParent(_) => self.parents.as_ref().map_or(0, Vec::len),
        }
    }

    /// The list that is being read; `None`: all that are known are read.
    pub fn list(&self, spec: &Spec) -> Option<List> {
        let parent = self.parents.as_ref().and_then(|parents| parents.get(self.at)).cloned();
        (self.at < self.lists(spec)).then_some(List { at: self.at, parent })
    }

    /// The list ends as `how`; the next one begins.
    pub fn close(&mut self, spec: &Spec, how: Result<(), Unproven>) {
        let parent = self.list(spec).and_then(|list| list.parent);
        let sweep = self.next_list();
        // What another list of the stream has shown is no other record.
        let (inside, elsewhere) = (sweep.nested_only(), sweep.shared_with(&self.kept));
        let add = |sum: Option<u64>, n: Option<u64>| Some(sum? + (n? + inside).saturating_sub(elsewhere));
        self.before = add(self.before, sweep.first);
        self.after = add(self.after, sweep.last);
        self.appeared += sweep.appeared;
        self.changed += sweep.changed;
        self.swept_again += u64::from(sweep.number > 1);
        for (name, n) in sweep.counts() {
            *self.counts.entry(name.clone()).or_default() += n;
        }
        match how {
            Ok(()) => self.vanished += sweep.vanished(),
            Err(why) => self.doubt(parent, Why::Unproven(why)),
        }
        if spec.parent().is_none() {
            self.kept.extend(sweep.into_ids().iter());
        }
    }

    /// The list cannot be read: the service refuses it with `status`; the next one begins.
    pub fn refuse(&mut self, spec: &Spec, status: u16) {
        let parent = self.list(spec).and_then(|list| list.parent);
        self.refused += 1;
        self.doubt(parent, Why::Refused(status));
        self.next_list();
    }

    /// The list's parent is gone; the next one begins.
    pub fn lose_parent(&mut self, spec: &Spec) {
        let parent = self.list(spec).and_then(|list| list.parent);
        let records = self.next_list().into_ids().len();
        self.gone.extend(parent.map(|parent| Gone { parent, records }));
    }

    fn next_list(&mut self) -> Sweep {
        self.at += 1;
        std::mem::replace(&mut self.sweep, Sweep::new(self.per_page))
    }

    fn doubt(&mut self, parent: Option<String>, why: Why) {
        if self.doubts.len() < NAMED_MAX {
            self.doubts.push(Doubt { parent, why });
        } else {
            self.doubts_more += 1;
        }
    }

    /// Whether every single list was refused, so that nothing is known of the stream; the first status.
    pub fn all_refused(&self) -> Option<u16> {
        let all = self.refused > 0 && self.refused == self.at as u64;
        self.doubts.first().filter(|_| all).and_then(|doubt| match doubt.why {
            Why::Refused(status) => Some(status),
            Why::Unproven(_) => None,
        })
    }

    /// Whether posts were compared with those that spaces name.
    pub fn is_compared(&self) -> bool {
        self.unlisted.is_some()
    }

    /// Takes the ids of posts that spaces name.
    pub fn compare_posts(&mut self, named: impl IntoIterator<Item = u64>) {
        let missing: IdSet = named.into_iter().filter(|id| !self.kept.contains(*id)).collect();
        self.unlisted = Some(missing.len());
        self.counts.insert(UNLISTED.to_owned(), missing.len());
    }

    /// Sums over all records, by name.
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// What the walk proves.
    pub fn completeness(&self, spec: &Spec) -> Completeness {
        Completeness {
            declared_before: self.before,
            declared_after: self.after,
            appeared: self.appeared,
            changed: self.changed,
            // What was handed on of a parent's list is gone with the parent.
            vanished: self.vanished + self.gone.iter().map(|gone| gone.records).sum::<u64>(),
            complete: self.doubts.is_empty() && self.parents_proven && !self.bare,
            remarks: words::remarks(self, spec),
        }
    }
}

/// The stream of posts.
pub const POSTS: &str = "posts";

/// The count of posts that spaces name and the list does not have.
pub const UNLISTED: &str = "unlisted_posts";

#[cfg(test)]
mod tests;
