//! Inbox, outbox and collections of the bridge.

mod collections;
#[cfg(feature = "embedded")]
mod embedded;
mod keepers;
mod killed;
mod model;
mod servers;
mod writes;

use base::{Fault, SystemClock};
use bridge::action::{Action, ActionState, Ending, Planned, TableWork, Work, Write};
use bridge::event::{Event, Told};
use bridge::store::{ActionFilter, ActionLine};
use bridge::{Inbox, Outbox};
use jiff::{SignedDuration, Timestamp};
use postgres::bridge::{COLLECTIONS_SQL, SCHEMA_SQL};
use postgres::{Address, Home, PgBridge};
use std::net::SocketAddr;
use std::sync::Arc;
use testkit::{Proxy, TestDatabase};

pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A table of the application.
const MEMBERS: &str =
    "CREATE TABLE members (id text, name text, n integer, code varchar(3), since timestamptz)";

pub struct Bed {
    pub db: TestDatabase,
    pub store: PgBridge,
}

pub async fn bed() -> Bed {
    let db = testkit::database_with(&format!("{SCHEMA_SQL}{COLLECTIONS_SQL}{MEMBERS}")).await;
    let store = store(&db.url);
    Bed { db, store }
}

/// One more server at the database.
pub fn store(url: &str) -> PgBridge {
    let address = Address::parse(url, &crate::login::nobody()).unwrap();
    PgBridge::new(Home::Server(Box::new(address)), "landfall test", Arc::new(SystemClock))
}

impl Bed {
    /// A server that reaches the database through a proxy.
    pub fn behind_proxy(&self) -> (Proxy, PgBridge) {
        let at = self.db.url.split_once('@').unwrap().1.split_once('/').unwrap().0;
        let proxy = Proxy::start(at.parse::<SocketAddr>().unwrap()).unwrap();
        let store = store(&proxy.url(&self.db.url));
        (proxy, store)
    }

    pub async fn sql(&self, sql: &str) {
        self.db.client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {:?}", e.as_db_error()));
    }

    /// All rows and columns as text: columns apart by `|`, rows by a blank, NULL is `~`.
    pub async fn ask(&self, sql: &str) -> String {
        let rows = self.db.client.simple_query(sql).await;
        let rows = rows.unwrap_or_else(|e| panic!("{sql}: {:?}", e.as_db_error()));
        let shown = rows.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                let cells = (0..row.len()).map(|i| row.get(i).unwrap_or("~"));
                Some(cells.collect::<Vec<_>>().join("|"))
            }
            _ => None,
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Keeps events, judges them by [`one_each`], and takes what is free.
    pub async fn claimed(&self, events: &[Event]) -> Vec<Action> {
        self.store.keep(events).await.unwrap();
        while self.store.judge(100, &one_each).await.unwrap() > 0 {}
        self.store.claim(100, HOUR).await.unwrap()
    }

    /// The actions, first one first.
    pub async fn lines(&self) -> Vec<ActionLine> {
        let mut lines = self.store.actions(&ActionFilter::default(), None, 1_000).await.unwrap();
        lines.reverse();
        lines
    }

    /// How many actions are in a state.
    pub async fn in_state(&self, state: ActionState) -> usize {
        self.lines().await.iter().filter(|line| line.state == state).count()
    }
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn event(id: &str, subject: &str, occurred: i64) -> Event {
    Event {
        sender: "bettermode".into(),
        id: id.into(),
        kind: "member.updated".into(),
        subject: subject.into(),
        occurred: at(occurred),
        told: Told::new(),
        body: serde_json::Value::Null,
    }
}

/// One action in the lane of the record.
pub fn one_each(event: &Event, _: Option<Timestamp>, now: Timestamp) -> Vec<Planned> {
    vec![planned(&event.subject, 0, now)]
}

pub fn planned(lane: &str, number: u32, due: Timestamp) -> Planned {
    Planned { rule: "r".into(), number, lane: lane.into(), due, work: Work::KeepCopy }
}

/// The row of a member, with one column beside the key.
pub fn row(table: &str, key: &str, column: &str, text: Option<&str>) -> Write {
    let columns = [(column.to_owned(), text.map(String::from))].into();
    Write::Row { table: TableWork { name: table.into(), key: "id".into(), columns }, key: key.into() }
}

pub fn done(writes: Vec<Write>) -> Ending {
    Ending::Done { effect: "done".into(), writes, then: Vec::new() }
}

pub fn never() -> Ending {
    Ending::Never { fault: Fault::fail("no") }
}
