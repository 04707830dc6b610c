//! Judging events: one transaction takes them, asks what they cause, and queues it.

use super::pool::{Turn, begin, commit};
use super::queue::{Queue, insert};
use super::stored::{self, EVENT};
use super::text::storable;
use crate::connect::Session;
use base::Fault;
use bridge::store::Decide;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio_postgres::types::Type;

/// Events judged in one transaction at most: all of them are in memory, a few kilobytes each and a megabyte
/// at the worst.
const EVENTS_MAX: usize = 200;

const DOING: &str = "judge events";

/// Sender and subject of a record, as they are stored → when its newest event happened.
type Newest = BTreeMap<(String, String), Timestamp>;

pub(super) async fn judge(session: &Session, limit: usize, decide: Decide<'_>) -> Result<usize, Fault> {
    let limit = limit.min(EVENTS_MAX) as i64;
    begin(session, Turn::Judge, DOING).await?;
    let sql = format!(
        "SELECT e.number, {EVENT}, s.newest, statement_timestamp() AS now FROM landfall.events AS e \
         LEFT JOIN landfall.subjects AS s USING (sender, subject) \
         WHERE e.state = 'new' ORDER BY e.number LIMIT $1"
    );
    let rows = session.query_typed(&sql, &[(&limit, Type::INT8)]).await;
    let rows = rows.map_err(|error| session.fault(&error, DOING))?;
    let (mut newest, mut queue, mut numbers) = (Newest::new(), Queue::default(), Vec::new());
    for row in &rows {
        let event = stored::event(row)?;
        let record = (storable(&event.sender).into_owned(), storable(&event.subject).into_owned());
        let known = newest.get(&record).copied().or_else(|| row.get("newest"));
        let number: i64 = row.get("number");
        for planned in decide(&event, known, row.get("now")) {
            queue.push(number, 0, &planned)?;
        }
        if !event.subject.is_empty() {
            newest.insert(record, known.map_or(event.occurred, |known| known.max(event.occurred)));
        }
        numbers.push(number);
    }
    if !numbers.is_empty() {
        insert(session, &queue, DOING).await?;
        move_on(session, newest).await?;
        let sql = "UPDATE landfall.events SET state = 'judged' WHERE number = ANY($1)";
        let marked = session.execute_typed(sql, &[(&numbers, Type::INT8_ARRAY)]).await;
        marked.map_err(|error| session.fault(&error, DOING))?;
    }
    commit(session, DOING).await?;
    Ok(numbers.len())
}

/// Moves the newest moments on; they never go back.
async fn move_on(session: &Session, newest: Newest) -> Result<(), Fault> {
    let (records, moments): (Vec<_>, Vec<Timestamp>) = newest.into_iter().unzip();
    let (senders, subjects): (Vec<String>, Vec<String>) = records.into_iter().unzip();
    session
        .execute_typed(
            "INSERT INTO landfall.subjects AS s (sender, subject, newest) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[]) \
             ON CONFLICT (sender, subject) DO UPDATE SET newest = greatest(s.newest, excluded.newest)",
            &[
                (&senders, Type::TEXT_ARRAY),
                (&subjects, Type::TEXT_ARRAY),
                (&moments, Type::TIMESTAMPTZ_ARRAY),
            ],
        )
        .await
        .map(drop)
        .map_err(|error| session.fault(&error, DOING))
}
