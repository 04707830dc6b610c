//! `landfall serve` between stand-ins and a real database: what is heard is acted on, once, whatever happens.

use crate::place::bare;
use sandbox::bettermode::Records;
use sandbox::{bettermode, notion};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testkit::{Program, Running, TestDatabase};

/// How long an effect may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(60);

struct Bridge {
    program: Program,
    database: TestDatabase,
    bettermode: bettermode::Running,
    _notion: notion::Running,
}

impl Bridge {
    /// The community's example, its table made, its services on this machine.
    async fn new() -> Self {
        let bettermode = bettermode::start(bettermode::Options::default()).await.expect("a free port");
        let notion = notion::start(notion::Options { records: 0, ..Default::default() }).await;
        let notion = notion.expect("a free port");
        let database = testkit::database().await;
        let mut program = bare();
        for (name, value) in bettermode.exports().into_iter().chain(notion.exports()) {
            program.set(name, &value);
        }
        program.set("DATABASE_URL", &database.url);
        program.set("BETTERMODE_REQUESTS_PER_BURST", "100000");
        program.set("BETTERMODE_COMPLEXITY_PER_BURST", "10000000");
        program.set("NOTION_REQUESTS_PER_MINUTE", "100000");
        program.set("LANDFALL_LISTEN", "127.0.0.1:0");
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/circle-to-bettermode");
        let text = |file: &str| std::fs::read_to_string(format!("{example}/{file}")).expect("the example");
        program.folder().write("landfall.toml", text("landfall.toml"));
        database.client.batch_execute(&text("schema.sql")).await.expect("the example's tables");
        Self { program, database, bettermode, _notion: notion }
    }

    fn serve(&self) -> (Running, String) {
        serve(&self.program, &[])
    }

