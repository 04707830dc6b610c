//! Every way an attempt can end, for an operation that only asks and for one that changes something.

use super::*;
use crate::queries::{CREATE_POST, POST};
use serde_json::json;
use webclient::Body;

/// The verdict in a few words.
fn show(operation: &Operation, ended: Result<Reply, Failed>) -> String {
    let variables = json!({"input": {"title": "sent words"}});
    match judge(operation, &variables, 3, ended, "/").verdict {
        Verdict::Done(root) => format!("done {}", root.get()),
        Verdict::Renew => "renew".into(),
        Verdict::Again { cause, retry_after, error } => {
            let asked = retry_after.map(|asked| format!(" in {asked:?}")).unwrap_or_default();
            format!("again {cause:?}{asked}, else {}", kind(&error))
        }
        Verdict::Over(error) => kind(&error).to_owned(),
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::NoAnswer { .. } => "no answer",
        Error::UnknownOutcome { .. } => "unknown",
        Error::Forbidden { .. } => "forbidden",
        Error::NotFound { .. } => "not found",
        Error::Refused { .. } => "refused",
        Error::RateLimited { attempts: 3, .. } => "rate limited",
        Error::Trouble { .. } => "trouble",
        Error::BadQuery { .. } => "bad query",
        Error::Partial { .. } => "partial",
        Error::Nothing { .. } => "nothing",
        other => panic!("{other:?}"),
    }
}

fn reply(body: &str) -> Result<Reply, Failed> {
    Ok(Reply { body: body.as_bytes().to_vec(), date: None, html: false })
}

fn status(status: u16, body: &str) -> Result<Reply, Failed> {
    let error = webclient::Error::Status {
        status,
        path: "/".into(),
        attempts: 3,
        html: body.starts_with('<'),
        body: Body(body.as_bytes().to_vec()),
    };
    let retry_after = (status == 429).then(|| Duration::from_secs(7));
    Err(Failed { error, cause: Some(Cause::Status(status)), retry_after })
}

