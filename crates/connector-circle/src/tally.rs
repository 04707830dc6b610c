//! What a whole walk has counted, and what that proves. Its state is the checkpoint.

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
        let add = |sum: Option<u64>, count: Option<u64>| Some(sum? + count? + sweep.nested_only());
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
        let mut remarks = Vec::new();
        if self.swept_again > 0 {
            remarks.push(match spec.parent() {
                None => "the counts did not agree at first, so all was read again".to_owned(),
                Some(_) => format!(
                    "the counts of {} did not agree at first, so they were read again",
                    counted(self.swept_again, "list")
                ),
            });
        }
        remarks.extend(self.doubts.iter().map(|doubt| doubt.words(spec)));
        if self.doubts_more > 0 {
            remarks.push(format!("{} more are not proven either", counted(self.doubts_more, "list")));
        }
        if !self.parents_proven {
            let parents = spec.parent().map_or("parents", |parent| parent.stream);
            remarks.push(format!("the {parents} themselves could not be proven to be all"));
        }
        if self.bare {
            let names: Vec<&str> = spec.unsure.iter().map(|(name, _)| *name).collect();
            remarks.push(format!(
                "Circle refused the condition {}, so what it hides by default is not here",
                names.join(", ")
            ));
        }
        if !self.gone.is_empty() {
            let parents = spec.parent().map_or("parents", |parent| parent.stream);
            remarks.push(format!("{} of the {parents} went meanwhile", self.gone.len()));
        }
        if spec.name == POSTS && self.unlisted.is_none() {
            remarks.push(
                "Circle does not list the spaces, so nothing says which posts the list leaves out".into(),
            );
        }
        if let Some(n) = self.unlisted.filter(|n| *n > 0) {
            remarks.push(format!(
                "spaces name {} that the list of posts does not have (image posts, as far as is known): not \
                 portable",
                counted(n, "post")
            ));
        }
        if let Some(likes) = self.counts.get("likes").filter(|likes| **likes > 0) {
            remarks.push(format!("likes: {likes} are counted, and Circle does not say whose: not portable"));
        }
        Completeness {
            declared_before: self.before,
            declared_after: self.after,
            appeared: self.appeared,
            changed: self.changed,
            // What was handed on of a parent's list is gone with the parent.
            vanished: self.vanished + self.gone.iter().map(|gone| gone.records).sum::<u64>(),
            complete: self.doubts.is_empty() && self.parents_proven && !self.bare,
            remarks,
        }
    }
}

/// The stream of posts.
pub const POSTS: &str = "posts";

/// The count of posts that spaces name and the list does not have.
pub const UNLISTED: &str = "unlisted_posts";

impl Doubt {
    fn words(&self, spec: &Spec) -> String {
        let place = match (&self.parent, spec.parent()) {
            (Some(id), Some(parent)) => format!("{} {id}: ", parent.column.trim_end_matches("_id")),
            _ => String::new(),
        };
        let again = "export again when the community is at rest";
        let words = match self.why {
            Why::Unproven(Unproven::NoCount) => "Circle does not say how many records there are".to_owned(),
            Why::Unproven(Unproven::Count(listed, count)) => {
                format!("{listed} records were shown, and Circle says that there are {count}; {again}")
            }
            Why::Unproven(Unproven::Replies(shown, said)) => {
                format!("{shown} replies were shown, and the comments say that they have {said}; {again}")
            }
            Why::Unproven(Unproven::Restless) => format!("records came and went all the time; {again}"),
            Why::Refused(status) => format!("Circle refused the list ({status})"),
        };
        place + &words
    }
}

