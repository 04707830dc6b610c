//! [`Outbox`] over PostgreSQL.

use super::pool::within;
use super::text::storable;
use super::{PgBridge, claim, finish, lists};
use crate::connect::Session;
use async_trait::async_trait;
use base::Fault;
use bridge::action::{Action, Ending};
use bridge::store::{ActionFilter, ActionLine, Outbox, Scheduled};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::types::Type;

/// Dead letters made pending in one transaction at most.
const REPLAY_MAX: i64 = 1_000;

#[async_trait]
impl Outbox for PgBridge {
    async fn claim(&self, limit: usize, hold: SignedDuration) -> Result<Vec<Action>, Fault> {
        within("take actions", async {
            let session = self.working.take().await?;
            let outcome = claim::claim(&session, limit, hold).await;
            session.after(outcome)
        })
        .await
    }

    async fn finish(&self, action: &Action, ending: &Ending, later: Timestamp) -> Result<bool, Fault> {
        within("end an action", async {
            let session = self.working.take().await?;
            let outcome = finish::finish(&session, action, ending, later).await;
            session.after(outcome)
        })
        .await
    }

    async fn actions(
        &self,
        filter: &ActionFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ActionLine>, Fault> {
        within("list actions", async {
            let session = self.asking.take().await?;
            let outcome = lists::actions(&session, filter, before, limit).await;
            session.after(outcome)
        })
        .await
    }

    async fn replay(&self, id: Option<i64>) -> Result<u64, Fault> {
        within("replay dead letters", async {
            let session = self.working.take().await?;
            let outcome = replay(&session, id).await;
            session.after(outcome)
        })
        .await
    }

    async fn scheduled(&self, event_id: &str) -> Result<Option<Scheduled>, Fault> {
        within("read what is scheduled", async {
            let session = self.asking.take().await?;
            let outcome = scheduled(&session, event_id).await;
            session.after(outcome)
        })
        .await
    }
}

/// In pieces, by rising number: one that dies again meanwhile is not replayed for ever.
async fn replay(session: &Session, id: Option<i64>) -> Result<u64, Fault> {
    let sql = "WITH dead AS (SELECT id FROM landfall.actions \
                   WHERE state = 'dead' AND id > $1 AND id <= $2 ORDER BY id LIMIT $3 FOR UPDATE), \
               again AS (UPDATE landfall.actions AS a SET state = 'pending', due = statement_timestamp(), \
                   free_at = statement_timestamp() FROM dead WHERE a.id = dead.id RETURNING a.id) \
               SELECT count(*), max(id) FROM again";
    let (mut after, last) = id.map_or((0, i64::MAX), |id| (id.saturating_sub(1), id));
    let mut replayed = 0;
    loop {
        let row = session
            .query_typed_one(sql, &[(&after, Type::INT8), (&last, Type::INT8), (&REPLAY_MAX, Type::INT8)])
            .await
            .map_err(|error| session.fault(&error, "replay dead letters"))?;
        let Some(highest) = row.get::<_, Option<i64>>(1) else { return Ok(replayed) };
        replayed += row.get::<_, i64>(0).cast_unsigned();
        after = highest;
    }
}

async fn scheduled(session: &Session, event_id: &str) -> Result<Option<Scheduled>, Fault> {
    let sql = "SELECT starts_at, action, occurred FROM landfall.scheduled WHERE event_id = $1";
    let row = session.query_typed_opt(sql, &[(&storable(event_id), Type::TEXT)]).await;
    let row = row.map_err(|error| session.fault(&error, "read what is scheduled"))?;
    Ok(row.map(|row| Scheduled { starts_at: row.get(0), by: row.get(1), occurred: row.get(2) }))
}
