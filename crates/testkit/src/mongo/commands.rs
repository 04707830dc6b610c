//! The commands that the double knows, each with the fields that it knows.

use super::query::{self, amount, count};
use super::wire::MESSAGE_BYTES_MAX;
use bson::{Bson, DateTime, Document, doc};
use std::collections::BTreeMap;

const COMMAND_NOT_FOUND: i32 = 59;
const UNKNOWN_FIELD: i32 = 40_415;
const TYPE_MISMATCH: i32 = 14;
const CURSOR_NOT_FOUND: i32 = 43;
const ILLEGAL_OPERATION: i32 = 20;
const DUPLICATE_KEY: i32 = 11_000;

/// Documents of a cursor's first batch when the client does not say; as MongoDB's.
const BATCH: usize = 101;
/// The largest document, as `hello` says it.
const DOCUMENT_BYTES_MAX: i32 = 16 * 1024 * 1024;
/// The wire versions of MongoDB 4.2 to 8.0.
const WIRE_VERSIONS: (i32, i32) = (8, 25);

/// What every command may carry.
const COMMON: &[&str] = &["$db", "lsid", "$clusterTime", "$readPreference", "comment", "maxTimeMS"];
const WRITE: &[&str] = &["ordered", "writeConcern", "txnNumber", "bypassDocumentValidation"];
const READ: &[&str] = &["readConcern", "batchSize"];

/// The commands with their own fields.
const KNOWN: &[(&str, &[&str], &[&str])] = &[
    (
        "hello",
        &["helloOk", "client", "compression", "backpressure", "topologyVersion", "maxAwaitTimeMS"],
        &[],
    ),
    ("ping", &[], &[]),
    ("endSessions", &[], &[]),
    ("insert", &["documents"], WRITE),
    ("update", &["updates"], WRITE),
    ("find", &["filter", "sort", "limit", "skip", "singleBatch"], READ),
    ("aggregate", &["pipeline", "cursor"], READ),
    ("count", &["query", "limit", "skip"], READ),
    ("getMore", &["collection"], READ),
    ("killCursors", &["cursors"], &[]),
    ("createIndexes", &["indexes", "writeConcern", "commitQuorum"], &[]),
    ("dropDatabase", &["writeConcern"], &[]),
];

/// Why the double does not do it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    code: i32,
    words: String,
}

impl Refusal {
    pub(super) fn new(code: i32, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    /// As it is answered.
    pub(super) fn document(&self) -> Document {
        doc! { "ok": 0.0, "errmsg": &self.words, "code": self.code, "codeName": format!("Code{}", self.code) }
    }
}

/// What the server holds.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether it is the primary of a replica set, of this name and address.
    pub(super) set: Option<(String, String)>,
    /// Database and collection → documents in the order in which they came.
    pub(super) collections: BTreeMap<(String, String), Vec<Document>>,
    /// The same → keys of the indexes that were made.
    pub(super) indexes: BTreeMap<(String, String), Vec<Document>>,
    cursors: BTreeMap<i64, (String, Vec<Document>)>,
    cursor: i64,
    /// Session and number of a write → what it was answered: the same write again is not done again.
    written: BTreeMap<(String, i64), Document>,
}

/// A command's name as tests and we say it: the older name of `hello` is `hello`.
pub(super) fn name(command: &Document) -> &str {
    match command.keys().next().map(String::as_str) {
        Some("isMaster" | "ismaster") => "hello",
        Some(name) => name,
        None => "",
    }
}

