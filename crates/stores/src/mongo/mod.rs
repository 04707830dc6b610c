//! MongoDB: a copy of what was heard and of what members did, for those who read it there.
//!
//! | collection | `_id` | fields |
//! |---|---|---|
//! | `bettermode_webhook_events` | `sender/id` | `event_type`, `timestamp`, `data`, and more |
//! | `bettermode_member_activities` | its id | `member_id`, `activity_type`, `timestamp`, `data` |
//!
//! `timestamp` is a date of BSON, whole milliseconds; `occurred` beside it is the same moment in full, text.
//! `data` is what was told in our words; of an event there are `sender`, `event_id` and `subject` too, and in
//! `body` what the sender said. The `_id` makes that each is kept once: an insert that finds its `_id` there
//! has been done before.
//!
//! Writes are acknowledged by a majority. The driver tries a write once more by itself where the server makes
//! that safe; everything else is for the outbox, to which a server that is away is a fault to be tried again.

mod document;
mod fault;

use crate::said::{Said, Tell};
use crate::time::Time;
use async_trait::async_trait;
use base::{Fault, Secret};
use bridge::action::Activity;
use bridge::event::Event;
use bridge::ports::{Collections, StoreState};
use fault::fault;
use futures::TryStreamExt as _;
use jiff::Timestamp;
use mongodb::bson::{Document, doc};
use mongodb::options::{ClientOptions, ConnectionString, IndexOptions, WriteConcern};
use mongodb::{Client, Collection, Database, IndexModel};
use serde_json::Value;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Copies of events.
pub const EVENTS: &str = "bettermode_webhook_events";

/// What members did.
pub const ACTIVITIES: &str = "bettermode_member_activities";

/// The database when the address names none.
pub const DATABASE: &str = "landfall";

/// How long to look for a server that takes writes, and for its answer to a connection.
const SELECTION_MAX: Duration = Duration::from_secs(2);

/// How long one call may take in all. The driver itself waits for an answer without end.
pub const CALL_MAX: Duration = Duration::from_secs(5);

/// Connections at a time.
const POOL_MAX: u32 = 8;

/// Documents of a list, at most, whatever was asked for.
pub const LIST_MAX: usize = 1_000;

/// What it is called in [`StoreState`].
const WHAT: &str = "mongodb";

/// The two collections of one database.
pub struct MongoCollections {
    address: ConnectionString,
    call_max: Duration,
    time: Arc<dyn Time>,
    tell: Tell,
    database: OnceCell<Database>,
    indexed: OnceCell<()>,
    /// Why it is away, and since when.
    standing: Mutex<(Option<String>, Timestamp)>,
}

impl MongoCollections {
    /// Reads the address, `mongodb://` or `mongodb+srv://`; nothing is sent yet. Fault: the address is none.
    pub fn open(url: &Secret, time: Arc<dyn Time>, tell: Tell) -> Result<Self, Fault> {
        let address = ConnectionString::parse(url.expose()).map_err(|_| {
            let hint = "an address is mongodb://[user:password@]host[:27017][/database], or mongodb+srv://";
            Fault::usage("MONGODB_URL is no address of a MongoDB").hint(hint)
        })?;
        let standing = Mutex::new((None, time.now()));
        let (database, indexed) = (OnceCell::new(), OnceCell::new());
        Ok(Self { address, call_max: CALL_MAX, time, tell, database, indexed, standing })
    }

    /// One whose calls may take so long: for servers that are far away, and for tests.
    #[must_use]
    pub fn call_max(mut self, time: Duration) -> Self {
        self.call_max = time;
        self
    }

    /// Whether it answers.
    pub async fn check(&self) -> Result<(), Fault> {
        self.within("ping", async {
            let ping = self.database().await?.run_command(doc! { "ping": 1 }).await;
            ping.map(drop).map_err(|error| fault("ping", &error))
        })
        .await
    }

    /// The database; the first call resolves its address, which for `mongodb+srv` asks the DNS.
    async fn database(&self) -> Result<&Database, Fault> {
        let connect = async {
            let mut options = ClientOptions::parse(self.address.clone()).await?;
            options.app_name.get_or_insert_with(|| "landfall".into());
            options.server_selection_timeout.get_or_insert(SELECTION_MAX);
            options.connect_timeout.get_or_insert(SELECTION_MAX);
            options.max_pool_size.get_or_insert(POOL_MAX);
            // Said with each write, whatever the address says: the driver would send it with reads too.
            options.write_concern = None;
            let name = options.default_database.clone().unwrap_or_else(|| DATABASE.into());
            Ok(Client::with_options(options)?.database(&name))
        };
        self.database.get_or_try_init(|| connect).await.map_err(|error| fault("connect", &error))
    }

    /// A collection whose indexes are there, or cannot be.
    async fn collection(&self, name: &str) -> Result<Collection<Document>, Fault> {
        let database = self.database().await?;
        self.indexed.get_or_try_init(|| self.index(database)).await?;
        Ok(database.collection(name))
    }

