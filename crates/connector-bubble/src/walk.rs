//! The walk over one stream: asks, lets [`crate::paging`] and [`crate::verdict`] decide, hands on.

use crate::api::Api;
use crate::paging::{Judged, Next, Odd, judge};
use crate::query::{Constraint, ID, Keys, PAGE_MAX, Query};
use crate::verdict::{Phase, Tally, Verdict};
use crate::wire::{self, Listing};
use base::Fault;
use connect::{Checkpoint, Completeness};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};
use webclient::{Error, Reply};

/// How far before the newest change a sweep over changes begins, in milliseconds: five minutes, longer than
/// the service lets a request write, so that a change that was dated before the mark and became visible after
/// it is swept too.
pub const MARGIN_MS: i64 = 5 * 60 * 1000;

/// Pages in a row that must come through before a limit that was lowered is raised again.
const GROW_AFTER: u32 = 64;

/// Rows asked for at least: the last one seen, and one more.
const LIMIT_MIN: usize = 2;

/// Bytes of a page up to which the next one is asked for before this one is understood: pages of large
/// records are not piled up.
const AHEAD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A request that was sent before it was sure that it is the next one. Dropped, it ends.
struct Ahead {
    query: Query,
    task: JoinSet<Result<Reply, Error>>,
}

/// Rows of a page that are new, and where the walk goes on after them.
pub(crate) struct Batch {
    pub listing: Listing,
    pub new: Vec<usize>,
    pub checkpoint: Checkpoint,
}

/// One walk. It runs beside whoever takes its pages, and is at most three pages ahead.
pub(crate) struct Walk {
    pub api: Arc<Api>,
    pub stream: String,
    pub keys: Arc<Keys>,
    /// New rows wanted on a page.
    pub page: usize,
    pub tally: Tally,
    pub out: mpsc::Sender<Batch>,
    /// Rows asked for at most: less than [`PAGE_MAX`] when larger pages did not come through.
    cap: usize,
    good: u32,
    ahead: Option<Ahead>,
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
        let (stream, keys, page) = (stream.to_owned(), Arc::new(keys), page.clamp(1, PAGE_MAX));
        Self { api, stream, keys, page, tally, out, cap: PAGE_MAX, good: 0, ahead: None }
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
            let query = self.query(self.tally.position.floor, self.tally.position.at.len());
            let (listing, limit) = match self.read_ahead(&query).await? {
                Some(listing) => {
                    let limit = query.limit.min(self.cap);
                    self.came_through();
                    (listing, limit)
                }
                None => self.list(query).await?,
            };
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

    /// The request for what comes after `floor`, where `known` rows will come again.
    fn query(&self, floor: Option<i64>, known: usize) -> Query {
        let Keys { created, modified } = &*self.keys;
        let after = floor.map(|floor| Constraint::after(created, floor));
        let changed = self.tally.sweep_bound().map(|bound| Constraint::after(modified, bound));
        let sort = vec![(created.clone(), false), (ID.to_owned(), false)];
        let constraints = after.into_iter().chain(changed).collect();
        Query { constraints, sort, cursor: 0, limit: self.page + known }
    }

    /// The page of `wanted`, and the next request on its way while this page is being understood: only the
    /// time of its last row is needed for that, and a wrong guess costs one answer that nobody looks at.
    /// `None`: the page did not come or cannot be read; the ordinary way has patience for that.
    async fn read_ahead(&mut self, wanted: &Query) -> Result<Option<Listing>, Fault> {
        let query = Query { limit: wanted.limit.min(self.cap), ..wanted.clone() };
        let sent = match self.ahead.take() {
            Some(mut ahead) if ahead.query == query => ahead.task.join_next().await.and_then(Result::ok),
            _ => None,
        };
        let reply = match sent {
            Some(Ok(reply)) => reply,
            Some(Err(_)) => return Ok(None),
            None => match self.api.fetch(&self.stream, &query).await {
                Ok(reply) => reply,
                // A smaller page may come through.
                Err(error) if error.smaller_may_help() => return Ok(None),
                Err(error) => return Err(self.api.explain(&error, Some(&self.stream)).await),
            },
        };
        let guess = wire::guess_last(&reply.body, &self.keys).filter(|_| reply.body.len() <= AHEAD_BYTES_MAX);
        if let Some(last) = guess {
            let next = self.query(Some(last - 1), 1);
            let next = Query { limit: next.limit.min(self.cap), ..next };
            if next != query {
                let (api, stream, sent) = (self.api.clone(), self.stream.clone(), next.clone());
                let mut task = JoinSet::new();
                task.spawn(async move { api.fetch(&stream, &sent).await });
                self.ahead = Some(Ahead { query: next, task });
            }
        }
        let keys = self.keys.clone();
        match spawn_blocking(move || wire::listing(reply, &keys)).await {
            Ok(Ok(listing)) => Ok(Some(listing)),
            Ok(Err(_)) => Ok(None),
            Err(_) => Err(Fault::bug(format!("a page of {} broke its reader", self.stream))),
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
                    self.came_through();
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

    /// Larger pages may come through again.
    fn came_through(&mut self) {
        self.good += 1;
        if self.good >= GROW_AFTER {
            self.cap = (self.cap * 2).min(PAGE_MAX);
            self.good = 0;
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
