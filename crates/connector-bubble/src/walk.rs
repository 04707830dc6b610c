//! The walk over one stream: asks, lets [`crate::paging`] and [`crate::verdict`] decide, hands on.

use crate::api::Api;
use crate::paging::{Judged, Next, Odd, judge};
use crate::query::{Constraint, ID, Keys, PAGE_MAX, Query};
use crate::verdict::{Phase, Tally, Verdict};
use crate::wire::Listing;
use base::Fault;
use connect::{Checkpoint, Completeness};
use std::sync::Arc;
use tokio::sync::mpsc;

/// How far before the newest change a sweep over changes begins, in milliseconds: five minutes, longer than
/// the service lets a request write, so that a change that was dated before the mark and became visible after
/// it is swept too.
pub const MARGIN_MS: i64 = 5 * 60 * 1000;

/// Pages in a row that must come through before a limit that was lowered is raised again.
const GROW_AFTER: u32 = 64;

/// Rows asked for at least: the last one seen, and one more.
const LIMIT_MIN: usize = 2;

/// Rows of a page that are new, and where the walk goes on after them.
pub(crate) struct Batch {
    pub listing: Listing,
    pub new: Vec<usize>,
    pub checkpoint: Checkpoint,
}

/// One walk. It runs beside whoever takes its pages, and is at most two pages ahead.
pub(crate) struct Walk {
    pub api: Arc<Api>,
    pub stream: String,
    pub keys: Keys,
    /// New rows wanted on a page.
    pub page: usize,
    pub tally: Tally,
    pub out: mpsc::Sender<Batch>,
    /// Rows asked for at most: less than [`PAGE_MAX`] when larger pages did not come through.
    cap: usize,
    good: u32,
}

impl Walk {
    pub fn new(
        api: Arc<Api>,
        stream: &str,
        keys: Keys,
        page: usize,
        tally: Tally,
        out: mpsc::Sender<Batch>,
    ) -> Self {
        let page = page.clamp(1, PAGE_MAX);
        Self { api, stream: stream.to_owned(), keys, page, tally, out, cap: PAGE_MAX, good: 0 }
    }

    /// Sweeps until the counts agree, or as often as makes sense.
    pub async fn run(mut self) -> Result<Completeness, Fault> {
        loop {
            self.sweep().await?;
            if self.tally.phase != Phase::Changes {
                self.tally.begin_changes();
                continue;
            }
            let total = self.api.total(&self.stream).await?;
            if let Verdict::Over(completeness) = self.tally.judge(total) {
                return Ok(completeness);
            }
        }
    }

    /// One sweep, from where it stands to its end.
    async fn sweep(&mut self) -> Result<(), Fault> {
        loop {
            let bound = self.tally.sweep_bound();
            let constraints: Vec<Constraint> = [
                self.tally.position.floor.map(|floor| Constraint::after(&self.keys.created, floor)),
                bound.map(|bound| Constraint::after(&self.keys.modified, bound)),
            ]
            .into_iter()
            .flatten()
            .collect();
            let wanted = self.page + self.tally.position.at.len();
            let sort = vec![(self.keys.created.clone(), false), (ID.to_owned(), false)];
            let query = Query { constraints, sort, cursor: 0, limit: wanted };
            let (listing, limit) = self.list(query).await?;
            let Judged { new, gone, next } =
                judge(&self.tally.position, bound, &listing.rows, limit, listing.remaining)
                    .map_err(|odd| self.odd(odd))?;
            if gone > 0 {
                self.tally.lost(gone);
                self.tally.position.at.retain(|id| listing.rows.iter().any(|row| row.id == *id));
            }
            self.hand_over(listing, new).await?;
            match next {
                Next::More => {}
                Next::Done => return Ok(()),
                Next::Tied => self.tie().await?,
            }
        }
    }

