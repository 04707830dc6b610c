//! [`Inbox`] over PostgreSQL.

use super::pool::within;
use super::{PgBridge, judge, keep, lists};
use async_trait::async_trait;
use base::Fault;
use bridge::event::Event;
use bridge::store::{ActionLine, Counts, Decide, EventFilter, Inbox, Kept, Line};
use jiff::Timestamp;

#[async_trait]
impl Inbox for PgBridge {
    async fn keep(&self, events: &[Event]) -> Result<Vec<Kept>, Fault> {
        within("keep events", async {
            let session = self.receiving.take().await?;
            let outcome = keep::keep(&session, events).await;
            session.after(outcome)
        })
        .await
    }

    async fn judge(&self, limit: usize, decide: Decide<'_>) -> Result<usize, Fault> {
        within("judge events", async {
            let session = self.working.take().await?;
            let outcome = judge::judge(&session, limit, decide).await;
            session.after(outcome)
        })
        .await
    }

    async fn events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Line>, Fault> {
        within("list events", async {
            let session = self.asking.take().await?;
            let outcome = lists::events(&session, filter, before, limit).await;
            session.after(outcome)
        })
        .await
    }

    async fn event(&self, number: i64) -> Result<Option<(Line, Event, Vec<ActionLine>)>, Fault> {
        within("read an event", async {
            let session = self.asking.take().await?;
            let outcome = lists::event(&session, number).await;
            session.after(outcome)
        })
        .await
    }

    async fn counts(&self) -> Result<Counts, Fault> {
        within("count events and actions", async {
            let session = self.asking.take().await?;
            let outcome = lists::counts(&session).await;
            session.after(outcome)
        })
        .await
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        within("forget old events", async {
            let session = self.working.take().await?;
            let outcome = lists::forget(&session, before, limit).await;
            session.after(outcome)
        })
        .await
    }
}
