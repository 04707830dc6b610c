//! Handing actions to workers.

use super::pool::{Turn, begin, commit};
use super::stored::{self, EVENT};
use crate::connect::Session;
use base::Fault;
use bridge::action::Action;
use jiff::SignedDuration;
use tokio_postgres::types::Type;

/// Actions handed out in one transaction at most.
const ACTIONS_MAX: usize = 200;

/// Seconds that an action may be held at most: a year is as good as for ever.
const HOLD_SECONDS_MAX: i64 = 366 * 24 * 60 * 60;

const DOING: &str = "take actions";

/// What is free, in the order in which it became free, as far as nothing of its lane comes before it: one that
/// a worker has or had, else a lower number. Both questions are answered by the indexes of what is open, so
/// that what is done costs nothing. Rows that somebody is just ending are left alone.
const READY: &str = "SELECT a.id, a.free_at FROM landfall.actions AS a \
     WHERE a.state IN ('pending', 'running') AND a.free_at <= statement_timestamp() \
       AND (a.lane = '' OR NOT EXISTS ( \
           SELECT 1 FROM landfall.actions AS b WHERE b.lane = a.lane AND b.lane <> '' \
              AND b.state IN ('pending', 'running') \
              AND (b.state <> 'running', b.id) < (a.state <> 'running', a.id))) \
     ORDER BY a.free_at, a.id LIMIT $1 FOR UPDATE OF a SKIP LOCKED";

/// Servers take turns: with two at a time, one could hand out an action while it does not see yet that the
/// other has handed out a later one of the lane, which happens when a dead letter is replayed.
pub(super) async fn claim(
    session: &Session,
    limit: usize,
    hold: SignedDuration,
) -> Result<Vec<Action>, Fault> {
    let limit = limit.min(ACTIONS_MAX) as i64;
    let hold = hold.clamp(SignedDuration::ZERO, SignedDuration::from_secs(HOLD_SECONDS_MAX));
    let micros = i64::try_from(hold.as_micros()).unwrap_or(0);
    let sql = format!(
        "WITH ready AS ({READY}), taken AS ( \
             UPDATE landfall.actions AS a SET state = 'running', attempts = a.attempts + 1, \
                 began = statement_timestamp(), \
                 free_at = statement_timestamp() + $2 * interval '1 microsecond', \
                 unknown_since = CASE WHEN a.state = 'running' THEN coalesce(a.unknown_since, a.began) \
                                      ELSE a.unknown_since END \
             FROM ready WHERE a.id = ready.id \
             RETURNING a.id, a.event, a.rule, a.lane, a.work::text AS work, a.attempts, a.unknown_since, \
                       ready.free_at AS was_free) \
         SELECT t.*, {EVENT} FROM taken AS t JOIN landfall.events AS e ON e.number = t.event \
         ORDER BY t.was_free, t.id"
    );
    begin(session, Turn::Claim, DOING).await?;
    let rows = session.query_typed(&sql, &[(&limit, Type::INT8), (&micros, Type::INT8)]).await;
    let rows = rows.map_err(|error| session.fault(&error, DOING))?;
    commit(session, DOING).await?;
    rows.iter().map(action).collect()
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
    use super::READY;
    use crate::bridge::SCHEMA_SQL;
    use tokio_postgres::SimpleQueryMessage;

    /// Done ones beside a few that are open, in lanes and without.
    const HISTORY: &str = "INSERT INTO landfall.events \
         (number, sender, id, kind, subject, occurred, told, body) VALUES (1, 's', 'e', 'k', '', now(), '{}', 'null'); \
         INSERT INTO landfall.actions (event, follows, rule, number, lane, does, work, state, due, free_at) \
         SELECT 1, 0, 'r', n, CASE WHEN n % 2 = 0 THEN 'lane' || n % 50 ELSE '' END, 'keep_copy', \
                '{\"do\": \"keep_copy\"}', CASE WHEN n % 1000 = 0 THEN 'pending' \
                WHEN n % 1001 = 0 THEN 'dead' ELSE 'done' END, now() - interval '1 day', now() - interval '1 day' \
         FROM generate_series(1, 100000) AS n";

    #[tokio::test]
    async fn what_is_done_does_not_slow_down_handing_out() {
        let db = testkit::database_with(&format!("{SCHEMA_SQL}{HISTORY}")).await;
        let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", READY.replace("$1", "50"));
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
            assert!(!text.contains("Seq Scan"), "{text}");
            let pages = plan[0]["Plan"]["Shared Hit Blocks"].as_u64().unwrap();
            assert!(pages < 2_000, "{pages} pages for a hundred open actions: {text}");
        }
    }
}
