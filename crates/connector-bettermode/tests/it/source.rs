//! The service as a source: everything is exported once, whatever shifts, and the proof says so.

use crate::rig::{client, client_of, config, shown};
use crate::stub::{Act, Stub};
use crate::world::{Served, World, Wrong, member, post};
use async_trait::async_trait;
use base::{Class, Fault};
use connect::{Checkpoint, Completeness, Page, Sink, Source, Unreadable};
use connector_bettermode::BettermodeSource;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// What an export keeps.
#[derive(Default)]
pub struct Export {
    /// The newest version of each record.
    pub records: BTreeMap<String, HashMap<String, String>>,
    pub unreadable: Vec<Unreadable>,
    /// How many came, repeats counted.
    pub came: usize,
    pub pages: Vec<usize>,
    pub checkpoint: Option<Checkpoint>,
}

#[async_trait]
impl Sink for Export {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        self.pages.push(page.records.len() + page.unreadable.len());
        self.unreadable.extend(page.unreadable);
        for record in page.records {
            assert_eq!(record.len(), page.fields.len());
            self.came += 1;
            let fields: HashMap<String, String> = page
                .fields
                .iter()
                .cloned()
                .zip(record)
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            self.records.insert(fields["id"].clone(), fields);
        }
        self.checkpoint = Some(page.checkpoint);
        Ok(())
    }
}

impl Export {
    pub fn ids(&self) -> Vec<&str> {
        self.records.keys().map(String::as_str).collect()
    }
}

pub async fn run(
    served: &Served,
    stream: &str,
    size: usize,
    export: &mut Export,
) -> Result<Completeness, Fault> {
    let source = BettermodeSource::new(client(&served.stub));
    source.extract(stream, size, export.checkpoint.clone(), export).await
}

fn members(n: usize) -> World {
    World { members: (0..n).map(member).collect(), ..World::default() }
}

#[tokio::test]
async fn every_record_is_exported_once_with_any_page_size() {
    for n in [0, 1, 5, 100, 101, 250] {
        for size in [1, 7, 100, 1000] {
            if n > 100 && size == 1 {
                continue;
            }
            let served = Served::start(members(n)).await;
            let mut export = Export::default();
            let proof = run(&served, "members", size, &mut export).await.expect("an export");
            assert!(proof.complete, "{n} by {size}: {proof:?}");
            assert_eq!((export.records.len(), export.came), (n, n), "{n} by {size}");
            let declared = Some(n as u64);
            assert_eq!((proof.declared_before, proof.declared_after), (declared, declared));
            assert!(export.pages.iter().all(|page| *page <= size.min(100)), "{:?}", export.pages);
        }
    }
}

