//! What the service or the net does wrong, and what callers are told: every row of the table of errors.

use crate::rig::{TOKEN, client, client_of, config, hasty_client, shown};
use crate::stub::{Act, Stub};
use base::{Class, Fault};
use connector_bettermode::types::{MappingField, NewPost};
use connector_bettermode::{Client, Error};
use serde_json::json;

fn member() -> Act {
    Act::Data(json!({"member": {"id": "m1"}, "createPost": {"id": "p1"}}))
}

fn post() -> NewPost {
    NewPost::published("pty1", vec![MappingField::text("title", "A title that stays here")])
}

async fn read(client: &Client) -> Result<String, Error> {
    client.get_member("mem-1").await.map(|member| member.map_or("none".into(), |member| member.id))
}

async fn write(client: &Client) -> Result<String, Error> {
    client.create_post_of("spc1", &post()).await.map(|post| post.id)
}

/// What a call came to, in a word.
fn word(result: Result<String, Error>) -> String {
    match result {
        Ok(id) => id,
        Err(error) => {
            let fault = Fault::from(error.clone());
            for text in [shown(&fault), format!("{error:?}")] {
                assert!(!text.contains(TOKEN) && !text.contains("stays here"), "{text}");
            }
            let debug = format!("{error:?}");
            debug.split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}

#[tokio::test]
async fn reads_are_tried_again_and_writes_only_when_nothing_was_done() {
    let text = |status: u16, body: &str| Act::Answer(status, body.to_owned());
    let forbidden = || Act::error("Forbidden resource", json!({"status": 403, "code": "102", "path": ["x"]}));
    let failed = || Act::error("Internal", json!({"status": 500}));
    for (name, acts, reading, writing) in [
        ("well", vec![member()], ("m1", 1), ("p1", 1)),
        ("busy", vec![text(429, ""), member()], ("m1", 2), ("p1", 2)),
        ("busy, by the clock", vec![Act::RetryAfter(429, "30"), member()], ("m1", 2), ("p1", 2)),
        ("busy for ever", vec![text(429, "")], ("RateLimited", 10), ("RateLimited", 10)),
        ("busy, in 200", vec![Act::error("slow", json!({"status": 429})), member()], ("m1", 2), ("p1", 2)),
        ("defect", vec![text(500, "{}"), member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("defect for ever", vec![text(500, "{}")], ("NoAnswer", 3), ("UnknownOutcome", 1)),
        ("gateway", vec![text(502, "<html>"), member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("defect, in 200", vec![failed(), member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("defect, in 200, for ever", vec![failed()], ("Trouble", 3), ("UnknownOutcome", 1)),
        ("cut", vec![Act::Cut, member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("silent", vec![Act::Hang, member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("half", vec![text(200, r#"{"data":"#), member()], ("m1", 2), ("UnknownOutcome", 1)),
        ("a page", vec![text(200, "<!doctype html>"), member()], ("NoAnswer", 1), ("UnknownOutcome", 1)),
        ("no token", vec![text(401, ""), member()], ("Unauthorized", 1), ("Unauthorized", 1)),
        (
            "no token, in 200",
            vec![Act::error("Unauthorized", json!({"status": 401})), member()],
            ("Unauthorized", 1),
            ("Unauthorized", 1),
        ),
        ("no right", vec![forbidden(), member()], ("Forbidden", 1), ("Forbidden", 1)),
        ("no right, 403", vec![text(403, ""), member()], ("Forbidden", 1), ("Forbidden", 1)),
        ("nobody here", vec![text(404, "<html>")], ("NoAnswer", 1), ("NoAnswer", 1)),
        ("not there", vec![Act::error("Not found", json!({"status": 404}))], ("none", 1), ("NotFound", 1)),
        (
            "a bad query",
            vec![text(400, r#"{"errors":[{"message":"Cannot query field \"x\" on type \"Member\"."}]}"#)],
            ("BadQuery", 1),
            ("BadQuery", 1),
        ),
        (
            "a bad query, in 200",
            vec![text(200, r#"{"errors":[{"message":"Unknown type \"X\"."}]}"#)],
            ("BadQuery", 1),
            ("BadQuery", 1),
        ),
        ("a duplicate", vec![Act::error("taken", json!({"status": 422}))], ("Refused", 1), ("Refused", 1)),
        ("elsewhere", vec![Act::RetryAfter(302, "1")], ("NoAnswer", 1), ("NoAnswer", 1)),
        (
            "of another shape",
            vec![Act::Data(json!({"member": [], "createPost": 5}))],
            ("Odd", 1),
            ("UnknownOutcome", 1),
        ),
    ] {
        for (call, (expected, sent)) in [("reading", reading), ("writing", writing)] {
            let stub = Stub::script(acts.clone()).await;
            let hasty = acts.iter().any(|act| matches!(act, Act::Hang));
            let client = if hasty { hasty_client(&stub) } else { client(&stub) };
            let result = if call == "reading" { read(&client).await } else { write(&client).await };
            assert_eq!(word(result), expected, "{name}, {call}");
            assert_eq!(stub.requests().len(), sent, "{name}, {call}: requests");
        }
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_did_nothing() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let (client, _) = client_of(&config(&closed));
    let error = write(&client).await.expect_err("nobody listens");
    assert!(matches!(error, Error::NoAnswer { .. }), "{error:?}");
    assert_eq!(error.class(), Class::Retry);
    assert!(shown(&error.into()).contains("BETTERMODE_API_URL"));
}

#[tokio::test]
async fn an_action_that_failed_is_a_fact_and_one_that_says_neither_is_unknown() {
    for (status, expected) in
        [("succeeded", "done"), ("failed", "Failed"), ("FAILED", "Failed"), ("postponed", "UnknownOutcome")]
    {
        let stub = Stub::script(vec![Act::Data(json!({"deletePost": {"status": status}}))]).await;
        let result = client(&stub).delete_post("p1").await.map(|()| "done".to_owned());
        assert_eq!(word(result), expected, "{status}");
    }
    let each = json!({"removeSpaceMembers": [{"status": "succeeded"}, {"status": "failed"}]});
    let stub = Stub::script(vec![Act::Data(each)]).await;
    let result = client(&stub).remove_space_members("s1", &["m1".into(), "m2".into()]).await;
    assert!(matches!(result, Err(Error::Failed { .. })), "{result:?}");
}

#[tokio::test]
async fn a_refused_request_waits_as_long_as_it_is_asked_to_or_for_a_window() {
    for (act, seconds) in [(Act::RetryAfter(429, "30"), 30), (Act::Answer(429, String::new()), 10)] {
        let stub = Stub::script(vec![act, member()]).await;
        let (client, pace) = client_of(&config(&stub.url));
        read(&client).await.expect("a member");
        let waited = pace.waited().as_secs();
        assert!((seconds..=seconds + 1).contains(&waited), "{waited} s instead of {seconds}");
    }
}

#[test]
fn settings_that_do_not_fit_together_are_refused() {
    let refused = |config| Client::new(&config).err().map(|fault| shown(&fault)).expect("refused");
    let fine = config("https://api.bettermode.com");
    assert!(Client::new(&fine).is_ok());
    let none = connector_bettermode::IntegrationConfig { token: None, ..fine.clone() };
    assert!(refused(none).contains("BETTERMODE_CLIENT_ID"));
    let mut app = crate::rig::app_config("https://api.bettermode.com");
    app.network_id = Some(String::new());
    assert!(refused(app).contains("BETTERMODE_NETWORK_ID"));
    let odd = connector_bettermode::IntegrationConfig { url: "api.bettermode.com".into(), ..fine.clone() };
    assert!(refused(odd).contains("BETTERMODE_API_URL"));
    let newline = base::Secret::new("a\nb");
    let odd = connector_bettermode::IntegrationConfig { token: Some(newline), ..fine };
    assert!(!format!("{odd:?}").contains("a\nb"));
}