    /// Makes the indexes. A server that refuses them serves without: that is said, and stops nothing.
    async fn index(&self, database: &Database) -> Result<(), Fault> {
        for (collection, keys) in [
            (EVENTS, vec![doc! { "timestamp": -1, "_id": -1 }, doc! { "event_type": 1, "timestamp": -1 }]),
            (ACTIVITIES, vec![doc! { "member_id": 1, "timestamp": -1, "_id": -1 }]),
        ] {
            let model = |keys| IndexModel::builder().keys(keys).options(IndexOptions::default()).build();
            let made =
                database.collection::<Document>(collection).create_indexes(keys.into_iter().map(model)).await;
            match made {
                Ok(_) => {}
                Err(error) if fault::is_refusal(&error) => {
                    let what = fault("createIndexes", &error).what;
                    let note = format!("{what}; {collection} is read without indexes");
                    (self.tell)(Said::Note { what: WHAT, note });
                }
                Err(error) => return Err(fault("createIndexes", &error)),
            }
        }
        Ok(())
    }

    /// Keeps a document, once.
    async fn keep(&self, name: &str, id: &str, document: Document) -> Result<(), Fault> {
        let collection = self.collection(name).await?;
        // Less, and a copy that a failover loses would be told to be kept.
        let insert = collection.insert_one(document).write_concern(WriteConcern::majority());
        let Err(error) = insert.await else { return Ok(()) };
        if fault::is_duplicate(&error) {
            return Ok(());
        }
        // Servers that speak the protocol and are not MongoDB have numbers of their own for it.
        if fault::is_refusal(&error) && self.holds(&collection, id).await? {
            return Ok(());
        }
        Err(fault("insert", &error))
    }

    async fn holds(&self, collection: &Collection<Document>, id: &str) -> Result<bool, Fault> {
        let found = collection.find_one(doc! { "_id": id }).await;
        Ok(found.map_err(|error| fault("find", &error))?.is_some())
    }

    /// Documents that match, newest first.
    async fn newest(&self, name: &str, filter: Document, limit: usize) -> Result<Vec<Document>, Fault> {
        let limit = i64::try_from(limit.min(LIST_MAX)).unwrap_or(0);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let order = doc! { "timestamp": -1, "_id": -1 };
        let pipeline = [doc! { "$match": filter }, doc! { "$sort": order }, doc! { "$limit": limit }];
        let cursor = self.collection(name).await?.aggregate(pipeline).await;
        let cursor = cursor.map_err(|error| fault("aggregate", &error))?;
        cursor.try_collect().await.map_err(|error| fault("aggregate", &error))
    }

    async fn count(&self, name: &str) -> Result<u64, Fault> {
        let collection = self.collection(name).await?;
        collection.count_documents(doc! {}).await.map_err(|error| fault("count", &error))
    }

    /// A call within its time, which also shows whether the server is there.
    async fn within<T>(&self, what: &str, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let late = || {
            let seconds = self.call_max.as_secs_f32();
            Fault::retry(format!("MongoDB did not answer {what} within {seconds} s"))
        };
        let outcome = tokio::time::timeout(self.call_max, call).await.unwrap_or_else(|_| Err(late()));
        let away = outcome.as_ref().err().filter(|fault| fault.class == base::Class::Retry);
        self.stands(away.map(|fault| fault.what.clone()));
        outcome
    }

    fn stands(&self, away: Option<String>) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if standing.0.is_some() == away.is_some() {
            return;
        }
        *standing = (away.clone(), self.time.now());
        drop(standing);
        (self.tell)(match away {
            Some(why) => Said::Away { what: WHAT, why },
            None => Said::Back { what: WHAT },
        });
    }
}

#[async_trait]
impl Collections for MongoCollections {
    async fn event(&self, event: &Event) -> Result<(), Fault> {
        let document = document::of_event(event)?;
        self.within("insert", self.keep(EVENTS, &document::event_id(event), document)).await
    }

    async fn activity(&self, activity: &Activity) -> Result<(), Fault> {
        let document = document::of_activity(activity)?;
        self.within("insert", self.keep(ACTIVITIES, &activity.id, document)).await
    }

    async fn activities(&self, member: &str, limit: usize) -> Result<Vec<Activity>, Fault> {
        let found = self.newest(ACTIVITIES, doc! { "member_id": member }, limit);
        let found = self.within("aggregate", found).await?;
        found.iter().map(document::to_activity).collect()
    }

    async fn events(&self, limit: usize) -> Result<Vec<Value>, Fault> {
        let found = self.within("aggregate", self.newest(EVENTS, doc! {}, limit)).await?;
        Ok(found.into_iter().map(document::to_json).collect())
    }

    async fn counts(&self) -> Result<(u64, u64), Fault> {
        self.within("count", async { Ok((self.count(EVENTS).await?, self.count(ACTIVITIES).await?)) }).await
    }

    /// Asks: a server that nobody has written to for a while may have gone.
    async fn state(&self) -> StoreState {
        let failed = self.check().await.err().map(|fault| fault.what);
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        StoreState { what: WHAT, away: failed, since: standing.1 }
    }
}