/// A number and its thing.
pub(crate) fn counted(n: u64, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::List;

    fn spec(name: &str) -> &'static Spec {
        Spec::named(name).expect("a stream")
    }

    /// What happens to lists, one after the other.
    #[derive(Clone, Copy)]
    enum Ends {
        /// The list is read, after so many sweeps, with these counts before and after.
        Proven(u32, u64, u64),
        /// It is not proven.
        Doubtful(Unproven),
        Refused(u16),
        Gone,
    }

    fn walk(stream: &str, parents: &[&str], ends: &[Ends]) -> Tally {
        let spec = spec(stream);
        let mut tally = Tally::new(spec, 10);
        if spec.parent().is_some() {
            assert!(!tally.knows_parents());
            let parents: Vec<String> = parents.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(tally.list_parents(parents.clone(), true), parents.len());
        }
        for end in ends {
            // What a checkpoint keeps is all that a walk needs.
            tally = Tally::resume(spec, tally.checkpoint()).expect("a checkpoint");
            match *end {
                Ends::Proven(sweeps, before, after) => {
                    (tally.sweep.number, tally.sweep.first, tally.sweep.last) =
                        (sweeps, Some(before), Some(after));
                    tally.close(spec, Ok(()));
                }
                Ends::Doubtful(why) => tally.close(spec, Err(why)),
                Ends::Refused(status) => tally.refuse(spec, status),
                Ends::Gone => tally.lose_parent(spec),
            }
        }
        assert_eq!(tally.list(spec), None, "all lists are read");
        tally
    }

    #[test]
    fn a_walk_proves_what_its_lists_prove() {
        use Ends::{Doubtful, Gone, Proven, Refused};
        for (stream, parents, ends, proof, remark) in [
            ("topics", &[][..], &[Proven(1, 3, 3)][..], (true, Some(3), Some(3)), ""),
            ("topics", &[], &[Proven(2, 3, 4)], (true, Some(3), Some(4)), "all was read again"),
            ("topics", &[], &[Doubtful(Unproven::NoCount)], (false, None, None), "does not say how many"),
            ("topics", &[], &[Doubtful(Unproven::Count(2, 3))], (false, None, None), "2 records were shown"),
            ("profile_fields", &[], &[Proven(1, 3, 3), Proven(1, 2, 2)], (true, Some(5), Some(5)), ""),
            ("comments", &[], &[], (true, Some(0), Some(0)), ""),
            (
                "comments",
                &["4", "5"],
                &[Proven(1, 3, 3), Proven(3, 1, 2)],
                (true, Some(4), Some(5)),
                "of 1 list did",
            ),
            (
                "comments",
                &["4", "5"],
                &[Proven(1, 3, 3), Doubtful(Unproven::Restless)],
                (false, None, None),
                "space 5: records came and went all the time",
            ),
            (
                "comments",
                &["4", "5"],
                &[Proven(1, 3, 3), Gone],
                (true, Some(3), Some(3)),
                "1 of the spaces went",
            ),
            (
                "comments",
                &["4", "5"],
                &[Proven(1, 3, 3), Refused(422)],
                (false, Some(3), Some(3)),
                "space 5: Circle refused the list (422)",
            ),
        ] {
            let outcome = walk(stream, parents, ends).completeness(spec(stream));
            let shown = (outcome.complete, outcome.declared_before, outcome.declared_after);
            assert_eq!(shown, proof, "{stream}: {outcome:?}");
            assert_eq!(outcome.remarks.is_empty(), remark.is_empty(), "{stream}: {outcome:?}");
            assert!(outcome.remarks.join("; ").contains(remark), "{stream}: {outcome:?}");
        }
    }

    #[test]
    fn of_many_doubts_some_are_named_and_all_are_counted() {
        let parents: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        let tally = walk("comments", &parents, &[Ends::Refused(400); 50]);
        let remarks = tally.completeness(spec("comments")).remarks;
        assert_eq!(remarks.len(), NAMED_MAX + 1);
        assert_eq!(remarks.last().map(String::as_str), Some("30 lists more are not proven either"));
        assert_eq!(tally.all_refused(), Some(400));
        assert_eq!(walk("comments", &["4"], &[Ends::Proven(1, 0, 0)]).all_refused(), None);
    }

    #[test]
    fn parents_that_come_are_read_too_as_long_as_it_makes_sense() {
        let comments = spec("comments");
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let mut tally = Tally::new(comments, 10);
        assert_eq!(tally.list_parents(ids(&["4", "5"]), true), 2);
        assert_eq!(tally.list(comments), Some(List::of("4")));
        tally.lose_parent(comments);
        assert_eq!(tally.list_parents(ids(&["5", "6"]), true), 1);
        assert!(tally.completeness(comments).complete, "what is gone is not missing");
        assert_eq!(tally.list_parents(ids(&["4", "5", "6"]), true), 0);
        let outcome = tally.completeness(comments);
        assert_eq!(
            (outcome.complete, outcome.remarks),
            (false, vec!["space 4: Circle refused the list (404)".into()])
        );
        for _ in 3..LISTINGS_MAX {
            assert!(tally.may_list_parents());
            tally.list_parents(ids(&["6"]), true);
        }
        assert!(!tally.may_list_parents() && !tally.completeness(comments).complete);
        let mut tally = Tally::new(comments, 10);
        tally.list_parents(ids(&["4"]), false);
        assert!(!tally.completeness(comments).complete, "the parents are not proven");
    }

    #[test]
    fn posts_that_only_spaces_name_are_counted() {
        let posts = spec("posts");
        let mut tally = walk("posts", &[], &[Ends::Proven(1, 0, 0)]);
        tally.kept = [1, 2].into_iter().collect();
        assert!(tally.completeness(posts).remarks[0].contains("nothing says which posts"));
        tally.compare_posts([1, 2, 3, 3]);
        assert_eq!((tally.is_compared(), tally.counts()[UNLISTED]), (true, 1));
        assert!(tally.completeness(posts).remarks[0].contains("1 post that the list"));
        tally.compare_posts([1]);
        assert!(tally.completeness(posts).remarks.is_empty());
    }

    #[test]
    fn a_foreign_checkpoint_is_not_taken() {
        let ours = Tally::new(spec("posts"), 10).checkpoint();
        assert!(Tally::resume(spec("posts"), ours.clone()).is_some());
        assert!(Tally::resume(spec("events"), ours.clone()).is_none());
        let mut other = ours;
        other["form"] = 2.into();
        assert!(Tally::resume(spec("posts"), other).is_none());
        assert!(Tally::resume(spec("posts"), serde_json::json!({"page": 7})).is_none());
    }
}
