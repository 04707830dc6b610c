//! Putting actions into the outbox.

use super::stored::moment;
use super::text::{json, storable};
use crate::connect::Session;
use base::Fault;
use bridge::action::Planned;
use jiff::Timestamp;
use tokio_postgres::types::Type;

/// Actions as arrays, a column each, for `unnest`, in the order in which they are to be numbered.
#[derive(Default)]
pub(super) struct Queue {
    events: Vec<i64>,
    follows: Vec<i64>,
    rules: Vec<String>,
    numbers: Vec<i64>,
    lanes: Vec<String>,
    does: Vec<&'static str>,
    works: Vec<String>,
    due: Vec<Timestamp>,
}

impl Queue {
    /// One more action of an event. `follows`: the action that it follows from; 0: the event itself.
    pub(super) fn push(&mut self, event: i64, follows: i64, planned: &Planned) -> Result<(), Fault> {
        self.works.push(json(&planned.work)?);
        self.events.push(event);
        self.follows.push(follows);
        self.rules.push(storable(&planned.rule).into_owned());
        self.numbers.push(i64::from(planned.number));
        self.lanes.push(storable(&planned.lane).into_owned());
        self.does.push(planned.work.word());
        self.due.push(moment(planned.due));
        Ok(())
    }
}

/// Stores the actions; one of the same event, origin, rule and number is stored once.
pub(super) async fn insert(session: &Session, queue: &Queue, doing: &str) -> Result<(), Fault> {
    if queue.events.is_empty() {
        return Ok(());
    }
    session
        .execute_typed(
            "INSERT INTO landfall.actions (event, follows, rule, number, lane, does, work, due, free_at) \
             SELECT event, follows, rule, number, lane, does, work::json, due, due \
             FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], \
                         $7::text[], $8::timestamptz[]) \
             WITH ORDINALITY AS x (event, follows, rule, number, lane, does, work, due, place) \
             ORDER BY place ON CONFLICT (event, follows, rule, number) DO NOTHING",
            &[
                (&queue.events, Type::INT8_ARRAY),
                (&queue.follows, Type::INT8_ARRAY),
                (&queue.rules, Type::TEXT_ARRAY),
                (&queue.numbers, Type::INT8_ARRAY),
                (&queue.lanes, Type::TEXT_ARRAY),
                (&queue.does, Type::TEXT_ARRAY),
                (&queue.works, Type::TEXT_ARRAY),
                (&queue.due, Type::TIMESTAMPTZ_ARRAY),
            ],
        )
        .await
        .map(drop)
        .map_err(|error| session.fault(&error, doing))
}