fn error(fields: &str) -> String {
    format!(r#"{{"errors":[{{"message":"Forbidden resource",{fields}}}],"data":null}}"#)
}

#[test]
fn every_answer_has_its_verdict() {
    let both = |expected: &str| (expected.to_owned(), expected.to_owned());
    let each = |asks: &str, changes: &str| (asks.to_owned(), changes.to_owned());
    for (name, body, (asks, changes)) in [
        ("well", r#"{"data":{"post":{},"createPost":{}}}"#.to_owned(), both("done {}")),
        ("no token", error(r#""status":401"#), both("renew")),
        ("no token, in words", r#"{"errors":[{"message":"Unauthorized"}],"data":null}"#.into(), both("renew")),
        ("no token, by number", error(r#""code":108"#), both("renew")),
        ("no right", error(r#""status":403,"code":"102","path":["createPost"]"#), both("forbidden")),
        ("no right, inside", error(r#""extensions":{"status":403}"#), both("forbidden")),
        ("no right, by number", error(r#""code":"102""#), both("forbidden")),
        ("not there", error(r#""status":404"#), both("not found")),
        ("not there, by number", error(r#""code":110"#), both("not found")),
        ("a duplicate", error(r#""status":409"#), both("refused")),
        ("a missing field", error(r#""code":"100""#), both("refused")),
        ("too much", error(r#""status":429"#), both("again Status(429), else rate limited")),
        ("too much, by number", error(r#""code":104"#), both("again Status(429), else rate limited")),
        ("trouble", error(r#""status":500"#), each("again Status(500), else trouble", "unknown")),
        ("trouble, by number", error(r#""code":30"#), each("again Status(500), else trouble", "unknown")),
        ("no reason", error(r#""path":["post"]"#), each("trouble", "unknown")),
        ("a bad query", r#"{"errors":[{"message":"Cannot query field \"x\""}]}"#.into(), both("bad query")),
        ("below the root", error(r#""status":403,"path":["post","owner"]"#), each("partial", "unknown")),
        (
            "in part",
            r#"{"data":{"post":{"id":"p"},"createPost":{"id":"p"}},"errors":[{"message":"x","path":["post","url"]}]}"#
                .into(),
            each("partial", "unknown"),
        ),
        ("nothing", r#"{"data":{"post":null,"createPost":null}}"#.into(), each("nothing", "unknown")),
        ("something else", r#"{"data":{"posts":{}}}"#.into(), each("nothing", "unknown")),
        ("a page", "<html>".into(), each("no answer", "unknown")),
        ("half", r#"{"data":{"#.into(), each("again Cut, else no answer", "unknown")),
        ("no answer at all", "{}".into(), each("no answer", "unknown")),
    ] {
        assert_eq!(show(&POST, reply(&body)), asks, "{name}, asking");
        assert_eq!(show(&CREATE_POST, reply(&body)), changes, "{name}, changing");
    }
}

#[test]
fn every_status_has_its_verdict() {
    let both = |expected: &'static str| (expected, expected);
    for (code, body, (asks, changes)) in [
        (400, r#"{"errors":[{"message":"Unknown type"}]}"#.to_owned(), both("bad query")),
        (400, "oops".into(), both("bad query")),
        (400, error(r#""status":422"#), both("refused")),
        (401, String::new(), both("renew")),
        (401, error(r#""x":1"#), both("renew")),
        (403, "<html>".into(), both("forbidden")),
        (404, "<html>".into(), both("no answer")),
        (404, error(r#""x":1"#), both("not found")),
        (409, error(r#""x":1"#), both("refused")),
        (429, "slow down".into(), both("again Status(429) in 7s, else rate limited")),
        (500, "{}".into(), ("again Status(500), else no answer", "unknown")),
        (503, "<html>".into(), ("again Status(503), else no answer", "unknown")),
    ] {
        let show = |operation: &Operation| {
            // A status that nobody knows is tried again by a policy that says once.
            show(operation, status(code, &body))
        };
        assert_eq!(show(&POST), asks, "{code} {body}, asking");
        assert_eq!(show(&CREATE_POST), changes, "{code} {body}, changing");
    }
}

#[test]
fn a_lost_connection_is_known_to_have_done_nothing_only_before_it_was_there() {
    let path = || "/".to_owned();
    let failed = |error, cause| Err(Failed { error, cause, retry_after: None });
    let connect =
        webclient::Error::Connect { host: "x".into(), reason: "no".into(), unknown_host: false, attempts: 3 };
    let redirect = webclient::Error::Redirect { status: 307, path: path(), to_host: None };
    for (ended, asks, changes) in [
        (
            failed(connect, Some(Cause::Connect)),
            "again Connect, else no answer",
            "again Connect, else no answer",
        ),
        (
            failed(webclient::Error::Timeout { path: path(), attempts: 3 }, Some(Cause::Timeout)),
            "again Timeout, else no answer",
            "unknown",
        ),
        (
            failed(webclient::Error::Cut { path: path(), attempts: 3 }, Some(Cause::Cut)),
            "again Cut, else no answer",
            "unknown",
        ),
        (failed(webclient::Error::TooLarge { path: path(), bytes_max: 9 }, None), "no answer", "unknown"),
        (failed(redirect, None), "no answer", "no answer"),
    ] {
        assert_eq!(show(&POST, ended.clone()), asks);
        assert_eq!(show(&CREATE_POST, ended), changes);
    }
}

#[test]
fn the_cost_is_read_from_answers_of_every_kind() {
    let with = r#"{"errors":[{"message":"x"}],"extensions":{"complexity":9}}"#;
    for ended in [reply(with), status(400, with)] {
        assert_eq!(judge(&POST, &json!({}), 1, ended, "/").complexity, Some(9));
    }
    assert_eq!(judge(&POST, &json!({}), 1, status(500, with), "/").complexity, None);
}

#[test]
fn the_service_repeats_nothing_of_the_record() {
    let body = r#"{"errors":[{"message":"sent words are not allowed","status":422}],"data":null}"#;
    let judged = judge(&CREATE_POST, &json!({"input": {"title": "sent words"}}), 1, reply(body), "/");
    let Verdict::Over(error) = judged.verdict else { panic!("refused") };
    assert_eq!(error.to_string(), "CreatePost: BetterMode refused it (422): *** are not allowed");
}
