//! The double of MongoDB, as the official driver meets it: what it knows it does as MongoDB does it, and what
//! it does not know it refuses.

use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::{Client, Collection};
use testkit::Mongo;

async fn collection(server: &Mongo) -> Collection<Document> {
    let client = Client::with_uri_str(server.url_for("db")).await.unwrap();
    client.default_database().unwrap().collection("c")
}

fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        _ => None,
    }
}

#[tokio::test]
async fn documents_are_found_in_order_in_batches_and_counted() {
    let server = Mongo::start().unwrap();
    let c = collection(&server).await;
    c.insert_many((0..10).map(|n| doc! { "_id": n, "even": n % 2 == 0 })).await.unwrap();
    let cursor = c.find(doc! { "even": true }).sort(doc! { "_id": -1 }).batch_size(2).await.unwrap();
    let ids: Vec<_> = cursor.map_ok(|found| found.get_i32("_id").unwrap()).try_collect().await.unwrap();
    assert_eq!(ids, [8, 6, 4, 2, 0]);
    assert_eq!(server.asked("getMore"), 2);
    let cursor = c.find(doc! {}).skip(3).limit(2).await.unwrap();
    assert_eq!(cursor.try_collect::<Vec<_>>().await.unwrap().len(), 2);
    assert_eq!(c.count_documents(doc! { "_id": { "$lt": 3 } }).await.unwrap(), 3);
    assert_eq!(c.estimated_document_count().await.unwrap(), 10);
}

#[tokio::test]
async fn an_upsert_makes_a_document_once_and_changes_it_afterwards() {
    let server = Mongo::start_replica_set().unwrap();
    let c = collection(&server).await;
    let change = |n: i32| doc! { "$setOnInsert": { "made": n }, "$set": { "changed": n } };
    for n in 1..3 {
        let done = c.update_one(doc! { "_id": "a" }, change(n)).upsert(true).await.unwrap();
        assert_eq!((done.upserted_id.is_some(), done.modified_count), (n == 1, u64::from(n == 2)));
    }
    assert_eq!(server.documents("db", "c"), [doc! { "_id": "a", "made": 1, "changed": 2 }]);
    let none = c.update_one(doc! { "_id": "b" }, change(3)).await.unwrap();
    assert_eq!(none.matched_count, 0);
}

#[tokio::test]
async fn the_second_document_of_an_id_is_refused_with_11000_and_ends_the_batch() {
    let server = Mongo::start().unwrap();
    let c = collection(&server).await;
    let error = c.insert_many([1, 1, 2].map(|id| doc! { "_id": id })).await.unwrap_err();
    let ErrorKind::InsertMany(failed) = &*error.kind else { panic!("{error}") };
    let errors = failed.write_errors.as_ref().unwrap();
    assert_eq!((errors.len(), errors[0].code, errors[0].index), (1, 11_000, 1));
    assert_eq!(server.documents("db", "c").len(), 1);
}

#[tokio::test]
async fn what_the_double_does_not_know_it_refuses() {
    let server = Mongo::start().unwrap();
    let c = collection(&server).await;
    c.insert_one(doc! { "_id": 1 }).await.unwrap();
    let database = Client::with_uri_str(server.url_for("db")).await.unwrap().database("db");
    for (command, expected) in [
        (doc! { "collStats": "c" }, 59),
        (doc! { "distinct": "c", "key": "_id" }, 59),
        (doc! { "ping": 1, "loudly": true }, 40_415),
        (doc! { "find": "c", "filter": { "$where": "1" } }, 2),
        (doc! { "find": "c", "filter": { "_id": { "$near": 1 } } }, 2),
        (doc! { "aggregate": "c", "cursor": {}, "pipeline": [{ "$out": "d" }] }, 40_324),
        (doc! { "update": "c", "updates": [{ "q": {}, "u": { "$inc": { "a": 1 } } }] }, 9),
        (doc! { "getMore": 77_i64, "collection": "c" }, 43),
    ] {
        let error = database.run_command(command.clone()).await.unwrap_err();
        assert_eq!(code(&error), Some(expected), "{command}: {error}");
    }
}
