//! What is written in the transaction that ends an action.

use super::stored::moment;
use super::text::storable;
use super::{collections, row};
use crate::connect::Session;
use base::Fault;
use bridge::action::{Action, Write};
use jiff::Timestamp;
use tokio_postgres::types::Type;

pub(super) async fn write(session: &Session, action: &Action, write: &Write) -> Result<(), Fault> {
    let occurred = moment(action.event.occurred);
    match write {
        Write::Row { table, key } => row::write(session, table, key, occurred).await,
        Write::EventCopy(event) => collections::keep_event(session, event).await,
        Write::Activity(activity) => collections::keep_activity(session, activity).await,
        Write::Scheduled { event_id, starts_at } => {
            schedule(session, event_id, moment(*starts_at), action.id, occurred).await
        }
    }
}

/// The fault of a write that failed for good, with the column that did not take its text, when it is that. To
/// be asked outside of the transaction that failed.
pub(super) async fn explained(session: &Session, writes: &[Write], fault: Fault) -> Result<Fault, Fault> {
    for write in writes {
        if let Write::Row { table, key } = write
            && let Some(reason) = row::misfit(session, table, key).await?
        {
            return Ok(reason);
        }
    }
    Ok(fault)
}

async fn schedule(
    session: &Session,
    event_id: &str,
    starts_at: Timestamp,
    action: i64,
    occurred: Timestamp,
) -> Result<(), Fault> {
    session
        .execute_typed(
            "INSERT INTO landfall.scheduled AS s (event_id, starts_at, action, occurred) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (event_id) DO UPDATE \
             SET starts_at = excluded.starts_at, action = excluded.action, occurred = excluded.occurred \
             WHERE s.occurred <= excluded.occurred",
            &[
                (&storable(event_id), Type::TEXT),
                (&starts_at, Type::TIMESTAMPTZ),
                (&action, Type::INT8),
                (&occurred, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(drop)
        .map_err(|error| session.fault(&error, "write down what is scheduled"))
}