impl State {
    /// Does a command, or says why not.
    pub(super) fn run(&mut self, command: &Document) -> Result<Document, Refusal> {
        let (name, target) = (name(command), command.iter().next().map(|(_, value)| value));
        let known = KNOWN.iter().find(|(known, _, _)| *known == name);
        let (_, own, shared) =
            known.ok_or_else(|| Refusal::new(COMMAND_NOT_FOUND, format!("no such command: '{name}'")))?;
        let fields = command.keys().skip(1);
        for field in fields {
            if ![*own, *shared, COMMON].iter().any(|fields| fields.contains(&field.as_str())) {
                let words = format!("BSON field '{name}.{field}' is an unknown field.");
                return Err(Refusal::new(UNKNOWN_FIELD, words));
            }
        }
        let database = command.get_str("$db").map_err(|_| Refusal::new(40_571, "OP_MSG requires a $db"))?;
        let collection = target.and_then(Bson::as_str).unwrap_or_default();
        let place = (database.to_owned(), collection.to_owned());
        match name {
            "hello" => Ok(self.hello(command)),
            "ping" | "endSessions" => Ok(doc! { "ok": 1.0 }),
            "insert" => self.once(command, |state| state.insert(&place, list(command, "documents")?)),
            "update" => self.once(command, |state| state.update(&place, list(command, "updates")?)),
            "find" => self.find(&place, command),
            "aggregate" => {
                let found = query::pipeline(self.all(&place), list(command, "pipeline")?)?;
                let cursor = command.get_document("cursor").map_err(|_| wrong("cursor"))?;
                let batch = cursor.get("batchSize").and_then(amount);
                Ok(self.answer(&place, found, batch))
            }
            "count" => {
                let found = query::matching(self.all(&place), &document(command, "query")?)?;
                let limit = command.get("limit").and_then(amount).filter(|limit| *limit > 0);
                let found = found.into_iter().skip(command.get("skip").and_then(amount).unwrap_or(0));
                let found: Vec<_> = found.take(limit.unwrap_or(usize::MAX)).collect();
                Ok(doc! { "n": count(&found), "ok": 1.0 })
            }
            "getMore" => self.more(target.and_then(Bson::as_i64).unwrap_or(0), command),
            "killCursors" => {
                let ids: Vec<i64> = list(command, "cursors")?.iter().filter_map(Bson::as_i64).collect();
                let killed: Vec<_> =
                    ids.into_iter().filter(|id| self.cursors.remove(id).is_some()).map(Bson::Int64).collect();
                Ok(doc! { "cursorsKilled": killed, "ok": 1.0 })
            }
            "createIndexes" => self.index(place, list(command, "indexes")?),
            "dropDatabase" => {
                self.collections.retain(|(database, _), _| *database != place.0);
                self.indexes.retain(|(database, _), _| *database != place.0);
                Ok(doc! { "dropped": place.0, "ok": 1.0 })
            }
            other => unreachable!("{other} is in the table and not here"),
        }
    }

    fn hello(&self, command: &Document) -> Document {
        let mut answer = doc! {
            "isWritablePrimary": true, "ismaster": true, "helloOk": true,
            "maxBsonObjectSize": DOCUMENT_BYTES_MAX,
            "maxMessageSizeBytes": i32::try_from(MESSAGE_BYTES_MAX).unwrap_or(i32::MAX),
            "maxWriteBatchSize": 100_000, "localTime": DateTime::from_millis(0),
            "logicalSessionTimeoutMinutes": 30, "connectionId": 1,
            "minWireVersion": WIRE_VERSIONS.0, "maxWireVersion": WIRE_VERSIONS.1, "readOnly": false,
        };
        if let Some((set, me)) = &self.set {
            answer.extend(doc! {
                "setName": set, "hosts": [me], "me": me, "primary": me, "secondary": false, "setVersion": 1,
            });
        }
        if command.contains_key("hello") {
            answer.remove("ismaster");
        }
        answer.insert("ok", 1.0);
        answer
    }

    /// A write with a number is done once per session, as a replica set does it.
    fn once(
        &mut self,
        command: &Document,
        write: impl FnOnce(&mut Self) -> Result<Document, Refusal>,
    ) -> Result<Document, Refusal> {
        let Some(number) = command.get("txnNumber").and_then(Bson::as_i64) else { return write(self) };
        if self.set.is_none() {
            let words = "Transaction numbers are only allowed on a replica set member or mongos";
            return Err(Refusal::new(ILLEGAL_OPERATION, words));
        }
        let session = document(command, "lsid")?.to_string();
        if let Some(answer) = self.written.get(&(session.clone(), number)) {
            return Ok(answer.clone());
        }
        let answer = write(self)?;
        self.written.insert((session, number), answer.clone());
        Ok(answer)
    }

    fn all(&self, place: &(String, String)) -> Vec<Document> {
        self.collections.get(place).cloned().unwrap_or_default()
    }

    /// Ordered: what follows a refused document is not tried.
    fn insert(&mut self, place: &(String, String), documents: &[Bson]) -> Result<Document, Refusal> {
        let there = self.collections.entry(place.clone()).or_default();
        for (index, document) in (0_i32..).zip(documents) {
            let document = document.as_document().ok_or_else(|| wrong("documents"))?;
            let id = document.get("_id").ok_or_else(|| wrong("_id"))?;
            if there.iter().any(|other| other.get("_id") == Some(id)) {
                let words = format!("E11000 duplicate key error collection: {}.{}", place.0, place.1);
                let error = doc! {
                    "index": index, "code": DUPLICATE_KEY, "errmsg": words,
                    "keyPattern": { "_id": 1 }, "keyValue": { "_id": id },
                };
                return Ok(doc! { "n": index, "writeErrors": [error], "ok": 1.0 });
            }
            there.push(document.clone());
        }
        Ok(doc! { "n": i32::try_from(documents.len()).unwrap_or(i32::MAX), "ok": 1.0 })
    }