    /// Asks for a page of at most `query.limit` rows, or fewer when so many do not come through. Gives back
    /// the limit that was sent.
    pub async fn list(&mut self, mut query: Query) -> Result<(Listing, usize), Fault> {
        let wanted = query.limit;
        loop {
            query.limit = wanted.min(self.cap);
            match self.api.list(&self.stream, &query, &self.keys).await {
                Ok(listing) => {
                    self.good += 1;
                    if self.good >= GROW_AFTER {
                        self.cap = (self.cap * 2).min(PAGE_MAX);
                        self.good = 0;
                    }
                    return Ok((listing, query.limit));
                }
                Err(error) if error.smaller_may_help() && query.limit > LIMIT_MIN => {
                    self.cap = (query.limit / 2).max(LIMIT_MIN);
                    self.good = 0;
                }
                Err(error) => return Err(self.api.explain(&error, Some(&self.stream)).await),
            }
        }
    }

    /// Rows that a page may hold at present.
    pub fn cap(&self) -> usize {
        self.cap
    }

    /// Counts the new rows of a page and hands them on with the checkpoint behind them.
    pub async fn hand_over(&mut self, listing: Listing, new: Vec<usize>) -> Result<(), Fault> {
        if new.is_empty() {
            return Ok(());
        }
        for row in new.iter().filter_map(|n| listing.rows.get(*n)) {
            self.tally.count(row);
        }
        let batch = Batch { listing, new, checkpoint: self.tally.checkpoint() };
        // Whoever took the pages has failed, and says why.
        self.out.send(batch).await.map_err(|_| Fault::stop("the pages are no longer taken"))
    }

    /// The fault that an odd page means.
    pub fn odd(&self, odd: Odd) -> Fault {
        odd_fault(odd, &self.stream)
    }
}

/// The fault that an odd page of a stream means.
pub(crate) fn odd_fault(odd: Odd, stream: &str) -> Fault {
    let admin = "BUBBLE_API_KEY must be an API token made under Settings, API: it ignores privacy rules; the \
                 token of a user sees fewer records and fields, and its conditions on hidden fields are \
                 dropped without a word";
    match odd {
        Odd::Unconstrained => Fault::stop(format!(
            "Bubble answered with records of {stream} outside of what was asked for, so the key seems not to \
             be an admin token"
        ))
        .hint(admin),
        Odd::NoDate => Fault::stop(format!(
            "Bubble shows records of {stream} without Created Date or Modified Date, so the key seems not to \
             be an admin token"
        ))
        .hint(admin),
        Odd::Unsorted => Fault::stop(format!("Bubble did not sort the records of {stream} as it was asked"))
            .hint("run the same command again: what was exported is kept"),
        Odd::EmptyButRemaining => {
            Fault::stop(format!("Bubble says that more records of {stream} remain, and shows none of them"))
                .hint("run the same command again: what was exported is kept")
        }
    }
}

/// A walk that begins: is the key what it must be, how many records are there, and which is the newest
/// change?
pub(crate) async fn begin(api: &Api, stream: &str, keys: &Keys, before: Option<u64>) -> Result<Tally, Fault> {
    control(api, stream, keys).await?;
    let sort = vec![(keys.modified.clone(), true)];
    let query = Query { sort, limit: 1, ..Query::default() };
    let newest = match api.list(stream, &query, keys).await {
        Ok(listing) => listing,
        Err(error) => return Err(api.explain(&error, Some(stream)).await),
    };
    let mark = match newest.rows.first() {
        None => None,
        Some(row) => Some(row.modified.ok_or_else(|| odd_fault(Odd::NoDate, stream))?),
    };
    // A record that is dated in the future must not hide what changes from now on.
    let bound = mark.map(|mark| newest.date.map_or(mark, |now| mark.min(now)) - MARGIN_MS);
    Ok(Tally::new(before, mark, bound))
}

/// Asks for records made before 1970, which there are none of: a service that answers with records has
/// dropped the condition, as it does for a key that is not an admin token.
pub(crate) async fn control(api: &Api, stream: &str, keys: &Keys) -> Result<(), Fault> {
    let constraints = vec![Constraint::before(&keys.created, 0)];
    let query = Query { constraints, limit: 1, ..Query::default() };
    match api.list(stream, &query, keys).await {
        Ok(listing) if listing.rows.is_empty() => Ok(()),
        Ok(_) => Err(odd_fault(Odd::Unconstrained, stream)),
        Err(error) => Err(api.explain(&error, Some(stream)).await),
    }
}
