//! What an export costs: calls of the Admin API, of which a plan includes so many a month (5,000 in the
//! smallest), and whose counter is shown minutes late.
//!
//! Calls are those of a community at rest: lists that have to be read again, and requests that fail and are
//! repeated, come on top.

use crate::api::{Api, Ask, PER_PAGE_MAX};
use crate::describe::named;
use crate::streams::{List, Lists, Parent, Spec};
use crate::tally::{POSTS, counted};
use base::Fault;
use std::collections::BTreeMap;

/// How closely to look before an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// One call for each stream that matters; what consists of many lists gets a range.
    Totals,
    /// One call for each list as well: exact, and as dear as the export itself where lists are short.
    EachList,
}

/// What an export will cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Budget {
    /// By stream, in the order asked for.
    pub streams: Vec<StreamBudget>,
    /// Calls that it took to find out.
    pub asked: u64,
}

/// What one stream will cost, its description included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamBudget {
    /// The stream.
    pub stream: String,
    /// Calls at least.
    pub calls: u64,
    /// Calls at most; `None`: nothing says it.
    pub calls_max: Option<u64>,
    /// Why, in words: `1305 records`, `37 lists`.
    pub why: String,
}

impl Budget {
    /// Calls at least, of all streams.
    pub fn calls(&self) -> u64 {
        self.streams.iter().map(|stream| stream.calls).sum()
    }

    /// Calls at most, of all streams; `None`: nothing says it.
    pub fn calls_max(&self) -> Option<u64> {
        self.streams.iter().map(|stream| stream.calls_max).sum()
    }
}

/// Calls for a list of `count` records; an empty one takes a call too.
pub fn pages(count: u64, per_page: u64) -> u64 {
    count.div_ceil(per_page.max(1)).max(1)
}

/// Calls with which a stream is described, for each list that is looked at.
const DESCRIBED: u64 = 1;

/// Asks what `streams` will cost at `page_size` records a page.
pub(crate) async fn budget(
    api: &Api,
    streams: &[String],
    page_size: usize,
    look: Look,
) -> Result<Budget, Fault> {
    let before = api.calls();
    let per_page = page_size.clamp(1, PER_PAGE_MAX) as u64;
    let mut asking = Asking { api, per_page, most: PER_PAGE_MAX as u64, look, totals: BTreeMap::new() };
    let mut out = Budget::default();
    for name in streams {
        out.streams.push(asking.stream(named(name)?).await?);
    }
    out.asked = api.calls() - before;
    Ok(out)
}

struct Asking<'a> {
    api: &'a Api,
    per_page: u64,
    /// Records that the service puts on a page, as far as it was seen.
    most: u64,
    look: Look,
    /// What streams of one list said that they have.
    totals: BTreeMap<&'static str, Option<u64>>,
}

