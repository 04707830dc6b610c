//! The requests that the connector sends: pages of lists, and the community. Nothing else is ever sent.

use crate::address::Address;
use crate::explain::{Place, explain};
use crate::message::{is_invalid_token, message};
use crate::portable::Counts;
use crate::shown::{Shown, shown};
use crate::streams::{List, Lists, Parent, Spec};
use crate::sweep::{Envelope, Since, Sweep, Verdict};
use crate::wire::{self, Listing, Row};
use crate::{explain, ids::IdSet};
use base::{Fault, Secret};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use webclient::{Error, Malformed, ReadClient, Reply, Scheme};

/// Records that one answer holds at most. The service's own limit is not published; this many are widely
/// asked for.
pub const PER_PAGE_MAX: usize = 100;

/// One community's API.
pub(crate) struct Api {
    pub address: Address,
    pub token: Option<Secret>,
    pub community_id: Option<String>,
    http: ReadClient,
    /// How the service takes the token; unknown before the first answer.
    scheme: OnceLock<Scheme>,
    calls: AtomicU64,
    counted: Mutex<Counts>,
}

/// A page to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub spec: &'static Spec,
    pub list: &'a List,
    pub page: u64,
    pub per_page: u64,
    /// Without what the service may not take.
    pub bare: bool,
}

impl Api {
    pub fn new(
        address: Address,
        token: Option<Secret>,
        community_id: Option<String>,
        http: ReadClient,
    ) -> Self {
        let (scheme, calls, counted) = (OnceLock::new(), AtomicU64::new(0), Mutex::new(Counts::new()));
        Self { address, token, community_id, http, scheme, calls, counted }
    }

    /// Asks for an object or a page. The vendor's documents disagree about how the token is sent: `Bearer` is
    /// tried, on 401 `Token`, and what was taken is remembered.
    async fn get<T>(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        decode: impl Fn(&Reply) -> Result<T, Malformed>,
    ) -> Result<T, Error> {
        let ask = async |scheme| {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let answer = self.http.get_as(scheme, segments, query, |reply| decode(&reply)).await;
            if answer.is_ok() {
                self.scheme.get_or_init(|| scheme);
            }
            answer
        };
        let refused = |error: &Error| matches!(error, Error::Status { status: 401, .. });
        let known = self.scheme.get().copied();
        let first = match ask(known.unwrap_or(Scheme::Bearer)).await {
            Err(error) if refused(&error) && known.is_none() && self.token.is_some() => error,
            answer => return answer,
        };
        match ask(Scheme::Token).await {
            // Of two refusals the one that knew the token says more.
            Err(second) if refused(&second) && !says_invalid(&first) => Err(first),
            answer => answer,
        }
    }

    /// A page of a list.
    pub async fn page(&self, ask: &Ask<'_>) -> Result<Listing, Error> {
        let Ask { spec, list, page, per_page, bare } = *ask;
        let parent = list.parent.as_deref().unwrap_or_default();
        let segments: Vec<&str> =
            spec.path.iter().map(|part| if *part == "*" { parent } else { part }).collect();
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let mut query: Vec<(&str, &str)> = spec.query.to_vec();
        query.extend(spec.unsure.iter().filter(|_| !bare));
        match &spec.lists {
            Lists::PerParent(about) if !spec.path.contains(&"*") => query.push((about.column, parent)),
            Lists::WithArchived if list.at > 0 => query.push(("archived", "true")),
            _ => {}
        }
        query.extend(self.community_id.as_deref().map(|id| ("community_id", id)));
        query.extend([("page", page.as_str()), ("per_page", per_page.as_str())]);
        self.get(&segments, &query, wire::listing).await
    }

    /// The page that a sweep wants next, or a smaller one when that does not come through.
    pub async fn next_page(
        &self,
        spec: &'static Spec,
        list: &List,
        sweep: &mut Sweep,
        bare: bool,
    ) -> Result<Listing, Error> {
        loop {
            let ask = Ask { spec, list, page: sweep.page, per_page: sweep.per_page, bare };
            match self.page(&ask).await {
                Err(error) if error.smaller_may_help() && sweep.ask_for_less() => {}
                answer => return answer,
            }
        }
    }

