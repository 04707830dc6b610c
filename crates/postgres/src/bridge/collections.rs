//! The two collections as tables of the application's default schema, where MongoDB does not keep them.

use super::PgBridge;
use super::pool::within;
use super::stored::{count, moment, text};
use super::text::{from_jsonb, jsonb, storable};
use crate::connect::Session;
use async_trait::async_trait;
use base::Fault;
use bridge::action::Activity;
use bridge::event::Event;
use bridge::ports::{Collections, StoreState};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Lines read at once, at most.
const LINES_MAX: usize = 1_000;

/// Seconds without an answer after which the database counts as away for those who ask for its state.
const STATE_SECONDS_MAX: u64 = 3;

/// Keeps a copy of an event, once; `data` is what the sender told.
pub(super) async fn keep_event(session: &Session, event: &Event) -> Result<(), Fault> {
    session
        .execute_typed(
            "INSERT INTO bettermode_webhook_events \
             (event_id, sender, event_type, subject, \"timestamp\", data) \
             VALUES ($1, $2, $3, $4, $5, $6::jsonb) ON CONFLICT DO NOTHING",
            &[
                (&storable(&event.id), Type::TEXT),
                (&storable(&event.sender), Type::TEXT),
                (&storable(&event.kind), Type::TEXT),
                (&storable(&event.subject), Type::TEXT),
                (&moment(event.occurred), Type::TIMESTAMPTZ),
                (&jsonb(&event.body)?, Type::TEXT),
            ],
        )
        .await
        .map(drop)
        .map_err(|error| session.fault(&error, "copy an event to bettermode_webhook_events"))
}

/// Keeps an activity, once.
pub(super) async fn keep_activity(session: &Session, activity: &Activity) -> Result<(), Fault> {
    session
        .execute_typed(
            "INSERT INTO bettermode_member_activities \
             (event_id, member_id, activity_type, \"timestamp\", data) \
             VALUES ($1, $2, $3, $4, $5::jsonb) ON CONFLICT DO NOTHING",
            &[
                (&storable(&activity.id), Type::TEXT),
                (&storable(&activity.member_id), Type::TEXT),
                (&storable(&activity.activity_type), Type::TEXT),
                (&moment(activity.timestamp), Type::TIMESTAMPTZ),
                (&jsonb(&activity.data)?, Type::TEXT),
            ],
        )
        .await
        .map(drop)
        .map_err(|error| session.fault(&error, "keep an activity in bettermode_member_activities"))
}

#[async_trait]
impl Collections for PgBridge {
    async fn event(&self, event: &Event) -> Result<(), Fault> {
        within("copy an event", async {
            let session = self.working.take().await?;
            let outcome = keep_event(&session, event).await;
            session.after(outcome)
        })
        .await
    }

    async fn activity(&self, activity: &Activity) -> Result<(), Fault> {
        within("keep an activity", async {
            let session = self.working.take().await?;
            let outcome = keep_activity(&session, activity).await;
            session.after(outcome)
        })
        .await
    }

    async fn activities(&self, member: &str, limit: usize) -> Result<Vec<Activity>, Fault> {
        within("list activities", async {
            let session = self.asking.take().await?;
            let sql = "SELECT event_id, member_id, activity_type, \"timestamp\", data::text AS data \
                       FROM bettermode_member_activities WHERE member_id = $1 \
                       ORDER BY \"timestamp\" DESC, event_id DESC LIMIT $2";
            let limit = limit.min(LINES_MAX) as i64;
            let rows =
                session.query_typed(sql, &[(&storable(member), Type::TEXT), (&limit, Type::INT8)]).await;
            let rows = rows.map_err(|error| session.fault(&error, "list activities"));
            session.after(rows.and_then(|rows| rows.iter().map(activity).collect()))
        })
        .await
    }

    async fn events(&self, limit: usize) -> Result<Vec<Value>, Fault> {
        within("list copies of events", async {
            let session = self.asking.take().await?;
            let sql = "SELECT event_id, sender, event_type, subject, \"timestamp\", data::text AS data \
                       FROM bettermode_webhook_events ORDER BY \"timestamp\" DESC, event_id DESC LIMIT $1";
            let rows = session.query_typed(sql, &[(&(limit.min(LINES_MAX) as i64), Type::INT8)]).await;
            let rows = rows.map_err(|error| session.fault(&error, "list copies of events"));
            session.after(rows.and_then(|rows| rows.iter().map(copy).collect()))
        })
        .await
    }

    async fn counts(&self) -> Result<(u64, u64), Fault> {
        within("count events and activities", async {
            let session = self.asking.take().await?;
            let sql = "SELECT (SELECT count(*) FROM bettermode_webhook_events), \
                              (SELECT count(*) FROM bettermode_member_activities)";
            let row = session.query_typed_one(sql, &[]).await;
            let row = row.map_err(|error| session.fault(&error, "count events and activities"));
            session.after(row.map(|row| (u64::from(count(row.get(0))), u64::from(count(row.get(1))))))
        })
        .await
    }

    async fn state(&self) -> StoreState {
        let asked = async {
            let session = self.asking.take().await?;
            let answer = session.simple_query("SELECT 1").await.map(drop);
            let answer = answer.map_err(|error| session.fault(&error, "ask the database"));
            session.after(answer)
        };
        let away = match tokio::time::timeout(Duration::from_secs(STATE_SECONDS_MAX), asked).await {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some(fault.what),
            Err(_) => Some(format!("the database did not answer within {STATE_SECONDS_MAX} s")),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match *seen {
            Some((was_away, since)) if was_away == away.is_some() => since,
            _ => self.clock.now(),
        };
        *seen = Some((away.is_some(), since));
        StoreState { what: "postgres", away, since }
    }
}

fn activity(row: &Row) -> Result<Activity, Fault> {
    Ok(Activity {
        id: text(row, "event_id"),
        member_id: text(row, "member_id"),
        activity_type: text(row, "activity_type"),
        timestamp: row.get("timestamp"),
        data: serde_json::from_value(data(row)?).map_err(|_| unreadable(row))?,
    })
}

fn copy(row: &Row) -> Result<Value, Fault> {
    Ok(json!({
        "event_id": text(row, "event_id"),
        "sender": text(row, "sender"),
        "event_type": text(row, "event_type"),
        "subject": text(row, "subject"),
        "timestamp": row.get::<_, Timestamp>("timestamp").to_string(),
        "data": data(row)?,
    }))
}

fn data(row: &Row) -> Result<Value, Fault> {
    serde_json::from_str(row.get("data")).map(from_jsonb).map_err(|_| unreadable(row))
}

fn unreadable(row: &Row) -> Fault {
    Fault::fail(format!("the data of the stored event {} cannot be read", text(row, "event_id")))
}