    fn update(&mut self, place: &(String, String), updates: &[Bson]) -> Result<Document, Refusal> {
        let (mut matched, mut modified, mut upserted) = (0, 0, Vec::new());
        for (index, one) in (0_i32..).zip(updates) {
            let one = one.as_document().ok_or_else(|| wrong("updates"))?;
            if let Some(field) = one.keys().find(|key| !["q", "u", "upsert", "multi"].contains(&key.as_str()))
            {
                return Err(Refusal::new(UNKNOWN_FIELD, format!("unknown field of an update: {field}")));
            }
            let (filter, change) = (document(one, "q")?, document(one, "u")?);
            let multi = one.get_bool("multi").unwrap_or(false);
            let there = self.collections.entry(place.clone()).or_default();
            let mut found = 0;
            for document in there.iter_mut() {
                if (multi || found == 0) && query::matches(&filter, document)? {
                    found += 1;
                    modified += i32::from(query::update(document, &change, false)?);
                }
            }
            matched += found;
            if found == 0 && one.get_bool("upsert").unwrap_or(false) {
                let mut new: Document =
                    filter.into_iter().filter(|(_, value)| value.as_document().is_none()).collect();
                query::update(&mut new, &change, true)?;
                let id = new.get("_id").cloned().ok_or_else(|| wrong("_id"))?;
                there.push(new);
                upserted.push(Bson::Document(doc! { "index": index, "_id": id }));
            }
        }
        let made = i32::try_from(upserted.len()).unwrap_or(i32::MAX);
        let mut answer = doc! { "n": matched + made, "nModified": modified, "ok": 1.0 };
        if !upserted.is_empty() {
            answer.insert("upserted", upserted);
        }
        Ok(answer)
    }

    fn find(&mut self, place: &(String, String), command: &Document) -> Result<Document, Refusal> {
        let mut found = query::matching(self.all(place), &document(command, "filter")?)?;
        query::sort(&mut found, &document(command, "sort")?)?;
        let skip = command.get("skip").and_then(amount).unwrap_or(0);
        let limit = command.get("limit").and_then(amount).filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let found: Vec<_> = found.into_iter().skip(skip).take(limit).collect();
        let single = command.get_bool("singleBatch").unwrap_or(false);
        let batch = if single { Some(usize::MAX) } else { command.get("batchSize").and_then(amount) };
        Ok(self.answer(place, found, batch))
    }

    /// The first batch, and a cursor for the rest.
    fn answer(
        &mut self,
        place: &(String, String),
        mut found: Vec<Document>,
        batch: Option<usize>,
    ) -> Document {
        let rest = found.split_off(batch.unwrap_or(BATCH).min(found.len()));
        let space = format!("{}.{}", place.0, place.1);
        let id = self.keep(&space, rest);
        doc! { "cursor": { "firstBatch": found, "id": id, "ns": space }, "ok": 1.0 }
    }

    fn keep(&mut self, space: &str, rest: Vec<Document>) -> i64 {
        if rest.is_empty() {
            return 0;
        }
        self.cursor += 1;
        self.cursors.insert(self.cursor, (space.to_owned(), rest));
        self.cursor
    }

    fn more(&mut self, id: i64, command: &Document) -> Result<Document, Refusal> {
        let kept = self.cursors.remove(&id);
        let (space, mut batch) =
            kept.ok_or_else(|| Refusal::new(CURSOR_NOT_FOUND, format!("cursor id {id} not found")))?;
        let size = command.get("batchSize").and_then(amount).filter(|size| *size > 0).unwrap_or(BATCH);
        let rest = batch.split_off(size.min(batch.len()));
        let left = !rest.is_empty();
        if left {
            self.cursors.insert(id, (space.clone(), rest));
        }
        let id = if left { id } else { 0 };
        Ok(doc! { "cursor": { "nextBatch": batch, "id": id, "ns": space }, "ok": 1.0 })
    }

    fn index(&mut self, place: (String, String), indexes: &[Bson]) -> Result<Document, Refusal> {
        let there = self.indexes.entry(place).or_default();
        let before = i32::try_from(there.len() + 1).unwrap_or(i32::MAX);
        for index in indexes {
            let keys = index.as_document().map(|index| document(index, "key"));
            let keys = keys.ok_or_else(|| wrong("indexes"))??;
            if !there.contains(&keys) {
                there.push(keys);
            }
        }
        let after = i32::try_from(there.len() + 1).unwrap_or(i32::MAX);
        Ok(doc! { "numIndexesBefore": before, "numIndexesAfter": after, "ok": 1.0 })
    }
}

fn list<'a>(command: &'a Document, name: &str) -> Result<&'a [Bson], Refusal> {
    command.get_array(name).map(Vec::as_slice).map_err(|_| wrong(name))
}

/// A field that is a document; an empty one when it is not there.
fn document(command: &Document, name: &str) -> Result<Document, Refusal> {
    match command.get(name) {
        None => Ok(Document::new()),
        Some(Bson::Document(document)) => Ok(document.clone()),
        Some(_) => Err(wrong(name)),
    }
}

fn wrong(name: &str) -> Refusal {
    Refusal::new(TYPE_MISMATCH, format!("BSON field '{name}' is missing or of the wrong type"))
}
