//! The walk over one stream: asks, lets [`crate::sweep`] and [`crate::tally`] decide, hands on.

use crate::api::Api;
use crate::columns::{Columns, Converted};
use crate::explain;
use crate::message::{is_about_the_plan, is_missing_record, message};
use crate::shown::{Shown, list as json_list, shown};
use crate::streams::{List, Spec};
use crate::sweep::{Envelope, Odd, Verdict};
use crate::tally::{POSTS, Tally};
use base::{Class, Fault};
use connect::{Completeness, Page, Sink};
use webclient::Error;

/// Types of spaces that name their posts; others may name events or lessons in the same place.
const SPACES_OF_POSTS: [&str; 2] = ["basic", "image"];

/// One walk.
pub(crate) struct Walk<'a> {
    api: &'a Api,
    spec: &'static Spec,
    columns: Columns,
    tally: Tally,
    sink: &'a mut dyn Sink,
    /// The fault of the last list that the service refused.
    refusal: Option<Fault>,
}

impl<'a> Walk<'a> {
    pub fn new(api: &'a Api, spec: &'static Spec, tally: Tally, sink: &'a mut dyn Sink) -> Self {
        Self { api, spec, columns: Columns::new(spec), tally, sink, refusal: None }
    }

    /// Reads list after list until there is none that was not read.
    pub async fn run(mut self) -> Result<Completeness, Fault> {
        if self.spec.parent().is_some() && !self.tally.knows_parents() {
            self.list_parents().await?;
        }
        loop {
            while let Some(list) = self.tally.list(self.spec) {
                self.page(&list).await?;
            }
            let may_be_more = self.spec.parent().is_some() && self.tally.may_list_parents();
            if !may_be_more || self.list_parents().await? == 0 {
                break;
            }
        }
        if let Some(status) = self.tally.all_refused() {
            let fault = Fault::stop(format!("Circle refused every list of {} ({status})", self.spec.name));
            return Err(self.refusal.unwrap_or(fault));
        }
        if self.spec.name == POSTS && !self.tally.is_compared() {
            self.compare_posts().await?;
        }
        self.api.keep_counts(self.spec.name, self.tally.counts().clone());
        Ok(self.tally.completeness(self.spec))
    }

    /// Lists the parents; how many are new.
    async fn list_parents(&mut self) -> Result<usize, Fault> {
        let (now, proven) = self.api.parents(self.spec).await?;
        let new = self.tally.list_parents(now, proven);
        self.hand_over(&[], None).await?;
        Ok(new)
    }

    /// One page of a list.
    async fn page(&mut self, list: &List) -> Result<(), Fault> {
        let (spec, bare) = (self.spec, self.tally.bare);
        let listing = match self.api.next_page(spec, list, &mut self.tally.sweep, bare).await {
            Ok(listing) => listing,
            Err(error) => return self.refused(list, &error).await,
        };
        self.tally.since.begun = self.tally.since.begun.or(listing.date);
        let (since, envelope) = (self.tally.since, Envelope::from(&listing));
        let rows = shown(spec, list, listing);
        if rows.iter().any(|row| is_of_another(spec, list, row)) {
            return Err(explain::odd(Odd::OtherParent, spec.name));
        }
        let taken = self
            .tally
            .sweep
            .take(&envelope, &rows, since, &self.tally.kept)
            .map_err(|odd| explain::odd(odd, spec.name))?;
        let new: Vec<&Shown> = taken.new.iter().map(|n| &rows[*n]).collect();
        if taken.over
            && let Verdict::Over(how) = self.tally.sweep.judge()
        {
            self.tally.close(spec, how);
        }
        self.hand_over(&new, envelope.count.filter(|_| spec.parent().is_none())).await
    }

    /// A list that did not come. That of one parent is no reason to lose the others.
    async fn refused(&mut self, list: &List, error: &Error) -> Result<(), Fault> {
        let fault = self.api.explain(error, Some(self.spec.name));
        let Error::Status { status, html: false, body, .. } = error else { return Err(fault) };
        let said = message(&body.0, false);
        match status {
            400 if !self.spec.unsure.is_empty() && !self.tally.bare => {
                self.tally.bare = true;
                return Ok(());
            }
            _ if list.parent.is_none() => return Err(fault),
            404 if is_missing_record(said.as_deref()) => self.tally.lose_parent(self.spec),
            403 if is_about_the_plan(said.as_deref()) => return Err(fault),
            400 | 403 | 404 | 422 => {
                self.refusal = Some(fault);
                self.tally.refuse(self.spec, *status);
            }
            _ => return Err(fault),
        }
        self.hand_over(&[], None).await
    }

    /// Hands on records, with the checkpoint behind them.
    async fn hand_over(&mut self, new: &[&Shown], expected: Option<u64>) -> Result<(), Fault> {
        let (mut records, mut unreadable) = (Vec::with_capacity(new.len()), Vec::new());
        for one in new {
            match self.columns.record(one) {
                Converted::Record(record) => records.push(record),
                Converted::Unreadable(bad) => unreadable.push(bad),
            }
        }
        let fields = self.columns.names();
        for record in &mut records {
            record.resize(fields.len(), None);
        }
        let checkpoint = self.tally.checkpoint();
        self.sink.page(Page { fields, records, unreadable, checkpoint, expected }).await
    }

    /// Compares the posts with those that spaces name: the list leaves some out.
    async fn compare_posts(&mut self) -> Result<(), Fault> {
        let Some(spaces) = Spec::named("spaces") else { return Ok(()) };
        let named = |space: &Shown| {
            let space_type = space.row.scalar(&["space_type"])?;
            let posts = json_list(space.row.at("post_ids")?)?;
            SPACES_OF_POSTS.contains(&space_type.as_str()).then_some(posts)
        };
        match self.api.read(spaces, &List::default(), named).await {
            Ok((posts, _)) => {
                let ids = posts.into_values().flatten().filter_map(|id| id.parse().ok());
                self.tally.compare_posts(ids);
                Ok(())
            }
            Err(fault) if fault.class == Class::Retry => Err(fault),
            // Nothing is lost by not knowing; the remarks say so.
            Err(_) => Ok(()),
        }
    }
}

/// Whether a record says that it belongs to another parent than the one that was asked for: a service that
/// drops the condition shows all of them.
fn is_of_another(spec: &Spec, list: &List, row: &Shown) -> bool {
    match (spec.parent(), &list.parent) {
        (Some(about), Some(asked)) if !row.nested => {
            row.row.scalar(&spec.paths(about.column)).is_some_and(|shown| shown != *asked)
        }
        _ => false,
    }
}
