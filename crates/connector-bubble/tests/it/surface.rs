//! What a person sees of the source before an export: who it is, its streams, its problems; and what records
//! become.

use crate::rig::{Export, shown, source};
use crate::stub::{KEY, Row, Stub, row};
use async_trait::async_trait;
use base::{Fault, Secret, Severity};
use connect::{Page, Sink, Source};
use connector_bubble::{BubbleConfig, BubbleSource};
use serde_json::json;
use std::time::Duration;

const BASE: i64 = 1_700_000_000_000;

async fn stub(rows: Vec<Row>) -> Stub {
    Stub::start(rows).await
}

fn with(n: usize, more: &str) -> Row {
    Row { more: more.to_owned(), epoch: false, ..row(n, BASE + n as i64) }
}

#[tokio::test]
async fn the_source_says_who_it_is_and_which_database_it_reads() {
    let stub = stub(vec![]).await;
    let info = source(&stub).info();
    assert_eq!((info.connector.as_str(), info.environment.as_deref()), ("bubble", Some("test")));
    assert_eq!(info.address, stub.url);
    assert!(!format!("{info:?}").contains(KEY));
}

#[tokio::test]
async fn streams_are_found_in_meta_in_swagger_or_in_the_records() {
    let meta = json!({"get": ["unit"], "types": {"unit": {"display": "Unit", "fields": [
        {"id": "name_text", "display": "Name", "type": "text"},
        {"id": "tags", "display": "Tags", "type": "list.text"}]}}});
    let swagger = json!({"definitions": {"unit": {"properties": {"Name": {"type": "string"}}}}});
    let built_in = "_id created_date modified_date created_by";
    for (meta, swagger, fields) in [
        (Some(meta.clone()), None, "name tags new"),
        (Some(json!({"get": ["unit"]})), None, "name new"),
        (None, Some(swagger), "name new"),
        (None, None, "name new"),
    ] {
        let stub = stub(vec![with(1, r#","Name":"a""#), with(2, r#","New?":true"#)]).await;
        let known = meta.is_some() || swagger.is_some();
        {
            let mut world = stub.world();
            (world.meta, world.swagger) = (meta, swagger);
        }
        let source = source(&stub);
        let stream = source.stream("unit").await.expect("a stream");
        let names: Vec<&str> = stream.fields.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names.join(" "), format!("{built_in} {fields}"));
        assert_eq!(
            (stream.key.as_deref(), stream.created.as_deref(), stream.version.as_deref(), stream.total),
            (Some("_id"), Some("created_date"), Some("modified_date"), Some(2))
        );
        match source.discover(true).await {
            Ok(streams) => assert_eq!(streams, [stream]),
            Err(fault) => assert!(!known && shown(&fault).contains("does not say which types"), "{fault:?}"),
        }
        if known {
            assert_eq!(source.discover(false).await.expect("streams")[0].total, None);
        }
        assert_eq!(source.total("unit").await.expect("a count"), Some(2));
    }
}

#[tokio::test]
async fn a_type_that_is_not_exposed_is_named_with_its_nearest() {
    let stub = stub(vec![]).await;
    for (name, words) in
        [("Unit", "did you mean unit?"), ("unti", "did you mean unit?"), ("zebra", "it exposes: unit, user")]
    {
        let fault = source(&stub).stream(name).await.expect_err(name);
        assert!(shown(&fault).contains(words), "{}", shown(&fault));
        assert_eq!(fault.class, base::Class::Stop);
    }
    assert!(shown(&source(&stub).total("zebra").await.expect_err("404")).contains("not deployed"));
}

#[tokio::test]
async fn a_check_finds_every_problem() {
    let stub = stub(vec![with(1, ""), with(2, "")]).await;
    let streams = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(source(&stub).check(&streams(&["unit", "user"])).await.expect("a check"), []);

    let problems = source(&stub).check(&streams(&["unit", "zebra", "booking"])).await.expect("a check");
    let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
    assert_eq!((problems.len(), errors), (2, 2), "{problems:?}");

    stub.world().meta = Some(json!({"get": ["unit"]}));
    let problems = source(&stub).check(&streams(&["unit"])).await.expect("a check");
    assert!(problems[0].message.contains("does not expose the type user"), "{problems:?}");

    let config = BubbleConfig::new(&stub.url, Some(Secret::new("short")));
    let other = BubbleSource::new(config).expect("a source");
    let problems = other.check(&streams(&["unit", "unit"])).await.expect("a check");
    let words: Vec<(Severity, bool)> =
        problems.iter().map(|p| (p.severity, p.message.contains("refused the key"))).collect();
    assert_eq!(
        words,
        [(Severity::Note, false), (Severity::Note, false), (Severity::Error, true)],
        "{problems:?}"
    );
    let config = BubbleConfig::new(&stub.url, None);
    let problems =
        BubbleSource::new(config).expect("a source").check(&streams(&["unit"])).await.expect("a check");
    assert!(problems.iter().any(|p| p.message.contains("no key is set")), "{problems:?}");

    stub.world().meta = Some(json!({"get": ["unit", "user"], "types": {"unit": {"fields": [
        {"id": "a_text", "display": "Rent %", "type": "text"},
        {"id": "b_text", "display": "Rent?", "type": "text"}]}}}));
    let problems = source(&stub).check(&streams(&["unit"])).await.expect("a check");
    assert!(problems[0].message.contains(r#""Rent %" and "Rent?""#), "{problems:?}");
}

#[tokio::test]
async fn values_keep_every_digit_and_a_bad_one_costs_only_its_record() {
    let stub = stub(vec![
        with(
            1,
            r#","N":25.500,"Big":12345678901234567890.10,"Flag":false,"Empty":"","List":[ 1.10, "a b" ]"#,
        ),
        with(2, r#","Text":"a\u0000b""#),
        with(3, r#","List":[{"x":"\ud83d"}]"#),
        with(4, r#","Text":"😀 \ud83d\ude00 \"q\"\r\n","Null":null"#),
        with(5, r#","New":1"#),
    ])
    .await;
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), 2).await.expect("an export");
    assert!(outcome.complete, "{outcome:?}");
    let id = |n: usize| stub.world().rows[n - 1].id.clone();
    let first = &export.records[&id(1)];
    let value = |name: &str| first.get(name).map(String::as_str);
    assert_eq!((value("n"), value("big")), (Some("25.500"), Some("12345678901234567890.10")));
    assert_eq!(
        (value("flag"), value("empty"), value("list")),
        (Some("false"), Some(""), Some(r#"[1.10,"a b"]"#))
    );
    assert_eq!(value("text"), None);
    assert_eq!(export.records[&id(4)]["text"], "😀 😀 \"q\"\r\n");
    assert_eq!(export.records[&id(4)].get("null"), None);
    assert_eq!(export.records[&id(5)]["new"], "1");
    let mut bad: Vec<(String, String, String)> =
        export.unreadable.iter().map(|u| (u.id.clone(), u.field.clone(), u.value.clone())).collect();
    bad.sort();
    bad.dedup();
    let cell = |n, field: &str, value: &str| (id(n), field.to_owned(), value.to_owned());
    assert_eq!(bad, [cell(2, "text", r#""a\u0000b""#), cell(3, "list", r#"[{"x":"\ud83d"}]"#)]);
    assert_eq!(export.records.len(), 3);
}

#[tokio::test]
async fn the_log_in_data_of_users_stay_behind() {
    let more =
        r#","email":"A@x.test","authentication":{"email":{"email":"a@x.test"},"Google":{"token":"g-1"}}"#;
    let stub = stub(vec![with(1, more)]).await;
    let mut export = Export::default();
    source(&stub).extract("user", 100, None, &mut export).await.expect("an export");
    let record = export.records.values().next().expect("a record");
    assert_eq!((record["email"].as_str(), record["email_custom"].as_str()), ("a@x.test", "A@x.test"));
    assert!(!format!("{record:?}").contains("g-1"));
}

/// Refuses to take a page until the next one has been asked for.
struct Patient<'a> {
    stub: &'a Stub,
    pages: usize,
}

#[async_trait]
impl Sink for Patient<'_> {
    async fn page(&mut self, _: Page) -> Result<(), Fault> {
        self.pages += 1;
        // The sample, the control and the newest change come first; after the first page its successor.
        let enough = 3 + self.pages + 1;
        while self.pages < 4 && self.stub.world().asked.len() < enough {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn the_next_page_is_asked_for_while_this_one_is_kept() {
    let stub = stub((0..500).map(|n| row(n, BASE + 60_000 * n as i64)).collect()).await;
    let mut sink = Patient { stub: &stub, pages: 0 };
    let walk = source(&stub);
    let walk = walk.extract("unit", 100, None, &mut sink);
    let outcome =
        tokio::time::timeout(Duration::from_secs(20), walk).await.expect("it does not wait for the sink");
    assert!(outcome.expect("an export").complete);
}

/// Takes no page.
struct Full;

#[async_trait]
impl Sink for Full {
    async fn page(&mut self, _: Page) -> Result<(), Fault> {
        Err(Fault::stop("the disk is full"))
    }
}

#[tokio::test]
async fn a_sink_that_fails_ends_the_walk_with_its_own_reason() {
    let stub = stub((0..500).map(|n| row(n, BASE + 60_000 * n as i64)).collect()).await;
    let fault = source(&stub).extract("unit", 100, None, &mut Full).await.expect_err("full");
    assert_eq!(fault.what, "the disk is full");
}
