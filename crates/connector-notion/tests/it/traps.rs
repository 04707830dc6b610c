//! Traps of the service's that no other file springs, by their numbers in `NOTES.md`.

use crate::rig::{client, shown};
use crate::stub::{Act, Stub};
use base::Fault;
use connect::service::Service;
use connector_notion::{NotionService, ServiceSettings};
use serde_json::{Value, json};

/// A workspace with one database of these data sources; nothing else is there.
async fn workspace(sources: &'static [&'static str]) -> Stub {
    Stub::start(move |request| {
        let id = request.line.rsplit('/').next().unwrap_or_default();
        if request.line.contains("/databases/db") {
            let named = |id: &&str| json!({"id": id, "name": format!("name of {id}")});
            let all: Value = sources.iter().map(named).collect();
            return Act::Json(json!({"object": "database", "id": "db", "data_sources": all}));
        }
        match sources.contains(&id) && request.line.contains("/data_sources/") {
            true => Act::Json(json!({"object": "data_source", "id": id,
                "properties": {"Name": {"id": "title", "type": "title"}}})),
            false => Act::error(404, "object_not_found", "Could not find it."),
        }
    })
    .await
}

async fn tables(stub: &Stub, database: &str, source: Option<&str>) -> Result<usize, Fault> {
    let data_source = source.map(String::from);
    let settings = ServiceSettings { data_source, ..ServiceSettings::new(database) };
    NotionService::with(client(stub), settings).tables().await.map(|tables| tables.len())
}

#[tokio::test]
async fn trap_1_a_database_and_its_data_source_are_told_apart() {
    for (sources, database, source, expected) in [
        (&["ds1"][..], "db", None, Ok(1)),
        (&["ds1"], "ds1", None, Ok(1)),
        (&["ds1", "ds2"], "db", Some("ds2"), Ok(1)),
        (&["ds1", "ds2"], "db", Some("name of ds1"), Ok(1)),
        (&["ds1", "ds2"], "db", None, Err("set data_source to one of: name of ds1, name of ds2")),
        (&["ds1"], "db", Some("ds9"), Err("it has: name of ds1")),
        (&[], "db", None, Err("no data source that the connection sees")),
        (&["ds1"], "other", None, Err("add the one with this token")),
    ] {
        let stub = workspace(sources).await;
        let found = tables(&stub, database, source).await.map_err(|fault| shown(&fault));
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(word)) => assert!(found.contains(word), "{found}"),
            (found, _) => panic!("{database} {source:?}: {found:?}"),
        }
    }
}
