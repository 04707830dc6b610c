//! Events and actions as lists, how many there are, and forgetting old ones.

use super::stored::{self, ACTION_LINE, LINE, moment};
use super::text::storable;
use crate::connect::Session;
use base::Fault;
use bridge::event::Event;
use bridge::store::{ActionFilter, ActionLine, Counts, EventFilter, Line};
use jiff::Timestamp;
use tokio_postgres::types::Type;

/// Lines in one list, and events forgotten in one transaction, at most.
const LINES_MAX: usize = 1_000;

fn bounded(limit: usize) -> i64 {
    limit.min(LINES_MAX) as i64
}

pub(super) async fn events(
    session: &Session,
    filter: &EventFilter,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Line>, Fault> {
    let sql = format!(
        "SELECT {LINE} FROM landfall.events AS e WHERE ($1::text IS NULL OR e.sender = $1) \
         AND ($2::text IS NULL OR e.kind = $2) AND ($3::text IS NULL OR e.state = $3) \
         AND ($4::bigint IS NULL OR e.number < $4) ORDER BY e.number DESC LIMIT $5"
    );
    let (sender, kind) = (filter.sender.as_deref().map(storable), filter.kind.as_deref().map(storable));
    let (state, limit) = (filter.state.map(|state| state.word()), bounded(limit));
    let rows = session
        .query_typed(
            &sql,
            &[
                (&sender, Type::TEXT),
                (&kind, Type::TEXT),
                (&state, Type::TEXT),
                (&before, Type::INT8),
                (&limit, Type::INT8),
            ],
        )
        .await
        .map_err(|error| session.fault(&error, "list events"))?;
    Ok(rows.iter().map(stored::line).collect())
}

pub(super) async fn event(
    session: &Session,
    number: i64,
) -> Result<Option<(Line, Event, Vec<ActionLine>)>, Fault> {
    let told = |error| session.fault(&error, "read an event");
    let sql = format!(
        "SELECT {LINE}, e.told::text AS told, e.body::text AS body FROM landfall.events AS e \
         WHERE e.number = $1"
    );
    let row = session.query_typed_opt(&sql, &[(&number, Type::INT8)]).await.map_err(told)?;
    let Some(row) = row else { return Ok(None) };
    let sql = format!(
        "SELECT {ACTION_LINE} FROM landfall.actions AS a JOIN landfall.events AS e ON e.number = a.event \
         WHERE a.event = $1 ORDER BY a.id"
    );
    let actions = session.query_typed(&sql, &[(&number, Type::INT8)]).await.map_err(told)?;
    let actions = actions.iter().map(stored::action_line).collect::<Result<_, _>>()?;
    Ok(Some((stored::line(&row), stored::event(&row)?, actions)))
}

pub(super) async fn actions(
    session: &Session,
    filter: &ActionFilter,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<ActionLine>, Fault> {
    let sql = format!(
        "SELECT {ACTION_LINE} FROM landfall.actions AS a JOIN landfall.events AS e ON e.number = a.event \
         WHERE ($1::text IS NULL OR a.state = $1) AND ($2::text IS NULL OR a.does = $2) \
         AND ($3::bigint IS NULL OR a.id < $3) ORDER BY a.id DESC LIMIT $4"
    );
    let (state, limit) = (filter.state.map(|state| state.word()), bounded(limit));
    let rows = session
        .query_typed(
            &sql,
            &[(&state, Type::TEXT), (&filter.work, Type::TEXT), (&before, Type::INT8), (&limit, Type::INT8)],
        )
        .await
        .map_err(|error| session.fault(&error, "list actions"))?;
    rows.iter().map(stored::action_line).collect()
}

/// What is open is counted in the small indexes of what is open; the rest is the difference to all.
pub(super) async fn counts(session: &Session) -> Result<Counts, Fault> {
    let row = session
        .query_typed_one(
            "SELECT (SELECT count(*) FROM landfall.events WHERE state = 'new') AS new, \
                    (SELECT count(*) FROM landfall.events) AS events, \
                    a.*, d.*, (SELECT count(*) FROM landfall.actions) AS actions, \
                    coalesce(extract(epoch FROM statement_timestamp() - a.oldest), 0)::float8 AS waits \
             FROM (SELECT count(*) FILTER (WHERE state = 'pending') AS pending, \
                          count(*) FILTER (WHERE state = 'running') AS running, \
                          min(due) FILTER (WHERE state = 'pending') AS oldest \
                   FROM (SELECT state, due FROM landfall.actions \
                         WHERE state IN ('pending', 'running') AND waits_for IS NULL \
                         UNION ALL SELECT state, due FROM landfall.actions WHERE waits_for IS NOT NULL \
                        ) AS open) AS a, \
                  (SELECT count(*) AS dead FROM landfall.actions WHERE state = 'dead') AS d",
            &[],
        )
        .await
        .map_err(|error| session.fault(&error, "count events and actions"))?;
    let n = |column: &str| row.get::<_, i64>(column).max(0).cast_unsigned();
    let ended = n("actions") - n("pending") - n("running");
    Ok(Counts {
        events_new: n("new"),
        events_judged: n("events") - n("new"),
        pending: n("pending"),
        running: n("running"),
        done: ended - n("dead"),
        dead: n("dead"),
        oldest_due_seconds: row.get::<_, f64>("waits").max(0.0) as u64,
    })
}

/// One transaction; events with an action that has not done its work stay.
pub(super) async fn forget(session: &Session, before: Timestamp, limit: usize) -> Result<usize, Fault> {
    let (before, limit) = (moment(before), bounded(limit));
    let forgotten = session
        .execute_typed(
            "WITH old AS (SELECT e.number FROM landfall.events AS e \
                  WHERE e.state = 'judged' AND e.received < $1 AND NOT EXISTS ( \
                      SELECT 1 FROM landfall.actions AS a WHERE a.event = e.number AND a.state <> 'done') \
                  ORDER BY e.received, e.number LIMIT $2 FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM landfall.actions AS a USING old WHERE a.event = old.number) \
             DELETE FROM landfall.events AS e USING old WHERE e.number = old.number",
            &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
        )
        .await
        .map_err(|error| session.fault(&error, "forget old events"))?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
