//! Handing actions to workers.
//!
//! What may be handed out stands in one index in the order in which it became free. An action that turns out
//! to have to wait for another of its lane leaves that index: it notes whom it waits for, the one directly
//! before it, and comes back when that one ends ([`super::finish`]). So each is looked at a few times,
//! however many wait in one lane, and what is done costs nothing.

use super::pool::{Turn, begin_with, commit};
use super::stored::{self, EVENT, moment};
use crate::connect::Session;
use base::Fault;
use bridge::action::Action;
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::types::Type;

/// Actions handed out in one transaction at most.
const ACTIONS_MAX: usize = 200;

/// Candidates looked at beyond those that are wanted, at first; each further look takes twice as many, up to
/// [`CANDIDATES_MAX`]. They are locked, so it is few where most are free.
const CANDIDATES: i64 = 50;

/// Candidates looked at in one statement at most.
const CANDIDATES_MAX: i64 = 2_000;

/// Seconds that an action may be held at most: a year is as good as for ever.
const HOLD_SECONDS_MAX: i64 = 366 * 24 * 60 * 60;

const DOING: &str = "take actions";

/// Where there are no statistics yet, as after a burst, PostgreSQL would read all of a lane again and again
/// to find out whether there is anything; by the index the first entry tells.
const PLAN: &str = "; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";

/// What is due, with the one of its lane that comes before it: the next lower number, or one that a worker
/// has or had, whatever its number. Rows that somebody is just ending are left alone.
const CANDIDATE: &str = "SELECT a.id, a.free_at, CASE WHEN a.lane <> '' THEN coalesce( \
        (SELECT b.id FROM landfall.actions AS b WHERE b.lane = a.lane AND b.lane <> '' \
            AND b.state IN ('pending', 'running') AND b.id < a.id \
            AND (a.state = 'pending' OR b.state = 'running') ORDER BY b.id DESC LIMIT 1), \
        (SELECT b.id FROM landfall.actions AS b WHERE b.lane = a.lane AND b.lane <> '' \
            AND b.state = 'running' AND b.id > a.id AND a.state = 'pending' ORDER BY b.id LIMIT 1)) \
        END AS behind \
     FROM landfall.actions AS a \
     WHERE a.state IN ('pending', 'running') AND a.waits_for IS NULL \
       AND a.free_at <= statement_timestamp() AND (a.free_at, a.id) > ($1, $2) \
     ORDER BY a.free_at, a.id LIMIT $3 FOR UPDATE OF a SKIP LOCKED";

/// Whoever ends the one that is waited for waits until this is committed, and then sees it; if that is under
/// way already, nothing is noted. All are locked before the first is changed (that is what the order is for):
/// a row that the statement itself has changed would not be locked any more.
const PARK: &str = "WITH ahead AS ( \
        SELECT * FROM ( \
            SELECT x.id, p.id AS behind FROM unnest($1::bigint[], $2::bigint[]) AS x (id, behind) \
            JOIN landfall.actions AS p ON p.id = x.behind \
            WHERE p.state IN ('pending', 'running') FOR SHARE OF p SKIP LOCKED) AS locked ORDER BY id) \
     UPDATE landfall.actions AS a SET waits_for = ahead.behind FROM ahead WHERE a.id = ahead.id";

/// Servers take turns: with two at a time, one could hand out an action while it does not see yet that the
/// other has handed out a later one of the lane, which happens when a dead letter is replayed.
pub(super) async fn claim(
    session: &Session,
    limit: usize,
    hold: SignedDuration,
) -> Result<Vec<Action>, Fault> {
    begin_with(session, PLAN, Turn::Claim, DOING).await?;
    let ids = first_of_their_lanes(session, limit.min(ACTIONS_MAX)).await?;
    let actions = match ids.is_empty() {
        true => Vec::new(),
        false => taken(session, &ids, hold).await?,
    };
    commit(session, DOING).await?;
    Ok(actions)
}

/// What may be handed out, `limit` at most. Notes of the others whom they wait for.
async fn first_of_their_lanes(session: &Session, limit: usize) -> Result<Vec<i64>, Fault> {
    let (mut free, mut look) = (Vec::new(), limit as i64 + CANDIDATES);
    let mut last = (moment(Timestamp::MIN), 0_i64);
    while free.len() < limit {
        let rows = session
            .query_typed(
                CANDIDATE,
                &[(&last.0, Type::TIMESTAMPTZ), (&last.1, Type::INT8), (&look, Type::INT8)],
            )
            .await
            .map_err(|error| session.fault(&error, DOING))?;
        let Some(row) = rows.last() else { break };
        last = (row.get(1), row.get(0));
        let (mut waiting, mut behind) = (Vec::new(), Vec::new());
        for row in &rows {
            let id: i64 = row.get(0);
            match row.get::<_, Option<i64>>(2) {
                Some(other) => {
                    waiting.push(id);
                    behind.push(other);
                }
                None if free.len() < limit => free.push(id),
                None => {}
            }
        }
        if !waiting.is_empty() {
            let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
                [(&waiting, Type::INT8_ARRAY), (&behind, Type::INT8_ARRAY)];
            let parked = session.execute_typed(PARK, &parameters).await;
            parked.map_err(|error| session.fault(&error, DOING))?;
        }
        look = (look * 2).min(CANDIDATES_MAX);
    }
    Ok(free)
}

