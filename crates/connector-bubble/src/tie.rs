//! More records in one millisecond than a page holds: mass imports make them.
//!
//! Nothing lies between such records to restart from, so they are read by offset, in a request that is closed
//! on both sides. Offsets end at a wall; behind it only a condition on `_id` helps, if the service honours
//! one, which is not sure. A count at the end says whether all of them were seen.

use crate::paging::Odd;
use crate::query::{Constraint, ID, Query};
use crate::walk::Walk;
use crate::wire::{Listing, RowKey};
use base::Fault;
use webclient::Error;

/// Records of one millisecond whose ids are kept in memory while they are read, about a hundred bytes each.
const TIE_IDS_MAX: usize = 1_000_000;

/// How often the offsets begin anew because the rows moved meanwhile.
const RESTARTS_MAX: u32 = 5;

impl Walk {
    /// Reads all records of the millisecond at which the walk stands, and goes past it.
    pub(crate) async fn tie(&mut self) -> Result<(), Fault> {
        let Some(floor) = self.tally.position.floor else {
            return Err(self.odd(Odd::EmptyButRemaining));
        };
        let mut range = vec![
            Constraint::after(&self.keys.created, floor),
            Constraint::before(&self.keys.created, floor + 2),
        ];
        range.extend(self.tally.sweep_bound().map(|bound| Constraint::after(&self.keys.modified, bound)));
        let in_order = self.by_offset(&range, floor + 1).await?;
        if !self.is_whole(&range).await? {
            self.by_id(&range, floor + 1, in_order).await?;
        }
        self.tally.position.close();
        Ok(())
    }

    /// Pages by offset, each beginning with the last row of the one before. Tells whether the ids came in
    /// order.
    async fn by_offset(&mut self, range: &[Constraint], ms: i64) -> Result<bool, Fault> {
        let sort = vec![(self.keys.created.clone(), false), (ID.to_owned(), false)];
        let known = &self.tally.position.at;
        let (mut offset, mut last) = (known.len().saturating_sub(1), known.last().cloned());
        let (mut restarts, mut in_order) = (0, true);
        loop {
            let limit = (self.page + 1).max(2);
            let query = Query { constraints: range.to_vec(), sort: sort.clone(), cursor: offset, limit };
            let (listing, limit) = self.list(query).await?;
            self.check_range(&listing.rows, ms)?;
            let Some(first) = listing.rows.first() else { break };
            let moved = offset > 0 && last.as_ref().is_some_and(|last| *last != first.id);
            in_order &= !moved && listing.rows.is_sorted_by(|a, b| a.id < b.id);
            let shown = listing.rows.len();
            let next_last = listing.rows.last().map(|row| row.id.clone());
            let is_end = shown < limit && listing.remaining.is_none_or(|left| left == 0);
            self.take(listing).await?;
            if moved && restarts < RESTARTS_MAX {
                // A row before this page is gone, and one may have slipped by unseen.
                (offset, last) = (0, None);
                (restarts, in_order) = (restarts + 1, true);
                continue;
            }
            if is_end {
                break;
            }
            // A service that shows one row at a time leaves no room for an overlap.
            last = next_last.filter(|_| shown > 1);
            offset += (shown - 1).max(1);
        }
        Ok(in_order)
    }

    /// Pages by conditions on `_id`, behind the last id if they came in order so far.
    async fn by_id(&mut self, range: &[Constraint], ms: i64, in_order: bool) -> Result<(), Fault> {
        let mut above = self.tally.position.at.last().filter(|_| in_order).cloned();
        loop {
            let mut constraints = range.to_vec();
            constraints.extend(above.as_deref().map(Constraint::id_above));
            let query =
                Query { constraints, sort: vec![(ID.to_owned(), false)], cursor: 0, limit: self.cap() };
            let limit = query.limit;
            let listing = match self.api.list(&self.stream, &query, &self.keys).await {
                Ok(listing) => listing,
                Err(Error::Status { status: 400 | 404, .. }) => return Err(self.walled()),
                Err(error) => return Err(self.api.explain(&error, Some(&self.stream)).await),
            };
            self.check_range(&listing.rows, ms)?;
            let is_above = |row: &RowKey| above.as_ref().is_none_or(|above| row.id > *above);
            if !listing.rows.iter().all(is_above) || !listing.rows.is_sorted_by(|a, b| a.id < b.id) {
                return Err(self.walled());
            }
            let is_end = listing.rows.len() < limit && listing.remaining.is_none_or(|left| left == 0);
            let highest = listing.rows.last().map(|row| row.id.clone());
            if highest.is_none() && !is_end {
                return Err(self.walled());
            }
            self.take(listing).await?;
            if is_end {
                break;
            }
            above = highest;
        }
        if self.is_whole(range).await? { Ok(()) } else { Err(self.walled()) }
    }

    /// Whether as many records were seen as there are.
    async fn is_whole(&mut self, range: &[Constraint]) -> Result<bool, Fault> {
        let query = Query { constraints: range.to_vec(), limit: 1, ..Query::default() };
        let (listing, _) = self.list(query).await?;
        let seen = self.tally.position.at.len() as u64;
        Ok(listing.total(0).is_some_and(|there| seen >= there))
    }

    /// Hands on what was not seen before.
    async fn take(&mut self, listing: Listing) -> Result<(), Fault> {
        let new: Vec<usize> = (0..listing.rows.len())
            .filter(|n| !self.tally.position.at.contains(&listing.rows[*n].id))
            .collect();
        if self.tally.position.at.len() + new.len() > TIE_IDS_MAX {
            return Err(Fault::stop(format!(
                "more than {TIE_IDS_MAX} records of {} have the same Created Date, which is more than this \
                 program reads",
                self.stream
            )));
        }
        self.hand_over(listing, new).await
    }

    fn check_range(&self, rows: &[RowKey], ms: i64) -> Result<(), Fault> {
        if rows.iter().all(|row| row.created == Some(ms)) {
            Ok(())
        } else {
            Err(self.odd(Odd::Unconstrained))
        }
    }

    /// The service shows no more of them.
    fn walled(&self) -> Fault {
        let seen = self.tally.position.at.len();
        Fault::stop(format!(
            "more records of {} share one Created Date than Bubble shows: {seen} of them were read, and it \
             does not page the rest by _id",
            self.stream
        ))
        .hint("these records were imported at once; export them from the Bubble editor as CSV")
    }
}