    /// Reads a list of few records to its end, by id; and whether it is proven that these are all.
    pub async fn read<T>(
        &self,
        spec: &'static Spec,
        list: &List,
        keep: impl Fn(&Shown) -> Option<T>,
    ) -> Result<(BTreeMap<u64, T>, bool), Fault> {
        let (mut sweep, mut kept) = (Sweep::new(PER_PAGE_MAX as u64), BTreeMap::new());
        let place = |error: &Error| self.explain(error, Some(spec.name));
        loop {
            let listing = self.next_page(spec, list, &mut sweep, false).await.map_err(|e| place(&e))?;
            let (envelope, rows) = (Envelope::from(&listing), shown(spec, list, listing));
            let taken = sweep
                .take(&envelope, &rows, Since::default(), &IdSet::default())
                .map_err(|odd| explain::odd(odd, spec.name))?;
            kept.extend(taken.new.iter().filter_map(|n| Some((rows[*n].id, keep(&rows[*n])?))));
            if taken.over
                && let Verdict::Over(how) = sweep.judge()
            {
                return Ok((kept, how.is_ok()));
            }
        }
    }

    /// The ids of a stream's parents, in their order; and whether it is proven that these are all.
    pub async fn parents(&self, spec: &Spec) -> Result<(Vec<String>, bool), Fault> {
        let Some((parent, of)) = spec.parent().and_then(|parent| Some((parent, Spec::named(parent.stream)?)))
        else {
            return Ok((Vec::new(), true));
        };
        let keep = |one: &Shown| is_wanted(parent, one).then(|| one.key.clone());
        let (found, proven) = self.read(of, &List::default(), keep).await?;
        Ok((found.into_values().collect(), proven))
    }

    /// How many records a list says that it has.
    pub async fn count(&self, spec: &'static Spec, list: &List) -> Result<Option<u64>, Fault> {
        let ask = Ask { spec, list, page: 1, per_page: 1, bare: false };
        match self.page_even_bare(ask).await {
            Ok(listing) => Ok(listing.count),
            Err(error) => Err(self.explain(&error, Some(spec.name))),
        }
    }

    /// A page of a list, without what the service may not take if it does not.
    pub async fn page_even_bare(&self, ask: Ask<'_>) -> Result<Listing, Error> {
        match self.page(&ask).await {
            Err(Error::Status { status: 400, .. }) if !ask.spec.unsure.is_empty() && !ask.bare => {
                self.page(&Ask { bare: true, ..ask }).await
            }
            answer => answer,
        }
    }

    /// The community that the token belongs to.
    pub async fn community(&self) -> Result<Row, Error> {
        let query: Vec<(&str, &str)> =
            self.community_id.as_deref().map(|id| ("community_id", id)).into_iter().collect();
        self.get(&["community"], &query, wire::object).await
    }

    /// The fault that a failed request means.
    pub fn explain(&self, error: &Error, stream: Option<&str>) -> Fault {
        explain(error, &Place { address: self.address.url.as_str(), stream, token: self.token.as_ref() })
    }

    /// Requests so far; one that was repeated because it failed counts once.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Keeps what a walk has counted.
    pub fn keep_counts(&self, stream: &str, counts: BTreeMap<String, u64>) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned(), counts);
    }

    /// What walks have counted.
    pub fn counts(&self) -> Counts {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a record has a list of the kind whose parents are looked for. A space that does not say its type
/// is asked for what it has.
pub(crate) fn is_wanted(parent: &Parent, one: &Shown) -> bool {
    parent
        .space_type
        .is_none_or(|wanted| one.row.scalar(&["space_type"]).is_none_or(|space_type| space_type == wanted))
}

fn says_invalid(error: &Error) -> bool {
    match error {
        Error::Status { body, html, .. } => is_invalid_token(message(&body.0, *html).as_deref()),
        _ => false,
    }
}
