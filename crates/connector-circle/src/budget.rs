//! What an export costs: calls of the Admin API, of which a plan includes so many a month (5,000 in the
//! smallest), and whose counter is shown minutes late.
//!
//! Calls are those of a community at rest: lists that have to be read again, and requests that fail and are
//! repeated, come on top.

use crate::api::{Api, PER_PAGE_MAX};
use crate::describe::named;
use crate::streams::{List, Lists, Spec};
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
    /// Why, in words: `1,305 records`, `37 lists`.
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

/// Asks what `streams` will cost at `page_size` records a page.
pub(crate) async fn budget(
    api: &Api,
    streams: &[String],
    page_size: usize,
    look: Look,
) -> Result<Budget, Fault> {
    let before = api.calls();
    let per_page = page_size.clamp(1, PER_PAGE_MAX) as u64;
    let mut asking = Asking { api, per_page, look, totals: BTreeMap::new() };
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
    look: Look,
    /// What streams of one list said that they have.
    totals: BTreeMap<&'static str, u64>,
}

impl Asking<'_> {
    /// How many records a stream of one list has.
    async fn total(&mut self, spec: &'static Spec) -> Result<u64, Fault> {
        if let Some(total) = self.totals.get(spec.name) {
            return Ok(*total);
        }
        let total = self.api.count(spec, &List::default()).await?.unwrap_or(0);
        self.totals.insert(spec.name, total);
        Ok(total)
    }

    async fn stream(&mut self, spec: &'static Spec) -> Result<StreamBudget, Fault> {
        const DESCRIBED: u64 = 1;
        let exactly = |calls: u64, why: String| StreamBudget {
            stream: spec.name.to_owned(),
            calls,
            calls_max: Some(calls),
            why,
        };
        match &spec.lists {
            Lists::One => {
                let records = self.total(spec).await?;
                let mut calls = DESCRIBED + pages(records, self.per_page);
                if spec.name == POSTS
                    && let Some(spaces) = Spec::named("spaces")
                {
                    // They are compared with what the spaces name.
                    calls += pages(self.total(spaces).await?, PER_PAGE_MAX as u64);
                }
                Ok(exactly(calls, counted(records, "record")))
            }
            Lists::WithArchived => {
                let now = self.total(spec).await?;
                let archived = self.api.count(spec, &List { at: 1, parent: None }).await?.unwrap_or(0);
                let calls = DESCRIBED + pages(now, self.per_page) + pages(archived, self.per_page);
                Ok(exactly(
                    calls,
                    format!("{}, {archived} of them archived", counted(now + archived, "record")),
                ))
            }
            Lists::PerParent(_) if self.look == Look::EachList => self.each_list(spec).await,
            Lists::PerParent(parent) => {
                let Some(of) = Spec::named(parent.stream) else { return Ok(exactly(0, String::new())) };
                let parents = self.total(of).await?;
                // The parents are listed for a description, before the lists are read, and after.
                let listing = DESCRIBED + 2 * pages(parents, PER_PAGE_MAX as u64);
                if parents == 0 {
                    return Ok(exactly(listing, "no list".to_owned()));
                }
                let (calls, most, why) = match parent.space_type {
                    None => (listing + DESCRIBED + parents, listing + DESCRIBED, counted(parents, "list")),
                    Some(kind) => (
                        listing,
                        listing + DESCRIBED,
                        format!("the {kind}s among {}", counted(parents, "space")),
                    ),
                };
                let calls_max = match spec.people_only() {
                    true => {
                        let members = match Spec::named("members") {
                            Some(members) => self.total(members).await?,
                            None => 0,
                        };
                        Some(most + parents * pages(members, self.per_page))
                    }
                    false => None,
                };
                Ok(StreamBudget { stream: spec.name.to_owned(), calls, calls_max, why })
            }
        }
    }

    /// Asks each list for its count.
    async fn each_list(&mut self, spec: &'static Spec) -> Result<StreamBudget, Fault> {
        let calls_before = self.api.calls();
        let (parents, _) = self.api.parents(spec).await?;
        let listing = self.api.calls() - calls_before;
        let mut calls = 1 + 2 * listing + u64::from(!parents.is_empty());
        let lists = parents.len() as u64;
        for parent in parents {
            let count = self.api.count(spec, &List::of(parent)).await?;
            calls += pages(count.unwrap_or(0), self.per_page);
        }
        let (stream, why) = (spec.name.to_owned(), counted(lists, "list"));
        Ok(StreamBudget { stream, calls, calls_max: Some(calls), why })
    }
}

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
