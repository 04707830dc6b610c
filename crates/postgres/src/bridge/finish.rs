//! Ending an attempt, together with what it writes.

use super::pool::{Turn, begin, commit};
use super::queue::{Queue, insert};
use super::stored::moment;
use super::text::storable;
use super::writes;
use crate::connect::Session;
use base::{Class, Fault};
use bridge::action::{Action, ActionState, Ending, Planned, Write};
use jiff::Timestamp;
use tokio_postgres::types::Type;

const DOING: &str = "end an action";

pub(super) async fn finish(
    session: &Session,
    action: &Action,
    ending: &Ending,
    later: Timestamp,
) -> Result<bool, Fault> {
    match ending {
        Ending::Later { fault, .. } => {
            alone(session, action, ActionState::Pending, &fault.what, Some(moment(later))).await
        }
        Ending::Never { fault } => alone(session, action, ActionState::Dead, &fault.what, None).await,
        Ending::Unknown { .. } => is_ours(session, action).await,
        Ending::Done { effect, writes, then } if writes.is_empty() && then.is_empty() => {
            alone(session, action, ActionState::Done, effect, None).await
        }
        Ending::Done { effect, writes, then } => {
            match with_writes(session, action, effect, writes, then).await {
                Err(fault) if is_final(&fault) => {
                    rollback(session).await?;
                    let fault = writes::explained(session, writes, fault).await?;
                    alone(session, action, ActionState::Dead, &fault.what, None).await
                }
                outcome => outcome,
            }
        }
    }
}

/// An ending that writes nothing else: one statement, unless others may wait for the action.
async fn alone(
    session: &Session,
    action: &Action,
    state: ActionState,
    said: &str,
    due: Option<Timestamp>,
) -> Result<bool, Fault> {
    if action.lane.is_empty() {
        return Ok(end(session, action, state, said, due).await?.is_some());
    }
    begin(session, Turn::None, DOING).await?;
    let ended = end(session, action, state, said, due).await?;
    if ended.is_some() {
        wake(session, action).await?;
    }
    commit(session, DOING).await?;
    Ok(ended.is_some())
}

/// Whether the same write would fail again, however often it is tried.
fn is_final(fault: &Fault) -> bool {
    matches!(fault.class, Class::Usage | Class::Fail | Class::Bug)
}

async fn with_writes(
    session: &Session,
    action: &Action,
    effect: &str,
    writes: &[Write],
    then: &[Planned],
) -> Result<bool, Fault> {
    begin(session, Turn::None, DOING).await?;
    let Some(event) = end(session, action, ActionState::Done, effect, None).await? else {
        rollback(session).await?;
        return Ok(false);
    };
    wake(session, action).await?;
    for write in writes {
        writes::write(session, action, write).await?;
    }
    let mut queue = Queue::default();
    for planned in then {
        queue.push(event, action.id, planned)?;
    }
    insert(session, &queue, DOING).await?;
    commit(session, DOING).await?;
    Ok(true)
}

/// Writes how the attempt ended, if it is still the one under way; the number of its event. The count of
/// attempts tells this one from those before and after it.
async fn end(
    session: &Session,
    action: &Action,
    state: ActionState,
    said: &str,
    due: Option<Timestamp>,
) -> Result<Option<i64>, Fault> {
    let row = session
        .query_typed_opt(
            "UPDATE landfall.actions SET state = $3, said = $4, ended = statement_timestamp(), \
                 due = coalesce($5, due), free_at = coalesce($5, free_at) \
             WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING event",
            &[
                (&action.id, Type::INT8),
                (&attempt(action), Type::INT4),
                (&state.word(), Type::TEXT),
                (&storable(said), Type::TEXT),
                (&due, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map_err(|error| session.fault(&error, DOING))?;
    Ok(row.map(|row| row.get(0)))
}

/// Lets those of its lane that wait for it come back to what may be handed out, also when it is to be tried
/// later: one with a lower number, a replayed dead letter, is before it then. A statement of its own, after
/// the one that ended the attempt: only then it sees who was noted as waiting in between.
async fn wake(session: &Session, action: &Action) -> Result<(), Fault> {
    if action.lane.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE landfall.actions SET waits_for = NULL WHERE waits_for = $1";
    let woken = session.execute_typed(sql, &[(&action.id, Type::INT8)]).await;
    woken.map(drop).map_err(|error| session.fault(&error, DOING))
}

async fn is_ours(session: &Session, action: &Action) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM landfall.actions WHERE id = $1 AND attempts = $2 AND state = 'running'";
    let row = session.query_typed_opt(sql, &[(&action.id, Type::INT8), (&attempt(action), Type::INT4)]).await;
    Ok(row.map_err(|error| session.fault(&error, DOING))?.is_some())
}

/// The number of the attempt, from 1.
fn attempt(action: &Action) -> i32 {
    i32::try_from(action.attempts).unwrap_or(i32::MAX).saturating_add(1)
}

async fn rollback(session: &Session) -> Result<(), Fault> {
    session.batch_execute("ROLLBACK").await.map_err(|error| session.fault(&error, DOING))
}
