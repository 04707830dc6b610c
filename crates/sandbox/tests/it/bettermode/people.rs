//! The community that is there from the start, and what its people do meanwhile.

use super::support::service;
use sandbox::SandboxError;
use sandbox::bettermode::{self, FaultKind, MEMBERS_MAX, Options, Records, Running, Scenario};
use serde_json::{Value, json};

/// Long enough for any answer that is not held back.
const SOON: std::time::Duration = std::time::Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_community_is_the_same_for_the_same_seed_and_as_large_as_asked_for() {
    let all = |running: &Running| -> Vec<Value> {
        let kinds = [
            Records::Members,
            Records::Spaces,
            Records::Posts,
            Records::Events,
            Records::Chats,
            Records::Tags,
        ];
        kinds.into_iter().flat_map(|kind| running.records(kind)).collect()
    };
    let (one, two) = (service(60, "").await, service(60, "").await);
    assert_eq!(all(&one.running), all(&two.running));
    assert_eq!(one.running.client_secret, two.running.client_secret);
    let other =
        bettermode::start(Options { records: 60, seed: 2, ..Options::default() }).await.expect("a free port");
    assert_ne!(one.running.client_secret, other.client_secret);
    assert_ne!(all(&one.running)[5], all(&other)[5]);
    for (records, members, posts, spaces, events) in [(0, 2, 0, 0, 0), (1, 3, 2, 4, 1), (60, 62, 90, 5, 3)] {
        let service = service(records, "").await;
        let count = |kind| service.running.records(kind).len();
        let counts =
            (count(Records::Members), count(Records::Posts), count(Records::Spaces), count(Records::Events));
        assert_eq!(counts, (members, posts, spaces, events), "{records}");
        assert_eq!(count(Records::PostTypes), 4);
        assert_eq!((service.running.mails(), service.running.events().len()), (0, 0), "the past is silent");
    }
    let records = all(&one.running);
    let statuses: Vec<&str> = records.iter().filter_map(|record| record["status"].as_str()).collect();
    for status in ["VERIFIED", "UNVERIFIED", "Suspended", "PUBLISHED", "published"] {
        assert!(statuses.contains(&status), "{status}");
    }
    let dates: Vec<&str> = records.iter().filter_map(|record| record["createdAt"].as_str()).collect();
    assert!(dates.iter().all(|date| *date <= "2026-03-01T12:00:00.000Z"), "nothing is of the future");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_says_why() {
    let problem = bettermode::start(Options { records: MEMBERS_MAX + 1, ..Options::default() }).await;
    assert!(matches!(problem, Err(SandboxError::TooManyMembers { .. })));
    let running = bettermode::start(Options { records: 0, ..Options::default() }).await.expect("a free port");
    let port = running.address.rsplit_once(':').expect("a port").1.parse().expect("a number");
    let taken = bettermode::start(Options { port, records: 0, ..Options::default() }).await;
    assert!(matches!(taken, Err(SandboxError::Listen { .. })));
    let scenario =
        Scenario::parse("[[webhooks.listener]]\nurl = \"http://127.0.0.1:9/\"").expect("a scenario");
    let deaf = bettermode::start(Options { records: 0, scenario, ..Options::default() }).await;
    let words = deaf.expect_err("nobody listens").to_string();
    assert!(words.starts_with("http://127.0.0.1:9/ does not listen: "), "{words}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_write_answer_edit_and_leave_without_a_request() {
    let service = service(0, "").await;
    let people = service.running.people();
    let ada = people.join("Ada", "ada@example.test").expect("a new member");
    let bob = people.join("Bob", "bob@example.test").expect("a new member");
    let space = service.space("Room").await;
    assert_eq!(people.join_space(&ada, &space), Ok(true));
    assert_eq!(
        people.post(&bob, &space, "T", "<p>B</p>"),
        Err("Forbidden resource".to_owned()),
        "Bob is not in the space"
    );
    assert_eq!(people.join_space(&bob, &space), Ok(true));
    let before = service.running.stats();
    let post = people.post(&ada, &space, "T", "<p>B</p>").expect("a post");
    let reply = people.reply(&bob, &post, "<p>R</p>").expect("a reply");
    people.edit_post(&post, "<p>Changed</p>").expect("an edit");
    people.react(&bob, &post, "heart").expect("a reaction");
    let (chat, message) = people.message(&ada, &bob, "<p>Hi</p>").expect("a message");
    people.rename(&bob, "Robert").expect("renamed");
    assert_eq!(service.running.stats(), before, "no request was counted");
    let seen = service.running.record(Records::Posts, &post).expect("a post");
    assert_eq!(
        (&seen["textContent"], &seen["repliesCount"], &seen["status"]),
        (&json!("Changed"), &json!(1), &json!("PUBLISHED"))
    );
    assert_eq!(service.running.record(Records::Posts, &reply).expect("a reply")["ownerId"], json!(bob));
    assert_eq!(service.running.messages(&chat)[0]["_id"], json!(message));
    assert_eq!(service.running.record(Records::Chats, &chat).expect("a chat")["type"], "Direct");
    let query = format!("{{ member(id: \"{bob}\") {{ name }} }}");
    assert_eq!(service.app(&query).await.data("/member/name"), "Robert");
    people.delete_member(&bob).expect("a deletion");
    assert_eq!(people.reply(&bob, &post, "<p>R</p>"), Err("Forbidden resource".to_owned()));
    people.delete_post(&post).expect("a deletion");
    assert!(people.edit_post(&post, "<p>Late</p>").is_err());
    assert!(people.can_log_in("ada@example.test", Running::PASSWORD));
    assert!(!people.can_log_in("bob@example.test", Running::PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_tells_all_its_problems_with_their_lines() {
    for (text, line, words) in [
        ("[http]\nunauthorised = \"401\"", 2, "http.unauthorised is no switch (did you mean unauthorized?)"),
        ("[http]\nbad_query = \"500\"", 2, "http.bad_query does not know \"500\""),
        ("[paging]\nlimit_max = 0", 2, "paging.limit_max is not a whole number from 1"),
        ("[paging]\nnull = [\"pageInfo\"]", 2, "paging.null does not know \"pageInfo\""),
        (
            "[auth]\nwithheld = [\"member:delet\"]",
            2,
            "auth.withheld does not know \"member:delet\" (did you mean \"member:delete\"?)",
        ),
        ("[[fault]]\nfields = [\"posts\"]", 1, "fault.kind is missing"),
        (
            "[[fault]]\nkind = \"500\"\nfields = [\"createPosts\"]",
            3,
            "fault.fields does not know \"createPosts\" (did you mean \"createPost\"?)",
        ),
        ("[[fault]]\nkind = \"cut\"", 2, "fault.kind does not know \"cut\""),
        (
            "[[webhooks.listener]]\nurl = \"http://example.test/\"",
            2,
            "webhooks.listener.url is not on this machine",
        ),
        (
            "[[webhooks.listener]]\nurl = \"http://localhost/\"\nnames = [\"member.made\"]",
            3,
            "webhooks.listener.names does not know \"member.made\"",
        ),
        ("[schema]\nevents = true", 2, "schema.events is not a text"),
        ("[posts\n", 1, ""),
    ] {
        let problems = Scenario::parse(text).expect_err(text);
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        let shown = problems[0].to_string();
        assert!(problems[0].line == line && shown.contains(words), "{text}: {shown}");
    }
    let several = Scenario::parse("[http]\nx = 1\n[errors]\ny = 2").expect_err("two problems");
    assert_eq!(several.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_holds_back_every_answer() {
    for (scenario, held) in [
        ("[latency]\nmilliseconds = 600000", true),
        ("[latency]\njitter = 600000", true),
        ("[latency]\nmilliseconds = 1\njitter = 1", false),
    ] {
        let service = service(0, scenario).await;
        let answer = tokio::time::timeout(SOON, service.app("{ network { id } }")).await;
        assert_eq!(answer.is_err(), held, "{scenario}");
    }
}

#[test]
fn the_guide_shows_every_switch_and_every_fault_in_examples_that_work() {
    let guide = include_str!("../../../BETTERMODE.md");
    let examples: Vec<&str> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    for example in &examples {
        let problems = Scenario::parse(example).err().unwrap_or_default();
        assert!(problems.is_empty(), "{example}\n{problems:?}");
    }
    let together = examples.join("\n");
    for switch in [
        "unauthorized",
        "bad_query",
        "graphql_path",
        "status_at",
        "details",
        "limit_max",
        "beyond",
        "null",
        "events",
        "chats",
        "update_publishes",
        "milliseconds",
        "jitter",
        "installed",
        "gateway",
        "introspection_needs_token",
        "guest_seconds",
        "member_seconds",
        "app_seconds",
        "withheld",
        "may_import",
        "import",
        "deleted_keep_email",
        "edit_unpublishes",
        "rewrite_html",
        "moderated",
        "requests",
        "complexity",
        "seconds",
        "day_requests",
        "day_complexity",
        "query_complexity",
        "retry_after",
        "stats",
        "headers",
        "session_array",
        "entities",
        "attempts",
        "timeout",
        "pause",
        "copies",
        "url",
        "names",
        "kind",
        "fields",
        "at",
    ] {
        assert!(together.contains(&format!("\n{switch} = ")), "{switch}");
    }
    for (word, _) in FaultKind::ALL {
        assert!(guide.contains(&format!("`{word}`")), "{word}");
    }
}