impl Asking<'_> {
    /// How many records a list has; `None`: the service does not say.
    async fn count(&mut self, spec: &'static Spec, list: &List) -> Result<Option<u64>, Fault> {
        let ask = Ask { spec, list, page: 1, per_page: self.per_page, bare: false };
        let listing = self.api.page_even_bare(ask).await;
        let listing = listing.map_err(|error| self.api.explain(&error, Some(spec.name)))?;
        if let Some(per_page) = listing.per_page.filter(|n| listing.more && (1..self.per_page).contains(n)) {
            self.most = self.most.min(per_page);
        }
        Ok(listing.count)
    }

    /// How many records a stream of one list has.
    async fn total(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        let Some(spec) = Spec::named(name) else { return Ok(None) };
        if let Some(total) = self.totals.get(spec.name) {
            return Ok(*total);
        }
        let total = self.count(spec, &List::default()).await?;
        self.totals.insert(spec.name, total);
        Ok(total)
    }

    /// Calls for a list that is exported.
    fn exported(&self, count: u64) -> u64 {
        pages(count, self.per_page.min(self.most))
    }

    /// Calls for a list that is only looked through.
    fn looked_through(&self, count: u64) -> u64 {
        pages(count, self.most)
    }

    async fn stream(&mut self, spec: &'static Spec) -> Result<StreamBudget, Fault> {
        let cost = match &spec.lists {
            Lists::One => self.one(spec).await?,
            Lists::WithArchived => self.with_archived(spec).await?,
            Lists::PerParent(_) if self.look == Look::EachList => self.each_list(spec).await?,
            Lists::PerParent(parent) => self.all_lists(spec, parent).await?,
        };
        let (calls, calls_max, why) = cost.unwrap_or_else(|| {
            (DESCRIBED + 1, None, "Circle does not say how many records there are".to_owned())
        });
        Ok(StreamBudget { stream: spec.name.to_owned(), calls, calls_max, why })
    }

    async fn one(&mut self, spec: &'static Spec) -> Result<Option<Cost>, Fault> {
        let Some(records) = self.total(spec.name).await? else { return Ok(None) };
        let mut calls = DESCRIBED + self.exported(records);
        if spec.name == POSTS {
            // They are compared with what the spaces name.
            let Some(spaces) = self.total("spaces").await? else { return Ok(None) };
            calls += self.looked_through(spaces);
        }
        Ok(Some((calls, Some(calls), counted(records, "record"))))
    }

    async fn with_archived(&mut self, spec: &'static Spec) -> Result<Option<Cost>, Fault> {
        let now = self.total(spec.name).await?;
        let archived = self.count(spec, &List { at: 1, parent: None }).await?;
        let Some((now, archived)) = now.zip(archived) else { return Ok(None) };
        let calls = DESCRIBED + self.exported(now) + self.exported(archived);
        let why = format!("lists of {now} and {}", counted(archived, "record"));
        Ok(Some((calls, Some(calls), why)))
    }

    /// Without asking each list: one call for each at least.
    async fn all_lists(&mut self, spec: &'static Spec, parent: &Parent) -> Result<Option<Cost>, Fault> {
        let Some(parents) = self.total(parent.stream).await? else { return Ok(None) };
        // Parents are listed for a description, before the lists are read, and after.
        let listed = DESCRIBED + 2 * self.looked_through(parents);
        if parents == 0 {
            return Ok(Some((listed, Some(listed), "no list".to_owned())));
        }
        let (calls, why) = match parent.space_type {
            None => (listed + DESCRIBED + parents, counted(parents, "list")),
            Some(kind) => (listed, format!("the {kind}s among {}", counted(parents, "space"))),
        };
        let calls_max = match spec.people_only() {
            true => {
                let members = self.total("members").await?;
                members.map(|members| listed + DESCRIBED + parents * self.exported(members))
            }
            false => None,
        };
        Ok(Some((calls, calls_max, why)))
    }

    /// Asks each list for its count.
    async fn each_list(&mut self, spec: &'static Spec) -> Result<Option<Cost>, Fault> {
        let before = self.api.calls();
        let (parents, _) = self.api.parents(spec).await?;
        let listed = DESCRIBED + 2 * (self.api.calls() - before);
        let described = if parents.is_empty() { 0 } else { DESCRIBED };
        let (mut calls, mut is_exact) = (listed + described, true);
        let why = counted(parents.len() as u64, "list");
        for parent in parents {
            let count = self.count(spec, &List::of(parent)).await?;
            is_exact &= count.is_some();
            calls += self.exported(count.unwrap_or(0));
        }
        Ok(Some((calls, is_exact.then_some(calls), why)))
    }
}

/// Calls at least, calls at most, and why.
type Cost = (u64, Option<u64>, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_a_call_for_each_page_and_one_when_it_is_empty() {
        for (count, per_page, calls) in [(0, 100, 1), (1, 100, 1), (100, 100, 1), (101, 100, 2), (5, 0, 5)] {
            assert_eq!(pages(count, per_page), calls, "{count}");
        }
    }

    #[test]
    fn a_sum_has_an_upper_bound_only_if_every_part_has() {
        let of = |calls, calls_max| StreamBudget { stream: "x".into(), calls, calls_max, why: String::new() };
        let budget = |streams| Budget { streams, asked: 0 };
        assert_eq!(budget(vec![of(1, Some(2)), of(3, Some(4))]).calls_max(), Some(6));
        let open = budget(vec![of(1, Some(2)), of(3, None)]);
        assert_eq!((open.calls(), open.calls_max()), (4, None));
    }
}
