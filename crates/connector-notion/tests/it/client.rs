//! Each call on the wire, and what is done about each way an answer can go wrong.

use crate::rig::{TOKEN, client, client_of, config, shown};
use crate::stub::{Act, Stub, error};
use base::{Class, Fault, Secret};
use connector_notion::{Client, Error, NotionConfig, VERSION};
use serde_json::{Map, json};
use std::time::Duration;

const PAGE: &str = r#"{"object":"page","id":"p1","created_time":"2026","properties":{}}"#;

#[tokio::test]
async fn every_request_names_the_version_and_carries_the_token() {
    let stub = Stub::script(vec![Act::Answer(200, PAGE.into())]).await;
    let client = client(&stub);
    client.page("p1").await.expect("a page");
    client.create_page("ds", &Map::new()).await.expect("a page");
    client.update_page("p1", &Map::new()).await.expect("a page");
    client.trash_page("p1").await.expect("a page");
    assert_eq!(
        stub.lines(),
        ["GET /v1/pages/p1", "POST /v1/pages", "PATCH /v1/pages/p1", "PATCH /v1/pages/p1"]
    );
    let requests = stub.requests();
    for request in &requests {
        assert_eq!(request.authorization, Some(format!("Bearer {TOKEN}")));
        assert_eq!(request.version.as_deref(), Some(VERSION));
    }
    let parent = json!({"type": "data_source_id", "data_source_id": "ds"});
    assert_eq!(requests[1].body, json!({"parent": parent, "properties": {}}));
    assert_eq!(requests[3].body, json!({"in_trash": true}));
    assert!(!format!("{client:?}").contains(TOKEN));
}

#[tokio::test]
async fn databases_and_data_sources_are_read_and_changed() {
    let database = json!({"object": "database", "id": "db", "data_sources": [{"id": "ds", "name": "M"}]});
    let source = json!({"object": "data_source", "id": "ds", "title": [{"plain_text": "M"}],
        "properties": {"Name": {"id": "title", "type": "title", "title": {}}}});
    let stub = Stub::start(move |request| match request.line.contains("databases") {
        true => Act::Json(database.clone()),
        false => Act::Json(source.clone()),
    })
    .await;
    let client = client(&stub);
    assert_eq!(client.database("db").await.expect("a database").data_sources[0].id, "ds");
    client.update_database("db", &json!({"is_locked": true})).await.expect("a database");
    assert_eq!(client.data_source("ds").await.expect("a data source").properties[0].name, "Name");
    client.update_data_source("ds", &json!({"Bio": {"rich_text": {}}})).await.expect("a data source");
    let bodies: Vec<_> = stub.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies[1], json!({"is_locked": true}));
    assert_eq!(bodies[3], json!({"properties": {"Bio": {"rich_text": {}}}}));
}

/// How a read and a write end after `act`, when the service is well again behind it: by their errors' class.
async fn after(act: &Act) -> (Result<usize, Class>, Result<usize, Class>) {
    let stub = |act: &Act| Stub::script(vec![act.clone(), Act::Answer(200, PAGE.into())]);
    let (reads, writes) = (stub(act).await, stub(act).await);
    let class = |error: Error| error.class();
    let read = client(&reads).page("p1").await.map_err(class);
    let write = client(&writes).create_page("ds", &Map::new()).await.map_err(class);
    (read.map(|_| reads.lines().len()), write.map(|_| writes.lines().len()))
}