    /// Waits until a query gives this number.
    async fn until(&self, sql: &str, expected: i64) {
        let began = Instant::now();
        loop {
            let found: i64 = self.database.client.query_one(sql, &[]).await.map_or(-1, |row| row.get(0));
            if found == expected {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{sql}: {found}, and should be {expected}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Starts the server; its address without the scheme.
fn serve(program: &Program, more: &[&str]) -> (Running, String) {
    let running = tokio::task::block_in_place(|| program.spawn([&["serve"], more].concat()));
    let line = tokio::task::block_in_place(|| running.first_line());
    (running, line.trim_start_matches("http://").to_owned())
}

/// One request over a connection of its own; status and body. None: no answer.
fn ask(host: &str, method: &str, path: &str, headers: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}");
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let _ = stream.shutdown(Shutdown::Both);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_in_the_table_and_welcomed_once_and_what_they_post_counts_once() {
    let bridge = Bridge::new().await;
    let (server, host) = bridge.serve();
    let (status, health) =
        tokio::task::block_in_place(|| ask(&host, "GET", "/health", "", "")).expect("health");
    assert_eq!(status, 200, "{health}");
    for (route, names) in [
        ("member", &["member.created", "member.verified", "member.updated"][..]),
        ("activity", &["post.created", "post.published", "reaction.added"][..]),
    ] {
        let url = format!("http://{host}/webhooks/bettermode/{route}");
        bridge.bettermode.listen(&url, names).await.expect("the handshake is answered");
    }
    let people = bridge.bettermode.people();
    let ada = people.join("Ada Example", "ada@example.test").expect("a new member");
    let space = bridge.bettermode.records(Records::Spaces)[0]["id"].as_str().expect("an id").to_owned();
    people.join_space(&ada, &space).expect("an open space");
    people.post(&ada, &space, "Hello", "<p>Hello</p>").expect("a post");
    let row = format!("SELECT count(*) FROM community_members WHERE bettermode_member_id = '{ada}'");
    bridge.until(&row, 1).await;
    let posts = "SELECT count(*) FROM bettermode_member_activities WHERE activity_type = 'post.published'";
    bridge.until(posts, 1).await;
    // The same events once more: each is answered alike and has no second effect.
    bridge.bettermode.settle().await;
    for (event, _) in bridge.bettermode.events() {
        for verdict in bridge.bettermode.redeliver(&event).await {
            assert_eq!(verdict, bettermode::Verdict::Accepted);
        }
    }
    bridge.until("SELECT count(*) FROM landfall.events WHERE state = 'new'", 0).await;
    bridge.until("SELECT count(*) FROM landfall.actions WHERE state IN ('pending', 'running')", 0).await;
    bridge.until(posts, 1).await;
    bridge.until(&row, 1).await;
    server.terminate();
    let ended = tokio::task::block_in_place(|| server.finish());
    assert!(
        !ended.stderr.contains("ada@example.test"),
        "no value of a record is in the log: {}",
        ended.stderr
    );
    let dead = tokio::task::block_in_place(|| bridge.program.run(["actions", "--dead", "--json"])).expect(0);
    assert_eq!(dead.stdout, "", "nothing is dead");
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_of_a_database_that_nobody_served_are_none_and_no_error() {
    let bridge = Bridge::new().await;
    for more in [&[][..], &["--dead"], &["--replay", "all"]] {
        let arguments = [&["actions"], more].concat();
        let outcome = tokio::task::block_in_place(|| bridge.program.run(arguments)).expect(0);
        assert!(outcome.stderr.contains("landfall serve"), "{}", outcome.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_would_believe_everybody_does_not_start() {
    let mut bridge = Bridge::new().await;
    bridge.program.unset("BETTERMODE_WEBHOOK_SECRET");
    let outcome = tokio::task::block_in_place(|| bridge.program.run(["serve"])).expect(2);
    assert!(outcome.stderr.contains("allow_unsigned"), "{}", outcome.stderr);
}

/// Events of the burst, and how often the server is killed in it. Twenty thousand take two minutes alone.
const BURST: usize = 4_000;
const KILLS: u64 = 20;

/// Connections that send.
const SENDERS: usize = 16;

/// Members whom the events are about.
const MEMBERS: usize = 500;

const BURST_PROJECT: &str = r#"
[project]
name = "burst"

[destination]
connector = "postgres"
url = "${DATABASE_URL}"

[serve]
listen = "127.0.0.1:0"
action_seconds = 2

[serve.webhooks.bettermode]
sender = "bettermode"
allow_unsigned = true

[[rule]]
name = "row"
on = ["member.updated"]
do = "process_member"
table = "people"
key = "member"
fields = { name = "{name}" }

[[rule]]
name = "done"
on = ["member.updated"]
do = "track_activity"
"#;

/// The number-th event: a change of a member, later than all before it.
fn event(number: usize) -> String {
    let member = format!("m{}", number % MEMBERS);
    let at = 1_700_000_000_000 + number as i64;
    let time = jiff::Timestamp::from_millisecond(at).expect("a time").to_string();
    json!({"type": "SUBSCRIPTION", "networkId": "n", "data": {
        "id": format!("e{number}"), "time": time, "name": "member.updated", "noun": "MEMBER", "verb": "UPDATED",
        "actor": {"id": member}, "object": {"id": member, "name": format!("name {number}")},
        "target": {"memberId": member},
    }})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_in_a_burst_it_has_every_event_and_each_effect_once() {
    let database = testkit::database().await;
    let sql = "CREATE TABLE people (member text PRIMARY KEY, name text)";
    database.client.batch_execute(sql).await.expect("a table");
    let mut program = bare();
    program.set("DATABASE_URL", &database.url);
    program.folder().write("landfall.toml", BURST_PROJECT);
    let next = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let host = std::sync::RwLock::new(String::new());
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= BURST {
                            return;
                        }
                        let body = event(number);
                        // As a service does it: until somebody says that it was heard.
                        loop {
                            let now = host.read().expect("nobody panics").clone();
                            let path = "/webhooks/bettermode/member";
                            if ask(&now, "POST", path, "", &body).is_some_and(|(status, _)| status == 200) {
                                break;
                            }
                            assert!(!over.load(Ordering::SeqCst), "the last server does not answer");
                            std::thread::sleep(Duration::from_millis(5));
                        }
                    }
                });
            }
            for kill in 0..KILLS {
                let (server, address) = serve(&program, &[]);
                *host.write().expect("nobody panics") = address;
                // Seeded, and spread over the first half second.
                std::thread::sleep(Duration::from_millis(20 + (kill * 7919) % 480));
                let _ = server.kill();
            }
            let (server, address) = serve(&program, &[]);
            *host.write().expect("nobody panics") = address;
            while next.load(Ordering::SeqCst) < BURST + SENDERS {
                std::thread::sleep(Duration::from_millis(50));
            }
            let handle = tokio::runtime::Handle::current();
            let settled = handle.block_on(settled(&database));
            over.store(true, Ordering::SeqCst);
            assert!(settled, "actions still wait");
            server.terminate();
            let _ = server.finish();
        });
    });
    let count =
        async |sql: &str| -> i64 { database.client.query_one(sql, &[]).await.expect("a right query").get(0) };
    let all = i64::try_from(BURST).expect("a small number");
    assert_eq!(count("SELECT count(*) FROM landfall.events").await, all, "every event is there, once");
    assert_eq!(count("SELECT count(*) FROM landfall.actions WHERE state <> 'done'").await, 0);
    assert_eq!(count("SELECT count(*) FROM bettermode_member_activities").await, all, "each effect once");
    assert_eq!(count("SELECT count(*) FROM people").await, i64::try_from(MEMBERS).expect("a small number"));
    // Whatever order they came in, the newest counts.
    let newest = format!(
        "SELECT count(*) FROM people WHERE substr(name, 6)::int >= {} AND substr(name, 6)::int % {MEMBERS} = \
         substr(member, 2)::int",
        BURST - MEMBERS
    );
    assert_eq!(count(&newest).await, i64::try_from(MEMBERS).expect("a small number"));
}

/// Waits until nothing is left to be done.
async fn settled(database: &TestDatabase) -> bool {
    let sql = "SELECT (SELECT count(*) FROM landfall.events WHERE state = 'new') + (SELECT count(*) FROM \
               landfall.actions WHERE state IN ('pending', 'running'))";
    let began = Instant::now();
    while began.elapsed() < PATIENCE * 5 {
        let left: i64 = database.client.query_one(sql, &[]).await.map_or(-1, |row| row.get(0));
        if left == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn in_testing_mode_no_network_is_touched_and_calls_answer_from_a_stand_in() {
    let mut program = bare();
    program.set("TESTING_MODE", "true");
    program.set("BETTERMODE_API_URL", "http://127.0.0.1:1");
    let outcome = tokio::task::block_in_place(|| program.run(["bettermode", "members", "--limit", "3"]));
    let said: Value = serde_json::from_str(&outcome.expect(0).stdout).expect("JSON");
    assert!(said.to_string().contains("id"), "{said}");
    program.set("TESTING_MODE", "false");
    program.set("DISABLE_API_BETTERMODE", "true");
    let refused = tokio::task::block_in_place(|| program.run(["bettermode", "members"])).expect(2);
    assert!(refused.stderr.contains("DISABLE_API_BETTERMODE"), "{}", refused.stderr);
}
