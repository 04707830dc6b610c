//! Queries of a data source, and the search by title.

use super::{Desk, Done, paging_of};
use crate::community::mix;
use crate::notion::check::{At, Checked};
use crate::notion::filter::{Filter, Sort};
use crate::notion::id::Id;
use crate::notion::richtext::plain;
use crate::notion::show::{list, part};
use crate::notion::store::Page;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Sorts of a query at most: a bound of the stand-in.
const SORTS_MAX: usize = 100;

impl Desk<'_> {
    /// `POST /data_sources/ID/query`.
    pub fn query_source(&mut self, id: Id, query: &str, at: &At<'_>) -> Done {
        let trash = self.caller.trash();
        at.only(&["filter", "sorts", "start_cursor", "page_size", trash, "result_type"])?;
        let only = {
            self.store.source(self.token(), id)?;
            self.wanted(id, query)?
        };
        let source = self.store.source(self.token(), id)?;
        let filter = at.key("filter").map(|at| Filter::read(&at, source)).transpose()?;
        let sorts = at.key("sorts").map(|at| at.list(SORTS_MAX)).transpose()?.unwrap_or_default();
        let sorts = sorts.iter().map(|at| Sort::read(at, source)).collect::<Checked<Vec<_>>>()?;
        let (cursor, size) = paging_of(at)?;
        let in_trash = self.caller.wants_trash(at)?.unwrap_or(false);
        let kinds = [("page", true), ("data_source", false)];
        let pages = at.key("result_type").map(|at| at.word(&kinds)).transpose()?.unwrap_or(true);

        let found = |page: &&Page| {
            let case = self.query.ignores_case;
            let fits = filter.as_ref().is_none_or(|filter| filter.finds(page, source, self.store, case));
            pages && page.in_trash == in_trash && page.hidden_for == 0 && fits
        };
        let mut rows: Vec<&Page> =
            source.rows.iter().filter_map(|row| self.store.pages.get(row)).filter(found).collect();
        // Without a sort nothing may be expected of the order.
        rows.sort_by_key(|page| mix(page.created as u64 ^ order(page.id)));
        rows.sort_by(|a, b| {
            let orders = sorts.iter().map(|sort| sort.order(a, b, source, self.store));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        let all: Vec<Id> = rows.iter().map(|page| page.id).collect();
        let limit = self.query.rows.unwrap_or(u64::MAX).min(all.len() as u64) as usize;
        let (ids, next) = part(&all[..limit], cursor, size)?;
        let shown = |id: &Id| {
            self.store.pages.get(id).map(|page| self.store.show_page(page, self.caller, only.as_deref()))
        };
        let results: Vec<Value> = ids.iter().filter_map(shown).collect();
        let mut answer = list("page_or_data_source", &results, next);
        // A list that was cut looks finished but for this.
        answer["request_status"] = if next.is_none() && limit < all.len() {
            json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"})
        } else {
            json!({"type": "complete"})
        };
        self.time_passes(id);
        Ok(answer)
    }

    /// Pages made a moment ago come nearer to being found.
    fn time_passes(&mut self, source: Id) {
        let rows = self.store.sources.get(&source).map(|source| source.rows.clone()).unwrap_or_default();
        for row in rows {
            if let Some(page) = self.store.pages.get_mut(&row) {
                page.hidden_for = page.hidden_for.saturating_sub(1);
            }
        }
    }

    /// `POST /search`: pages and data sources by their titles.
    pub fn search(&self, at: &At<'_>) -> Done {
        at.only(&["query", "filter", "sort", "start_cursor", "page_size"])?;
        let wanted = at.key("query").map(|at| at.text()).transpose()?.unwrap_or_default().to_lowercase();
        let kinds = [("page", false), ("data_source", true)];
        let only_sources = at.key("filter").map(|filter| {
            filter.only(&["property", "value"])?;
            filter.required("property")?.word(&[("object", ())])?;
            filter.required("value")?.word(&kinds)
        });
        let only_sources = only_sources.transpose()?;
        let ascending = at.key("sort").map(|sort| {
            sort.only(&["timestamp", "direction"])?;
            sort.required("timestamp")?.word(&[("last_edited_time", ())])?;
            sort.required("direction")?.word(&[("ascending", true), ("descending", false)])
        });
        let ascending = ascending.transpose()?.unwrap_or(false);
        let (cursor, size) = paging_of(at)?;

        let named = |title: &[Value]| plain(title).to_lowercase().contains(&wanted);
        let pages = self.store.pages.values().filter(|page| !page.in_trash && named(&self.store.title(page)));
        let pages = pages.map(|page| (page.edited, page.id, false));
        let sources = self.store.sources.values().filter(|source| !source.in_trash && named(&source.title));
        let sources = sources.map(|source| (source.edited, source.id, true));
        let mut found: Vec<(i64, Id, bool)> = pages
            .chain(sources)
            .filter(|(_, id, is_source)| {
                only_sources.is_none_or(|wanted| wanted == *is_source)
                    && self.store.is_shared(self.token(), *id)
            })
            .collect();
        found.sort_unstable();
        if !ascending {
            found.reverse();
        }
        let all: Vec<Id> = found.iter().map(|(_, id, _)| *id).collect();
        let (ids, next) = part(&all, cursor, size)?;
        let shown = |id: &Id| match self.store.pages.get(id) {
            Some(page) => Some(self.store.show_page(page, self.caller, None)),
            None => self.store.sources.get(id).map(|source| self.store.show_source(source, self.caller)),
        };
        let results: Vec<Value> = ids.iter().filter_map(shown).collect();
        Ok(list("page_or_data_source", &results, next))
    }
}

/// A number from an id, for an order that means nothing.
fn order(id: Id) -> u64 {
    id.to_string().bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte)))
}