/// Marks them as taken, and reads them.
async fn taken(session: &Session, ids: &[i64], hold: SignedDuration) -> Result<Vec<Action>, Fault> {
    let hold = hold.clamp(SignedDuration::ZERO, SignedDuration::from_secs(HOLD_SECONDS_MAX));
    let micros = i64::try_from(hold.as_micros()).unwrap_or(0);
    let sql = format!(
        "WITH taken AS ( \
             UPDATE landfall.actions AS a SET state = 'running', attempts = a.attempts + 1, \
                 began = statement_timestamp(), \
                 free_at = statement_timestamp() + $2 * interval '1 microsecond', \
                 unknown_since = CASE WHEN a.state = 'running' THEN coalesce(a.unknown_since, a.began) \
                                      ELSE a.unknown_since END \
             FROM unnest($1::bigint[]) WITH ORDINALITY AS x (id, place) WHERE a.id = x.id \
             RETURNING a.id, a.event, a.rule, a.lane, a.work::text AS work, a.attempts, a.unknown_since, \
                       x.place) \
         SELECT t.*, {EVENT} FROM taken AS t JOIN landfall.events AS e ON e.number = t.event \
         ORDER BY t.place"
    );
    let rows = session.query_typed(&sql, &[(&ids, Type::INT8_ARRAY), (&micros, Type::INT8)]).await;
    rows.map_err(|error| session.fault(&error, DOING))?.iter().map(action).collect()
}

fn action(row: &tokio_postgres::Row) -> Result<Action, Fault> {
    let id = row.get("id");
    Ok(Action {
        id,
        event: stored::event(row)?,
        rule: stored::text(row, "rule"),
        lane: stored::text(row, "lane"),
        work: stored::work(row, "work", id)?,
        attempts: stored::count(i64::from(row.get::<_, i32>("attempts") - 1)),
        unknown_since: row.get("unknown_since"),
    })
}

#[cfg(test)]
mod tests {
    use super::{CANDIDATE, PLAN};
    use crate::bridge::SCHEMA_SQL;
    use tokio_postgres::SimpleQueryMessage;

    /// Done ones beside a few that are open, in lanes and without.
    const HISTORY: &str = "INSERT INTO landfall.events \
         (number, sender, id, kind, subject, occurred, told, body) \
         VALUES (1, 's', 'e', 'k', '', now(), '{}', 'null'); \
         INSERT INTO landfall.actions (event, follows, rule, number, lane, does, work, state, due, free_at) \
         SELECT 1, 0, 'r', n, CASE WHEN n % 2 = 0 THEN 'lane' || n % 50 ELSE '' END, 'keep_copy', \
                '{\"do\": \"keep_copy\"}', CASE WHEN n % 1000 = 0 THEN 'pending' \
                WHEN n % 1001 = 0 THEN 'dead' ELSE 'done' END, \
                now() - interval '1 day', now() - interval '1 day' \
         FROM generate_series(1, 100000) AS n";

    #[tokio::test]
    async fn what_is_done_does_not_slow_down_handing_out() {
        let db = testkit::database_with(&format!("{SCHEMA_SQL}{HISTORY}")).await;
        let sql = format!(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}",
            CANDIDATE.replace("$1", "'-infinity'").replace("$2", "0").replace("$3", "50")
        );
        db.client.batch_execute(&format!("BEGIN{PLAN}")).await.unwrap();
        // Before the statistics are there, and with them.
        for before in ["SELECT 1", "ANALYZE landfall.actions"] {
            db.client.batch_execute(before).await.unwrap();
            let answer = db.client.simple_query(&sql).await.unwrap();
            let row = answer.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let text = row.unwrap();
            let plan: serde_json::Value = serde_json::from_str(text).unwrap();
            assert!(text.contains("actions_free") && text.contains("actions_lane"), "{text}");
            assert!(!text.contains("Seq Scan") && !text.contains("Bitmap"), "{text}");
            let pages = plan[0]["Plan"]["Shared Hit Blocks"].as_u64().unwrap();
            assert!(pages < 2_000, "{pages} pages for a hundred open actions: {text}");
        }
    }
}
