//! Keeping events: many in one statement and one commit.

use super::pool::{Turn, begin, commit};
use super::stored::moment;
use super::text::{json, storable};
use crate::connect::Session;
use base::Fault;
use bridge::event::Event;
use bridge::store::Kept;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashSet;
use tokio_postgres::types::Type;

/// Events in one statement at most; more in one statement gain nothing measurable.
const STATEMENT_EVENTS_MAX: usize = 1_000;

/// Bytes of documents in one statement at most: what a statement holds is in memory twice.
const STATEMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The rows are inserted in the order of their keys, so that two groups with the same events never wait for
/// each other in a circle, and numbered before that in the order in which they came.
const INSERT: &str = "WITH given AS MATERIALIZED ( \
        SELECT nextval('landfall.events_number_seq') AS number, g.* FROM ( \
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], \
                                 $6::text[], $7::text[]) \
            WITH ORDINALITY AS x (sender, id, kind, subject, occurred, told, body, place) \
            ORDER BY place) AS g) \
     INSERT INTO landfall.events (number, sender, id, kind, subject, occurred, told, body) \
     SELECT number, sender, id, kind, subject, occurred, told::json, body::json FROM given \
     ORDER BY sender, id, number \
     ON CONFLICT (sender, id) DO NOTHING RETURNING sender, id";

const DOING: &str = "keep events";

/// One statement is its own transaction; a group that needs several gets one around them.
pub(super) async fn keep(session: &Session, events: &[Event]) -> Result<Vec<Kept>, Fault> {
    events.iter().try_for_each(Event::check)?;
    let (mut new, mut rest, mut begun) = (HashSet::new(), events, false);
    while !rest.is_empty() {
        let (columns, taken) = Columns::of(rest)?;
        rest = &rest[taken..];
        if !begun && !rest.is_empty() {
            begin(session, Turn::None, DOING).await?;
            begun = true;
        }
        new.extend(columns.insert(session).await?);
    }
    if begun {
        commit(session, DOING).await?;
    }
    let kept = |event: &Event| {
        let id = (storable(&event.sender).into_owned(), storable(&event.id).into_owned());
        // The first of two is the new one.
        if new.remove(&id) { Kept::New } else { Kept::Known }
    };
    Ok(events.iter().map(kept).collect())
}

/// Events as arrays, a column each, for `unnest`.
#[derive(Default)]
struct Columns<'a> {
    senders: Vec<Cow<'a, str>>,
    ids: Vec<Cow<'a, str>>,
    kinds: Vec<Cow<'a, str>>,
    subjects: Vec<Cow<'a, str>>,
    occurred: Vec<Timestamp>,
    told: Vec<String>,
    bodies: Vec<String>,
}

impl<'a> Columns<'a> {
    /// As many of the first events as one statement takes, and their number.
    fn of(events: &'a [Event]) -> Result<(Self, usize), Fault> {
        let (mut columns, mut bytes) = (Self::default(), 0);
        for event in events.iter().take(STATEMENT_EVENTS_MAX) {
            let (told, body) = (json(&event.told)?, json(&event.body)?);
            bytes += told.len() + body.len();
            if bytes > STATEMENT_BYTES_MAX && !columns.ids.is_empty() {
                break;
            }
            columns.senders.push(storable(&event.sender));
            columns.ids.push(storable(&event.id));
            columns.kinds.push(storable(&event.kind));
            columns.subjects.push(storable(&event.subject));
            columns.occurred.push(moment(event.occurred));
            columns.told.push(told);
            columns.bodies.push(body);
        }
        let taken = columns.ids.len();
        Ok((columns, taken))
    }

    /// Inserts those that are not there; their senders and ids as they are stored.
    async fn insert(&self, session: &Session) -> Result<Vec<(String, String)>, Fault> {
        let rows = session
            .query_typed(
                INSERT,
                &[
                    (&self.senders, Type::TEXT_ARRAY),
                    (&self.ids, Type::TEXT_ARRAY),
                    (&self.kinds, Type::TEXT_ARRAY),
                    (&self.subjects, Type::TEXT_ARRAY),
                    (&self.occurred, Type::TIMESTAMPTZ_ARRAY),
                    (&self.told, Type::TEXT_ARRAY),
                    (&self.bodies, Type::TEXT_ARRAY),
                ],
            )
            .await
            .map_err(|error| session.fault(&error, DOING))?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}
