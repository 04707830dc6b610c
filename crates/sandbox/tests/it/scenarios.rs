//! Every switch of a scenario does what it says.

use crate::support::{
    By, all, by_date, client, constraint, get, get_by, guided, held, sandbox, told, try_get,
};
use base::Clock;
use sandbox::scenario::{ExcludeRemaining, RetryAfter};
use sandbox::{SandboxError, SandboxOptions, Scenario, Service};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_are_different_databases() {
    let toml = "[environment]\ntest_records = 40\nbranches = [\"crew\"]\n";
    let running = sandbox(120, toml).await;
    let mut seen = vec![get(&running, "/obj/booking?limit=1").await.ids()];
    for (path, total) in [("version-test", 40), ("crew", 100)] {
        let address = format!("{}/obj/booking?limit=1", running.address_of(path));
        let reply = try_get(&running, &address, By::Admin).await.expect("an answer");
        assert_eq!(reply.response()["remaining"], total - 1, "{path}");
        assert!(!seen.contains(&reply.ids()), "{path} has the records of another environment");
        seen.push(reply.ids());
    }
    for path in ["version-crew", "other", "version-live"] {
        let address = format!("{}/obj/booking", running.address_of(path));
        assert_eq!(try_get(&running, &address, By::Admin).await.expect("an answer").status, 404, "{path}");
    }
    let without = sandbox(12, "environment = { test = false }").await;
    let address = format!("{}/obj/booking", without.address_of("version-test"));
    assert_eq!(try_get(&without, &address, By::Admin).await.expect("an answer").status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_wall_nothing_is_shown_and_much_remains() {
    let sorted = by_date("Created Date");
    for (cap, query, cursor, count, remaining) in [
        (false, sorted.as_str(), 0, 100, 300),
        (false, &sorted, 200, 50, 150),
        (false, &sorted, 250, 0, 150),
        (false, &sorted, 390, 0, 10),
        (false, "", 250, 0, 150),
        (true, &sorted, 0, 100, 150),
        (true, &sorted, 200, 50, 0),
        (true, &sorted, 250, 0, 0),
        (true, "", 250, 0, 150),
    ] {
        let running = sandbox(400, &format!("[paging]\nwall = 250\ncap_sorted_count = {cap}\n")).await;
        let response = get(&running, &format!("/obj/booking?cursor={cursor}&{query}")).await.response();
        let got = (response["count"].as_u64(), response["remaining"].as_u64());
        assert_eq!(got, (Some(count), Some(remaining)), "cap {cap}, cursor {cursor}, {query:?}");
    }
    // A window that starts anew behind a date passes the wall.
    let running = sandbox(400, "[paging]\nwall = 250\n").await;
    let from = held(&running, "booking")[240]["Created Date"].clone();
    let query = format!("{}&{sorted}", constraint("Created Date", "greater than", from));
    assert!(all(&running, "booking", &query).await.len() >= 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_the_default_size_and_the_excluded_count_its_shape() {
    for (toml, count, remaining) in [
        ("", 100, None),
        ("[paging]\ndefault_limit = 50\nexclude_remaining = \"zero\"", 50, Some(json!(0))),
        ("[paging]\nexclude_remaining = \"null\"", 100, Some(Value::Null)),
    ] {
        let running = sandbox(120, toml).await;
        let response = get(&running, "/obj/booking?exclude_remaining=true").await.response();
        assert_eq!(response["count"], count, "{toml}");
        assert_eq!(response.get("remaining"), remaining.as_ref(), "{toml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_spelled_as_the_application_is_set() {
    let running = sandbox(120, "[fields]\nkeys = \"internal\"\n").await;
    let record = get(&running, "/obj/booking?limit=1").await.response()["results"][0].clone();
    assert!(record.get("duration_number").is_some() && record.get("duration").is_none(), "{record}");
    assert!(record.get("_id").is_some());
    let query = |key| constraint(key, "is_not_empty", Value::Null);
    assert_eq!(get(&running, &format!("/obj/booking?{}", query("duration_number"))).await.status, 200);
    assert_eq!(get(&running, &format!("/obj/booking?{}", query("duration"))).await.status, 400);
    let meta = get(&running, "/meta").await.json();
    assert!(meta["types"]["booking"].to_string().contains("\"display\":\"duration\""));
    let swagger = get(&running, "/meta/swagger.json").await.json();
    assert!(swagger["definitions"]["booking"]["properties"].get("duration_number").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_can_be_off_or_want_a_token() {
    for (toml, by, meta, swagger) in [
        ("", By::Nobody, 200, 200),
        ("[meta]\nmeta = false", By::Admin, 404, 200),
        ("[meta]\nswagger = false", By::Admin, 200, 404),
        ("[meta]\nneeds_token = true", By::Nobody, 401, 401),
        ("[meta]\nneeds_token = true", By::Admin, 200, 200),
    ] {
        let running = sandbox(12, toml).await;
        let got = (
            get_by(&running, "/meta", by).await.status,
            get_by(&running, "/meta/swagger.json", by).await.status,
        );
        assert_eq!(got, (meta, swagger), "{toml} {by:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_type_is_nowhere() {
    let running = sandbox(12, "hidden_types = [\"payment\"]\n").await;
    assert_eq!(get(&running, "/obj/payment").await.status, 404);
    let id = held(&running, "payment")[0]["_id"].as_str().expect("it is there all the same").to_owned();
    assert_eq!(get(&running, &format!("/obj/payment/{id}")).await.status, 404);
    assert_eq!(get(&running, "/obj/booking").await.status, 200);
    let meta = get(&running, "/meta").await.json();
    assert!(meta["types"].get("payment").is_none() && !meta["get"].to_string().contains("payment"));
    let swagger = String::from_utf8(get(&running, "/meta/swagger.json").await.body).expect("UTF-8");
    assert!(!swagger.contains("/obj/payment"));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_shape_that_is_switched_on() {
    let shape = "[auth]\nunauthorized = \"error_class\"\n";
    let running = sandbox(12, shape).await;
    let reply = get_by(&running, "/obj/user", By::Token("nonsense")).await;
    assert_eq!((reply.status, &reply.json()["error_class"]), (401, &json!("Unauthorized")));
    assert_eq!(reply.json()["message"], Value::Null);
    let running = sandbox(12, "[auth]\nmissing_record = \"400\"\n").await;
    let reply = get(&running, "/obj/user/none").await;
    assert_eq!((reply.status, &reply.json()["body"]["status"]), (400, &json!("MISSING_DATA")));
    let running = sandbox(12, "[auth]\ndeployed = false\n").await;
    assert_eq!(get(&running, "/obj/user").await.status, 401);
    let test = format!("{}/obj/user", running.address_of("version-test"));
    assert_eq!(try_get(&running, &test, By::Admin).await.expect("an answer").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn privacy_hides_rows_and_fields_and_drops_constraints_silently() {
    let toml =
        "[privacy.booking]\nuser = \"all\"\nanonymous = \"all\"\nhidden_fields = [\"notes\", \"duration\"]\n";
    let running = sandbox(120, toml).await;
    let duration = constraint("duration", "greater than", json!(1_000_000));
    for (by, found) in [(By::Admin, 0), (By::User, 120), (By::Nobody, 120)] {
        let reply = get_by(&running, &format!("/obj/booking?{duration}"), by).await;
        let response = reply.response();
        let total = response["count"].as_u64().unwrap_or(0) + response["remaining"].as_u64().unwrap_or(0);
        assert_eq!((reply.status, total), (200, found), "{by:?}");
        for record in response["results"].as_array().expect("results") {
            assert!(
                record.get("duration").is_none()
                    && record.get("notes").is_none()
                    && record.get("_id").is_some()
            );
        }
    }
    // An unknown field is refused all the same, and sorting by a hidden one is no way to see it.
    let unknown = constraint("nothing", "is_empty", Value::Null);
    assert_eq!(get_by(&running, &format!("/obj/booking?{unknown}"), By::User).await.status, 400);
    assert_eq!(get_by(&running, "/obj/booking?sort_field=duration", By::User).await.status, 200);

    let running = sandbox(120, "[privacy.booking]\nuser = \"own\"\n").await;
    let own = get_by(&running, "/obj/booking", By::User).await.response();
    let own = own["results"].as_array().expect("results");
    assert!(!own.is_empty());
    assert!(own.iter().all(|booking| booking.to_string().contains(&running.user_id)));
    let other = held(&running, "booking").into_iter().find(|b| !b.to_string().contains(&running.user_id));
    let path =
        format!("/obj/booking/{}", other.expect("one of somebody else")["_id"].as_str().expect("an id"));
    assert_eq!(get_by(&running, &path, By::User).await.status, 404);
    assert_eq!(get(&running, &path).await.status, 200);
    let running = sandbox(120, "[privacy.user]\nuser = \"none\"\n").await;
    assert_eq!(get_by(&running, "/obj/user", By::User).await.response()["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limit_says_when_to_come_again_as_it_is_set() {
    for way in ["absent", "seconds", "date"] {
        let toml = format!("[rate_limit]\nper_minute = 1\nburst = 3\nretry_after = \"{way}\"\n");
        let running = sandbox(12, &toml).await;
        for n in 0..3 {
            assert_eq!(get(&running, "/meta").await.status, 200, "request {n}");
        }
        let reply = get(&running, "/obj/booking").await;
        assert_eq!((reply.status, &reply.json()["message"]), (429, &json!("Too many requests")));
        let said = reply.header("retry-after").map(str::to_owned);
        match way {
            "absent" => assert_eq!(said, None),
            "seconds" => {
                let seconds: u64 = said.expect("a header").parse().expect("seconds");
                assert!((1..=60).contains(&seconds), "{seconds}");
            }
            _ => {
                let date = said.expect("a header");
                assert!(date.ends_with(" GMT") && date.contains(", "), "{date}");
                let then = jiff::fmt::rfc2822::parse(&date.replace("GMT", "+0000")).expect("a date");
                assert!(then.timestamp() > base::SystemClock.now());
            }
        }
        assert_eq!(running.stats().rate_limited, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_strike_as_they_are_set() {
    // What the second of three lists answers: status, whether the body is whole JSON, whether it arrives.
    for (kind, status, json, arrives) in [
        ("503", 503, true, true),
        ("503-html", 503, false, true),
        ("500", 500, true, true),
        ("429", 429, true, true),
        ("401", 401, true, true),
        ("html-200", 200, false, true),
        ("truncated", 200, false, true),
        ("slow", 200, true, true),
        ("cut", 0, false, false),
    ] {
        let toml =
            format!("[[fault]]\nkind = \"{kind}\"\nat = [2]\ntypes = [\"booking\"]\nmilliseconds = 20\n");
        let running = sandbox(120, &toml).await;
        let list = format!("{}/obj/booking", running.address);
        for n in 1..=3 {
            get(&running, "/obj/user").await;
            get(&running, "/meta").await;
            let reply = try_get(&running, &list, By::Admin).await;
            if n != 2 {
                assert_eq!(reply.expect("whole").response()["count"], 100, "{kind}, list {n}");
                continue;
            }
            assert_eq!(reply.is_ok(), arrives, "{kind}");
            if let Ok(reply) = reply {
                assert_eq!(reply.status, status, "{kind}");
                assert_eq!(!reply.json().is_null(), json, "{kind}: {}", String::from_utf8_lossy(&reply.body));
            }
        }
        assert_eq!(running.stats().errors_injected, 1, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_reach_records_and_descriptions_when_asked_to() {
    let toml = r#"
        fault = [
            { kind = "500", requests = "record", times = 1 },
            { kind = "503", requests = "meta", every = 2 },
        ]"#;
    let running = sandbox(12, toml).await;
    let record = format!("/obj/user/{}", running.ids("user")[0]);
    let mut statuses = Vec::new();
    for path in [&record, &record, "/meta", "/meta", "/meta/swagger.json", "/meta", "/obj/user"] {
        statuses.push(get(&running, path).await.status);
    }
    assert_eq!(statuses, [500, 200, 200, 503, 200, 503, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_record_is_served_whole() {
    let toml = "[huge_record]\ntype = \"coach_profile\"\nfield = \"biography\"\nbytes = 20000000\n";
    let running = sandbox(400, toml).await;
    let reply = get(&running, &format!("/obj/coach_profile?{}", by_date("Created Date"))).await;
    assert!(reply.body.len() > 20_000_000);
    let length = |record: &Value| record["biography"].as_str().map_or(0, str::len);
    let long = reply.response()["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter(|r| length(r) > 10_000)
        .count();
    assert_eq!(long, 1);
}

/// Long enough for an answer that nothing holds back, next to nothing for one that is held back for minutes.
const SOON: std::time::Duration = std::time::Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn latency_holds_back_every_answer() {
    for (toml, held) in [
        ("[latency]\nmilliseconds = 600000\n", true),
        ("[latency]\njitter = 600000\n", true),
        ("[latency]\nmilliseconds = 1\njitter = 1\n", false),
    ] {
        let running = sandbox(12, toml).await;
        if held {
            let answer = tokio::time::timeout(SOON, get(&running, "/meta")).await;
            assert!(answer.is_err(), "{toml}");
        } else {
            assert_eq!(get(&running, "/meta").await.status, 200, "{toml}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_page_begins_at_once_and_stops_half_way() {
    let running = sandbox(120, "[[fault]]\nkind = \"slow\"\nmilliseconds = 600000\n").await;
    let request = client().get(format!("{}/obj/booking", running.address));
    let request = request.header("Authorization", format!("Bearer {}", running.key));
    let mut response = request.send().await.expect("the head comes at once");
    let whole = response.content_length().expect("the head says how much");
    let mut have = 0;
    while have < whole / 2 {
        have += response.chunk().await.expect("half of it").map_or(0, |chunk| chunk.len() as u64);
    }
    assert_eq!(have, whole / 2);
    assert!(tokio::time::timeout(SOON, response.chunk()).await.is_err(), "the rest came as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why() {
    let running = sandbox(12, "").await;
    let port = running.address.split(':').nth(2).and_then(|rest| rest.split('/').next()).expect("a port");
    let port: u16 = port.parse().expect("a number");
    let scenario =
        Scenario::parse("[huge_record]\ntype = \"payment\"\nfield = \"stripe_intent\"\n").expect("fine");
    let cases = [
        (SandboxOptions { port, ..SandboxOptions::default() }, "cannot listen"),
        (SandboxOptions { records: u64::MAX, ..SandboxOptions::default() }, "bookings at most"),
        (SandboxOptions { records: 0, scenario, ..SandboxOptions::default() }, "has no record"),
    ];
    for (options, expected) in cases {
        let cause: SandboxError = sandbox::start(Service::Bubble, options).await.expect_err("refused");
        assert!(cause.to_string().contains(expected), "{cause}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_stand_in_is_gone_and_so_is_a_dropped_one() {
    let running = sandbox(12, "").await;
    let address = format!("{}/meta", running.address);
    let dropped = sandbox(12, "").await;
    let other = format!("{}/meta", dropped.address);
    assert_eq!(try_get(&running, &other, By::Nobody).await.expect("an answer").status, 200);
    drop(dropped);
    running.stop().await;
    let client = client();
    assert!(client.get(&address).send().await.is_err());
    // The dropped one ends on its own: wait for it, however long the machine takes.
    while client.get(&other).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn every_problem_of_a_scenario_is_told_with_its_line() {
    let toml = "\
hidden_types = [\"payments\"]
[paging]
wal = 100
wall = \"high\"
default_limit = 500
[auth]
unauthorized = \"wraped\"
[[fault]]
at = [1, 0]
kid = \"503\"
[[drift]]
type = \"booking\"
which = 3
[privacy.booking]
hidden_fields = [\"Notes\"]
[environment]
branches = [\"a/b\"]
[huge_record]
type = \"booking\"
field = \"duration\"
[weather]
rain = true
";
    let problems = Scenario::parse(toml).expect_err("many problems");
    let expected = [
        (1, "does not know \"payments\" (did you mean \"payment\"?)"),
        (3, "paging.wal is no switch (did you mean wall?)"),
        (4, "paging.wall is not a whole number from 1 to"),
        (5, "paging.default_limit is not a whole number from 1 to 100"),
        (7, "(did you mean \"wrapped\"?)"),
        (8, "fault.kind is missing"),
        (9, "fault.at is not a list of whole numbers from 1"),
        (10, "fault.kid is no switch (did you mean kind?)"),
        (13, "drift.which is not a text"),
        (15, "does not know \"Notes\" (did you mean \"notes\"?)"),
        (17, "\"a/b\" cannot be a path segment"),
        (20, "huge_record.field does not know \"duration\""),
        (21, "weather is no switch"),
    ];
    told(&problems, &expected);
    let broken = Scenario::parse("[paging]\nwall =\n").expect_err("no TOML");
    assert_eq!((broken.len(), broken[0].line), (1, 2));
}

#[test]
fn an_empty_scenario_is_the_well_behaved_one_and_the_documented_examples_are_read() {
    assert_eq!(Scenario::parse("").expect("nothing wrong"), Scenario::default());
    let switches = [
        "test",
        "test_records",
        "branches",
        "wall",
        "default_limit",
        "exclude_remaining",
        "cap_sorted_count",
        "keys",
        "compare_ids",
        "meta",
        "swagger",
        "needs_token",
        "hidden_types",
        "unauthorized",
        "deployed",
        "missing_record",
        "user",
        "anonymous",
        "hidden_fields",
        "per_minute",
        "burst",
        "retry_after",
        "milliseconds",
        "jitter",
        "kind",
        "at",
        "every",
        "times",
        "types",
        "requests",
        "type",
        "field",
        "bytes",
        "before",
        "insert",
        "delete",
        "modify",
        "which",
        "same_millisecond",
        "missing_every",
        "cut_every",
    ];
    guided(include_str!("../../SCENARIOS.md"), Scenario::parse, &switches);
    let all =
        Scenario::parse("[paging]\nexclude_remaining = \"zero\"\n[rate_limit]\nretry_after = \"date\"\n")
            .expect("fine");
    assert_eq!(all.paging.exclude_remaining, ExcludeRemaining::Zero);
    assert_eq!(all.rate_limit.map(|limit| limit.retry_after), Some(RetryAfter::Date));
}
