//! What the service or the net does wrong, and what people are told.

use crate::pages::{community, streams};
use crate::rig::{Export, TestPace, Watcher, config, export, fault, shown, source, source_with};
use crate::stub::{Act, JSON, Stub, TOKEN, rows};
use base::{Class, Secret};
use connect::Source;
use connector_circle::{CircleConfig, CircleSource, REQUESTS_PER_MINUTE, REQUESTS_PER_MINUTE_MAX, settings};
use std::sync::Arc;
use std::time::Duration;
use webclient::{Cause, Event, Pace};

#[tokio::test]
async fn what_passes_by_itself_loses_nothing_wherever_it_happens() {
    for act in [
        Act::RetryAfter(429, "12"),
        Act::Status(429, JSON, ""),
        Act::Status(429, JSON, r#"{"success":false,"message":"Rate limit exceeded","error_details":null}"#),
        Act::Status(503, "text/html", "<html>down</html>"),
        Act::Status(502, JSON, r#"{"message":"down"}"#),
        Act::Status(500, JSON, r#"{"success":false,"message":"bug"}"#),
        Act::CutBody,
        Act::HalfJson,
        Act::Empty,
    ] {
        for stream in ["members", "comments"] {
            for at in 0..6 {
                let stub = Stub::start(community()).await;
                for n in [at, at + 1] {
                    stub.world().acts.insert(n, act.clone());
                }
                let mut export = Export::default();
                let name = format!("{act:?} at {at} of {stream}");
                let outcome = export.run(&source(&stub), stream, 10).await;
                let outcome = outcome.unwrap_or_else(|fault| panic!("{name}: {}", shown(&fault)));
                assert!(outcome.complete && outcome.remarks.is_empty(), "{name}: {outcome:?}");
                assert_eq!(export.records.len(), if stream == "members" { 23 } else { 7 }, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn the_token_is_sent_as_the_service_takes_it_and_that_is_remembered() {
    for (schemes, refused) in [(vec!["Bearer"], 0), (vec!["Token"], 1), (vec!["Bearer", "Token"], 0)] {
        let stub = Stub::start(community()).await;
        stub.world().schemes = schemes.clone();
        let source = source(&stub);
        for stream in ["topics", "members", "comments"] {
            let outcome = Export::default().run(&source, stream, 10).await.expect("an export");
            assert!(outcome.complete, "{schemes:?}: {outcome:?}");
        }
        let mut asked = stub.world().asked.clone();
        let total = asked.len();
        asked.dedup();
        assert_eq!(total - asked.len(), refused, "{schemes:?}: one request more, once");
        assert_eq!(source.calls(), total as u64);
    }
}

#[tokio::test]
async fn a_token_that_is_refused_both_ways_is_the_tokens_fault() {
    let stub = Stub::start(community()).await;
    stub.world().schemes = vec![];
    let refused = fault(&stub, "topics").await;
    assert!(refused.what.contains("refused the token") && refused.what.contains("is invalid"), "{refused}");
    assert_eq!((refused.class, stub.world().asked.len()), (Class::Stop, 2));
    // What the service says to a token that it knows is what counts.
    let denied = r#"{"success":false,"message":"You cannot perform this action."}"#;
    for at in [0, 1] {
        let stub = Stub::start(community()).await;
        let invalid = r#"{"message":"The API token is invalid."}"#;
        stub.world().acts.insert(at, Act::Status(401, JSON, denied));
        stub.world().acts.insert(1 - at, Act::Status(401, JSON, invalid));
        let fault = fault(&stub, "topics").await;
        assert!(fault.what.contains("does not allow this for topics"), "{at}: {}", shown(&fault));
    }
    // Once a token was taken, a refusal is one.
    let stub = Stub::start(community()).await;
    stub.world().refuse_from = 1;
    let mut export = Export::default();
    let fault = export.run(&source(&stub), "members", 10).await.expect_err("refused");
    assert!(fault.what.contains("refused the token"), "{}", shown(&fault));
    assert_eq!((stub.world().asked.len(), export.records.len()), (2, 10));
}

#[tokio::test]
async fn whoever_watches_is_told_why_nothing_happens() {
    for (act, seconds, was_asked) in [
        (Act::RetryAfter(429, "12"), 12..14, true),
        (Act::RetryAfter(429, "300"), 300..302, true),
        (Act::Status(429, JSON, ""), 2..3, false),
    ] {
        let stub = Stub::start([("topics", rows(1..4))]).await;
        stub.world().acts.insert(0, act.clone());
        let watcher = Arc::new(Watcher::default());
        let source = source_with(CircleConfig { observer: Some(watcher.clone()), ..config(&stub.url) });
        Export::default().run(&source, "topics", 100).await.expect("an export");
        let told = watcher.0.lock().expect("not poisoned").clone();
        let [Event::Waiting { cause: Cause::Status(429), attempt: 1, wait, asked, path }] = told.as_slice()
        else {
            panic!("{act:?}: {told:?}");
        };
        assert_eq!((*asked, path.as_str()), (was_asked, "/api/admin/v2/topics"), "{act:?}");
        assert!(seconds.contains(&wait.as_secs()), "{act:?}: {wait:?}");
    }
}

#[tokio::test]
async fn waits_outlast_the_five_minutes_by_which_the_service_counts() {
    let stub = Stub::start([("topics", rows(1..4))]).await;
    stub.world().acts.extend((0..11).map(|n| (n, Act::Status(429, JSON, ""))));
    let pace = Arc::new(TestPace::default());
    let source = CircleSource::with(config(&stub.url), settings(), pace.clone()).expect("a source");
    Export::default().run(&source, "topics", 100).await.expect("an export");
    assert!(pace.elapsed() > Duration::from_secs(300));
}

#[tokio::test]
async fn the_pace_is_kept_to_and_never_above_what_the_service_takes() {
    for (per_minute, records) in [(REQUESTS_PER_MINUTE, 1000), (REQUESTS_PER_MINUTE_MAX, 2100), (60, 120)] {
        let stub = Stub::start([("topics", rows(1..records + 1))]).await;
        let pace = Arc::new(TestPace::default());
        let config = CircleConfig { requests_per_minute: per_minute, ..config(&stub.url) };
        let source = CircleSource::with(config, settings(), pace.clone()).expect("a source");
        Export::default().run(&source, "topics", 1).await.expect("an export");
        let requests = stub.world().asked.len() as f64;
        let seconds = pace.elapsed().as_secs_f64();
        let burst = f64::from(per_minute.div_ceil(60));
        let expected = (requests - burst) * 60.0 / f64::from(per_minute);
        assert!(seconds >= expected - 0.1, "{per_minute}: {requests} requests in {seconds} s");
        assert!(seconds <= expected + 1.0, "{per_minute}: {requests} requests in {seconds} s");
        // Any five minutes: what goes at once, and what the pace allows.
        assert!(burst + f64::from(per_minute) * 5.0 <= 2000.0);
    }
}

#[tokio::test]
async fn what_does_not_pass_stops_with_a_reason_and_a_way_out() {
    let plan = r#"{"success":false,"errors":"Your plan is not eligible for the Admin API v2"}"#;
    let invalid =
        r#"{"success":false,"message":"Invalid filter","error_details":{"status":["is one of: a, b"]}}"#;
    for (act, class, words) in [
        (Act::Status(401, "text/plain", "no"), Class::Stop, vec!["token", "CIRCLE_API_TOKEN"]),
        (Act::Status(403, JSON, plan), Class::Stop, vec!["plan does not include", "eligible"]),
        (Act::Status(403, "text/html", "<html>blocked"), Class::Stop, vec!["before Circle"]),
        (Act::Html, Class::Stop, vec!["web page", "proxy", "CIRCLE_API_URL"]),
        (Act::Empty, Class::Retry, vec!["ends in the middle", "kept"]),
        (Act::Status(503, "text/html", "<html>"), Class::Retry, vec!["503", "12 times"]),
        (Act::Status(500, JSON, ""), Class::Retry, vec!["500", "3 times"]),
        (Act::Status(429, JSON, "{}"), Class::Retry, vec!["429", "12 times", "month"]),
        (
            Act::Redirect("https://circle.so/login"),
            Class::Stop,
            vec!["redirects to circle.so", "CIRCLE_API_URL"],
        ),
        (Act::Redirect("/users/sign_in"), Class::Stop, vec!["another path"]),
        (Act::Status(400, JSON, invalid), Class::Stop, vec!["Invalid filter (status: is one of: a, b)"]),
        (Act::Status(404, "text/html", "<html>"), Class::Stop, vec!["no such list for topics"]),
        (Act::Status(200, JSON, r#"{"success":false,"message":"no"}"#), Class::Stop, vec!["no records"]),
        (Act::Status(200, JSON, "[]"), Class::Stop, vec!["no records"]),
    ] {
        let stub = Stub::start(community()).await;
        stub.world().acts.extend((0..200).map(|n| (n, act.clone())));
        let fault = fault(&stub, "topics").await;
        let text = shown(&fault);
        assert_eq!(fault.class, class, "{act:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is not in {text}");
        }
        assert!(!text.contains(TOKEN), "{text}");
        let problems = source(&stub).check(&["topics".into()]).await;
        assert_eq!(problems.is_err(), class == Class::Retry, "{act:?}: {problems:?}");
        assert!(problems.is_err() || !problems.expect("problems").is_empty(), "{act:?}");
    }
}

#[tokio::test]
async fn an_export_that_was_refused_part_way_goes_on() {
    for stream in streams().filter(|stream| *stream != "course_lessons") {
        let stub = Stub::start(community()).await;
        let mut export = Export::default();
        for refuse_from in 0.. {
            let requests = stub.world().asked.len();
            stub.world().refuse_from = requests + refuse_from / 3 + 1;
            match export.run(&source(&stub), stream, 3).await {
                Ok(outcome) => {
                    assert!(outcome.complete, "{stream}: {outcome:?}");
                    break;
                }
                Err(fault) => {
                    assert!(fault.what.contains("refused the token"), "{stream}: {}", shown(&fault))
                }
            }
            assert!(refuse_from < 100, "{stream} does not come to its end");
        }
        let (whole, _) = crate::rig::export(&Stub::start(community()).await, stream).await;
        assert_eq!(export.records, whole.records, "{stream}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named_with_the_setting() {
    let source = source_with(config("http://nobody.invalid"));
    let fault = source.stream("posts").await.expect_err("no host");
    let text = shown(&fault);
    assert!(text.contains("nobody.invalid") && text.contains("CIRCLE_API_URL"), "{text}");
    assert_eq!(fault.class, Class::Retry);
    assert!(source.check(&["posts".into()]).await.is_err());
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let usual = || CircleConfig::new(Some(Secret::new(TOKEN)));
    let refused = |config| CircleSource::new(config).err().map(|fault| shown(&fault));
    assert_eq!(refused(usual()), None);
    assert_eq!(refused(CircleConfig { token: None, ..usual() }), None);
    for (config, words) in [
        (CircleConfig { connections: 0, ..usual() }, "connections must be 1 to 8"),
        (CircleConfig { connections: 9, ..usual() }, "connections must be 1 to 8"),
        (CircleConfig { requests_per_minute: 0, ..usual() }, "requests_per_minute must be 1 to 398"),
        (CircleConfig { requests_per_minute: 400, ..usual() }, "2,000 requests in five minutes"),
        (CircleConfig { url: "https://app.circle.so/api/v1".into(), ..usual() }, "/api/admin/v2"),
        (CircleConfig { token: Some(Secret::new("a\nb")), ..usual() }, "CIRCLE_API_TOKEN"),
    ] {
        let what = refused(config).expect("refused");
        assert!(what.contains(words), "{what}");
    }
}

#[tokio::test]
async fn a_community_without_anything_is_complete() {
    let empty: Vec<(&'static str, Vec<serde_json::Value>)> =
        community().into_iter().map(|(name, _)| (name, Vec::new())).collect();
    for stream in streams() {
        let stub = Stub::start(empty.clone()).await;
        let (export, outcome) = export(&stub, stream).await;
        assert!(outcome.complete && outcome.remarks.is_empty(), "{stream}: {outcome:?}");
        assert_eq!((export.records.len(), outcome.declared_after), (0, Some(0)), "{stream}");
    }
}
