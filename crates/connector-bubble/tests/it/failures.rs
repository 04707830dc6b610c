//! What the service or the net does wrong, and what people are told.

use crate::rig::{Export, TestPace, Watcher, shown, source, source_at};
use crate::stub::{Act, KEY, Stub, row};
use base::{Class, Secret};
use connect::Source;
use connector_bubble::{BubbleConfig, BubbleSource};
use std::sync::Arc;
use webclient::{Cause, Event, Settings};

const BASE: i64 = 1_700_000_000_000;

async fn stub(n: usize) -> Stub {
    Stub::start((0..n).map(|n| row(n, BASE + 60_000 * n as i64)).collect()).await
}

#[tokio::test]
async fn what_passes_by_itself_loses_nothing_wherever_it_happens() {
    for act in [
        Act::RetryAfter(429, "12"),
        Act::Status(429, "application/json", r#"{"message":"slow down"}"#),
        Act::Status(503, "text/html", "<html>down</html>"),
        Act::Status(503, "application/json", r#"{"message":"down"}"#),
        Act::Status(500, "application/json", r#"{"code":"x","message":"bug"}"#),
        Act::CutBody,
        Act::HalfJson,
        Act::Empty,
    ] {
        for at in 0..12 {
            let stub = stub(300).await;
            for n in [at, at + 1] {
                stub.world().acts.insert(n, act.clone());
            }
            let mut export = Export::default();
            let name = format!("{act:?} at {at}");
            let outcome =
                export.run(&source(&stub), 50).await.unwrap_or_else(|f| panic!("{name}: {}", shown(&f)));
            assert!(outcome.complete && outcome.vanished == 0, "{name}: {outcome:?}");
            export.assert_holds(&stub, &[], &name);
        }
    }
}

#[tokio::test]
async fn whoever_watches_is_told_why_nothing_happens() {
    let stub = stub(3).await;
    stub.world().acts.insert(0, Act::RetryAfter(429, "12"));
    let watcher = Arc::new(Watcher::default());
    let mut config = BubbleConfig::new(&stub.url, Some(Secret::new(KEY)));
    config.observer = Some(watcher.clone());
    let source =
        BubbleSource::with(config, Settings::default(), Arc::new(TestPace::default())).expect("a source");
    Export::default().run(&source, 100).await.expect("an export");
    let told = watcher.0.lock().expect("not poisoned").clone();
    let [Event::Waiting { cause: Cause::Status(429), attempt: 1, wait, asked: true, path }] = told.as_slice()
    else {
        panic!("{told:?}");
    };
    assert_eq!((wait.as_secs(), path.as_str()), (12, "/version-test/api/1.1/obj/unit"));
}

#[tokio::test]
async fn what_does_not_pass_stops_with_a_reason_and_a_way_out() {
    let persistent = |act: Act| (0..100).map(|n| (n, act.clone())).collect::<Vec<_>>();
    for (acts, class, words) in [
        (
            persistent(Act::Status(401, "text/plain", "no")),
            Class::Stop,
            vec!["refused the key", "BUBBLE_API_KEY"],
        ),
        (persistent(Act::Html), Class::Stop, vec!["web page", "BUBBLE_API_URL"]),
        (persistent(Act::Empty), Class::Retry, vec!["ends in the middle"]),
        (persistent(Act::Status(503, "text/html", "<html>")), Class::Retry, vec!["503", "10 times"]),
        (persistent(Act::Status(500, "text/plain", "")), Class::Retry, vec!["500", "3 times"]),
        (persistent(Act::Status(302, "text/plain", "")), Class::Stop, vec!["redirects", "BUBBLE_API_URL"]),
        (
            persistent(Act::Status(
                400,
                "text/plain",
                r#"{"statusCode":400,"body":{"status":"ERROR","message":"Unrecognized field: X"}}"#,
            )),
            Class::Stop,
            vec!["Unrecognized field: X"],
        ),
        (
            persistent(Act::Status(
                404,
                "text/plain",
                r#"{"statusCode":404,"body":{"status":"MISSING_DATA"}}"#,
            )),
            Class::Stop,
            vec!["not exposed", "not deployed", "unit, user", "this one is test"],
        ),
    ] {
        let stub = stub(3).await;
        stub.world().acts.extend(acts.clone());
        let fault = Export::default().run(&source(&stub), 100).await.expect_err("it fails");
        let text = shown(&fault);
        assert_eq!(fault.class, class, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is not in {text}");
        }
        assert!(!text.contains(KEY) && !text.contains("greater than"), "{text}");
    }
}

#[tokio::test]
async fn a_key_whose_conditions_are_dropped_is_found_out() {
    for (dropped, n) in [(vec!["Created Date"], 3), (vec!["Created Date"], 300), (vec!["Modified Date"], 300)]
    {
        let stub = stub(n).await;
        stub.world().dropped = dropped.clone();
        let fault = Export::default().run(&source(&stub), 100).await.expect_err("not an admin token");
        assert!(fault.what.contains("not to be an admin token"), "{dropped:?}: {}", shown(&fault));
        assert_eq!(fault.class, Class::Stop);
        let problems = source(&stub).check(&["unit".into()]).await.expect("a check");
        let found = problems.iter().any(|p| p.message.contains("admin token"));
        assert_eq!(found, dropped == ["Created Date"], "{problems:?}");
    }
}

#[tokio::test]
async fn hidden_dates_are_found_out_too() {
    let stub = stub(3).await;
    stub.world().acts.insert(
        2,
        Act::Status(
            200,
            "application/json",
            r#"{"response":{"cursor":0,"remaining":2,"results":[{"_id":"1x1"}]}}"#,
        ),
    );
    let fault = Export::default().run(&source(&stub), 100).await.expect_err("hidden");
    assert!(fault.what.contains("without Created Date or Modified Date"), "{}", shown(&fault));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named_with_the_setting() {
    let source = source_at("http://nobody.invalid/api/1.1", Settings::default());
    let fault = source.stream("unit").await.expect_err("no host");
    assert!(
        shown(&fault).contains("nobody.invalid") && shown(&fault).contains("BUBBLE_API_URL"),
        "{fault:?}"
    );
    assert_eq!(fault.class, Class::Retry);
    assert!(source.check(&["unit".into()]).await.is_err());
}

#[tokio::test]
async fn a_checkpoint_of_something_else_is_refused() {
    let stub = stub(3).await;
    let mut export = Export { checkpoint: Some(serde_json::json!({"page": 3})), ..Export::default() };
    let fault = export.run(&source(&stub), 100).await.expect_err("not ours");
    assert_eq!(fault.class, Class::Usage);
    assert!(shown(&fault).contains("--fresh"));
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let config = || BubbleConfig::new("https://app.test/api/1.1", None);
    let refused = |config| BubbleSource::new(config).err().map(|fault| fault.what);
    assert_eq!(refused(config()), None);
    for connections in [0, 21] {
        let what = refused(BubbleConfig { connections, ..config() }).expect("refused");
        assert!(what.contains("connections must be 1 to 20"), "{what}");
    }
    let what = refused(BubbleConfig { requests_per_minute: Some(0), ..config() }).expect("refused");
    assert!(what.contains("requests_per_minute"), "{what}");
    let what = refused(BubbleConfig { url: "https://app.test".into(), ..config() }).expect("refused");
    assert!(what.contains("/api/1.1"), "{what}");
}