#[tokio::test]
async fn only_what_certainly_did_nothing_is_sent_again() {
    let said = |status, code| Act::error(status, code, "no");
    let wait = |status, after| Act::RetryAfter(status, after, error(status, "rate_limited", "slow"));
    for (act, read, write) in [
        (wait(429, "3"), Ok(2), Ok(2)),
        (wait(529, "Sun, 01 Mar 2026 12:00:07 GMT"), Ok(2), Ok(2)),
        (Act::Html(429), Ok(2), Ok(2)),
        (said(500, "internal_server_error"), Ok(2), Err(Class::Retry)),
        (said(503, "service_unavailable"), Ok(2), Err(Class::Retry)),
        (said(504, "gateway_timeout"), Ok(2), Err(Class::Retry)),
        (Act::Html(502), Ok(2), Err(Class::Retry)),
        (Act::Cut, Ok(2), Err(Class::Retry)),
        (Act::Hang, Ok(2), Err(Class::Retry)),
        (Act::Html(200), Err(Class::Stop), Err(Class::Retry)),
        (said(409, "conflict_error"), Err(Class::Retry), Err(Class::Retry)),
        (said(400, "validation_error"), Err(Class::Fail), Err(Class::Fail)),
        (said(400, "missing_version"), Err(Class::Bug), Err(Class::Bug)),
        (said(401, "unauthorized"), Err(Class::Stop), Err(Class::Stop)),
        (said(403, "restricted_resource"), Err(Class::Stop), Err(Class::Stop)),
        (said(404, "object_not_found"), Err(Class::Stop), Err(Class::Stop)),
        (Act::Html(403), Err(Class::Stop), Err(Class::Stop)),
    ] {
        assert_eq!(after(&act).await, (read, write), "{act:?}");
    }
}

#[tokio::test]
async fn the_wait_that_is_asked_for_is_kept_be_it_seconds_or_a_date() {
    for (status, header, seconds) in
        [(429, "3", 3), (429, "Sun, 01 Mar 2026 12:00:07 GMT", 7), (529, "60", 60), (529, "0", 0)]
    {
        let slow = Act::RetryAfter(status, header, error(status, "rate_limited", "slow"));
        let stub = Stub::script(vec![slow, Act::Answer(200, PAGE.into())]).await;
        let (client, pace) = client_of(&stub);
        client.page("p1").await.expect("a page");
        let waited = pace.waited();
        let least = Duration::from_secs(seconds);
        assert!(waited >= least && waited < least + Duration::from_secs(1), "{header}: {waited:?}");
    }
}

#[tokio::test]
async fn an_error_names_the_request_and_the_limit_and_repeats_no_value() {
    let limited = json!({"object": "error", "status": 429, "code": "rate_limited", "message": "slow",
        "request_id": "req-7", "additional_data": {"rate_limit_reason": ["workspace_limit"]}});
    let stub = Stub::script(vec![Act::Answer(429, limited.to_string())]).await;
    let fault = Fault::from(client(&stub).page("p1").await.expect_err("too much"));
    assert!(shown(&fault).contains("workspace_limit (request req-7)"), "{}", shown(&fault));

    let message = "Ada Lovelace <ada@x.test> is no email, instead was `\"ada@x.test\"`.";
    let stub = Stub::script(vec![Act::error(400, "validation_error", message)]).await;
    let properties = json!({"title": {"title": [{"text": {"content": "Ada Lovelace"}}]}});
    let properties = properties.as_object().expect("an object");
    let fault = Fault::from(client(&stub).create_page("ds", properties).await.expect_err("refused"));
    let shown = shown(&fault);
    assert!(shown.contains("validation_error: *** *** is no email (request req-1)"), "{shown}");
    assert!(!shown.contains("Ada") && !shown.contains("ada@"), "{shown}");
}

#[tokio::test]
async fn what_is_too_large_is_not_sent() {
    let stub = Stub::script(vec![Act::Answer(200, PAGE.into())]).await;
    let properties = json!({"em": {"email": "a".repeat(201)}});
    let properties = properties.as_object().expect("an object");
    let refused = client(&stub).create_page("ds", properties).await.expect_err("too large");
    assert!(matches!(refused, Error::TooLarge { .. }), "{refused}");
    assert!(stub.lines().is_empty());
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_at_once() {
    let no_token = NotionConfig { token: Secret::new(""), ..config("https://api.notion.com") };
    for (config, word) in [(no_token, "NOTION_API_TOKEN"), (config("notion"), "NOTION_API_URL")] {
        let fault = Client::new(&config).expect_err("refused");
        assert!(fault.class == Class::Usage && shown(&fault).contains(word), "{}", shown(&fault));
    }
    assert!(Client::new(&config("http://api.notion.test")).expect("a client").is_in_clear());
}