#[tokio::test]
async fn every_stream_is_exported() {
    let world = World {
        members: vec![member(1)],
        collections: vec![json!({"id": "c1", "name": "Start"}), json!({"id": "c2"})],
        spaces: vec![json!({"id": "s1", "type": "Group", "private": true})],
        posts: vec![post(1, 0)],
        events: vec![json!({"id": "e1", "hostIds": ["mem1"], "capacity": 5})],
        ..World::default()
    };
    let served = Served::start(world).await;
    for (stream, ids, column, value) in [
        ("members", vec!["mem1"], "fields", r#"{"city":"Paris"}"#),
        ("collections", vec!["c1", "c2"], "name", "Start"),
        ("spaces", vec!["s1"], "private", "true"),
        ("posts", vec!["pst1"], "content", "<p>Hi</p>"),
        ("events", vec!["e1"], "hostids", r#"["mem1"]"#),
    ] {
        let mut export = Export::default();
        let proof = run(&served, stream, 100, &mut export).await.expect(stream);
        assert!(proof.complete, "{stream}: {proof:?}");
        assert_eq!(export.ids(), ids, "{stream}");
        assert_eq!(export.records[ids[0]][column], value, "{stream}");
    }
}

#[tokio::test]
async fn what_shifts_while_it_is_read_is_not_lost() {
    type Shift = fn(&mut World);
    let shifts: [(&str, Shift); 4] = [
        ("one that was seen goes", |world| drop(world.members.remove(0))),
        ("one that is to come goes", |world| drop(world.members.pop())),
        ("one comes at the end", |world| world.members.push(member(900))),
        ("one comes at the start", |world| world.members.insert(0, member(901))),
    ];
    for (name, shift) in shifts {
        for at in 0..8 {
            let served = Served::start(members(50)).await;
            served.world().changes.insert(at, Box::new(shift));
            let mut export = Export::default();
            let proof = run(&served, "members", 10, &mut export).await.expect("an export");
            assert!(proof.complete, "{name}, before request {at}: {proof:?}");
            let world = served.world();
            let there: Vec<&str> =
                world.members.iter().map(|member| member["id"].as_str().expect("text")).collect();
            for id in &there {
                assert!(export.records.contains_key(*id), "{name}, before request {at}: {id} is lost");
            }
            assert_eq!(proof.declared_after, Some(there.len() as u64));
            assert!(export.records.len() <= 51, "{name}");
        }
    }
}

#[tokio::test]
async fn a_record_that_changes_while_it_is_read_is_exported_in_its_newest_version() {
    let served = Served::start(members(30)).await;
    // A change, and a newcomer that makes another sweep necessary.
    served.world().changes.insert(
        2,
        Box::new(|world| {
            world.members[0]["updatedAt"] = json!("2026-01-01T00:00:00.000Z");
            world.members[0]["score"] = json!(77);
            world.members.insert(0, member(900));
        }),
    );
    let mut export = Export::default();
    let proof = run(&served, "members", 10, &mut export).await.expect("an export");
    assert!(proof.complete);
    assert_eq!((proof.changed, export.records["mem0"]["score"].as_str()), (1, "77"));
}

#[tokio::test]
async fn an_export_that_is_stopped_anywhere_goes_on_without_loss() {
    let mut stops = 0;
    for at in 0..30 {
        let served = Served::start(members(55)).await;
        let refused = Act::error("Forbidden resource", json!({"status": 403}));
        served.world().wrong.insert(at, Wrong::Before(refused));
        let mut export = Export::default();
        let Err(fault) = run(&served, "members", 10, &mut export).await else { break };
        assert_eq!(fault.class, Class::Stop, "{}", shown(&fault));
        let kept = export.records.len();
        let requests = served.stub.requests().len();
        let proof = run(&served, "members", 10, &mut export).await.expect("an export");
        assert!(proof.complete, "stopped at {at} with {kept}: {proof:?}");
        assert_eq!(export.records.len(), 55, "stopped at {at}");
        assert_eq!(export.came, 55, "stopped at {at}: nothing that is kept is asked for again");
        let again = served.stub.requests().len() - requests;
        assert!(again <= 6 - kept / 10 + 2, "stopped at {at} with {kept}: {again} requests");
        stops += 1;
    }
    assert!(stops >= 7, "only {stops} requests");
}

#[tokio::test]
async fn what_went_while_nobody_looked_makes_another_sweep() {
    let served = Served::start(members(50)).await;
    let refused = Act::error("Forbidden resource", json!({"status": 403}));
    served.world().wrong.insert(3, Wrong::Before(refused));
    let mut export = Export::default();
    run(&served, "members", 10, &mut export).await.expect_err("stopped");
    assert_eq!(export.records.len(), 30);
    // The cursor now skips one that nobody has seen.
    served.world().members.remove(5);
    let proof = run(&served, "members", 10, &mut export).await.expect("an export");
    assert!(proof.complete);
    assert_eq!(export.records.len(), 50, "all 49, and the one that is gone");
}

#[tokio::test]
async fn without_proof_the_export_says_why() {
    for (no_totals, more, words) in
        [(true, 0, "does not say how many"), (false, 2, "declared 7, then 7, and showed 5")]
    {
        let served = Served::start(World { no_totals, more, ..members(5) }).await;
        let mut export = Export::default();
        let proof = run(&served, "members", 10, &mut export).await.expect("an export");
        assert!(!proof.complete && proof.remarks[0].contains(words), "{proof:?}");
        assert_eq!((export.records.len(), export.came), (5, 5));
    }
}

#[tokio::test]
async fn text_that_no_program_can_read_is_handed_on_and_its_page_is_not_lost() {
    let stub = Stub::start(|request| {
        let body = match request.operation.as_str() {
            "MemberIds" => {
                json!({"data": {"members": {"totalCount": 2, "nodes": [], "pageInfo": null}}}).to_string()
            }
            _ => r#"{"data":{"members":{"totalCount":2,"pageInfo":{"endCursor":null,"hasNextPage":false},
                "nodes":[{"id":"m1","name":"\ud800"},{"id":"m2","name":"Ada"},null]}}}"#
                .to_owned(),
        };
        Act::Answer(200, body)
    })
    .await;
    let mut export = Export::default();
    let source = BettermodeSource::new(client(&stub));
    let proof = source.extract("members", 10, None, &mut export).await.expect("an export");
    assert!(proof.complete);
    assert_eq!(export.ids(), ["m2"]);
    let bad = &export.unreadable[0];
    assert_eq!((bad.id.as_str(), bad.field.as_str(), bad.value.as_str()), ("m1", "name", r#""\ud800""#));
}

#[tokio::test]
async fn streams_are_described_and_counted() {
    let served = Served::start(members(3)).await;
    let source = BettermodeSource::new(client(&served.stub));
    let streams = source.discover(true).await.expect("streams");
    let counts: Vec<(String, Option<u64>)> =
        streams.into_iter().map(|stream| (stream.name, stream.total)).collect();
    let expected = [
        ("members", Some(3)),
        ("collections", Some(0)),
        ("spaces", Some(0)),
        ("posts", Some(0)),
        ("replies", None),
        ("events", Some(0)),
    ];
    assert_eq!(counts, expected.map(|(name, total)| (name.to_owned(), total)));
    let asked = served.stub.requests().len();
    let streams = source.discover(false).await.expect("streams");
    assert_eq!((streams.len(), served.stub.requests().len()), (6, asked), "counting is not free");
    let stream = source.stream("members").await.expect("a stream");
    assert_eq!((stream.key.as_deref(), stream.created.as_deref()), (Some("id"), Some("createdat")));
    assert_eq!(source.total("members").await.expect("a total"), Some(3));
    assert!(shown(&source.stream("member").await.expect_err("none")).contains("did you mean members?"));
    let info = source.info();
    assert_eq!((info.connector.as_str(), info.address.starts_with("http://127.0.0.1")), ("bettermode", true));
}

#[tokio::test]
async fn what_is_wrong_is_found_before_anything_is_exported() {
    let forbidden = |operation: &'static str| {
        move |request: &crate::stub::Request| {
            if request.operation == operation {
                return Act::error("Forbidden resource", json!({"status": 403}));
            }
            let root = if request.operation == "Network" { "network" } else { "events" };
            Act::Data(json!({root: {"id": "n", "totalCount": 1, "nodes": [{"id": "e"}]}}))
        }
    };
    for (operation, streams, words) in [
        ("EventIds", vec!["events"], vec!["cannot be renewed", "events: EventIds: BetterMode forbids it"]),
        ("Network", vec!["events", "posts"], vec!["cannot be renewed", "Network: BetterMode forbids it"]),
        ("none", vec!["events", "weather"], vec!["cannot be renewed", "no stream weather"]),
    ] {
        let stub = Stub::start(forbidden(operation)).await;
        let source = BettermodeSource::new(client(&stub));
        let streams: Vec<String> = streams.into_iter().map(str::to_owned).collect();
        let problems = source.check(&streams).await.expect("a check");
        let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages.len(), words.len(), "{messages:?}");
        for (message, word) in messages.iter().zip(words) {
            assert!(message.contains(word), "{word:?} is not in {message}");
        }
    }
    let (nobody, _) = client_of(&config("http://127.0.0.1:9"));
    let fault = BettermodeSource::new(nobody).check(&[]).await.expect_err("nobody there");
    assert_eq!(fault.class, Class::Retry);
}

#[tokio::test]
async fn a_checkpoint_of_something_else_is_refused() {
    let served = Served::start(members(3)).await;
    let mut export = Export { checkpoint: Some(json!({"page": 3})), ..Export::default() };
    let fault = run(&served, "members", 10, &mut export).await.expect_err("not ours");
    assert_eq!(fault.class, Class::Usage);
    assert!(shown(&fault).contains("--fresh"));
}

#[tokio::test]
async fn a_checkpoint_stays_small() {
    let served = Served::start(members(500)).await;
    let mut export = Export::default();
    run(&served, "members", 50, &mut export).await.expect("an export");
    let checkpoint: Value = export.checkpoint.expect("a checkpoint");
    assert!(checkpoint.to_string().len() < 300, "{checkpoint}");
}
