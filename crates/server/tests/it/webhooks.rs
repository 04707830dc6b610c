//! Requests and their answers.

use crate::rig::{BODY_BYTES_MAX, KEY, setup, start};
use bridge::Inbox;
use bridge::store::EventFilter;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn event(id: &str) -> String {
    json!({ "id": id, "kind": "member.updated", "subject": "member:1" }).to_string()
}

#[tokio::test]
async fn each_request_gets_the_status_of_the_first_thing_that_is_wrong_with_it() {
    let rig = start().await;
    let (good, large) = (event("e1"), "x".repeat(BODY_BYTES_MAX + 1));
    let limit = format!("{{\"challenge\":\"{}\"}}", "x".repeat(BODY_BYTES_MAX - 16));
    assert_eq!(limit.len(), BODY_BYTES_MAX);
    for (what, method, path, key, body, expected) in [
        ("good", "POST", "/webhooks/toy", KEY, good.as_str(), 200),
        ("the same again", "POST", "/webhooks/toy", KEY, &good, 200),
        ("good, with a route", "POST", "/webhooks/toy/events", KEY, &good, 200),
        ("another sender's event of that id", "POST", "/webhooks/other", KEY, &good, 200),
        ("bad signature before bad body", "POST", "/webhooks/toy", "wrong", "{", 401),
        ("bad signature before unknown route", "POST", "/webhooks/toy/nowhere", "wrong", &good, 401),
        ("no signature", "POST", "/webhooks/toy", "", &good, 401),
        ("no JSON", "POST", "/webhooks/toy", KEY, "{", 400),
        ("no id", "POST", "/webhooks/toy", KEY, "{}", 400),
        ("an id that no store keeps", "POST", "/webhooks/toy", KEY, &event(&"x".repeat(5000)), 400),
        ("empty", "POST", "/webhooks/toy", KEY, "", 400),
        ("unknown route", "POST", "/webhooks/toy/nowhere", KEY, &good, 404),
        ("unknown sender", "POST", "/webhooks/stranger", KEY, &good, 404),
        ("unknown sender before a large body", "POST", "/webhooks/stranger", KEY, &large, 404),
        ("no sender", "POST", "/webhooks", KEY, &good, 404),
        ("too deep", "POST", "/webhooks/toy/events/more", KEY, &good, 404),
        ("large before bad signature", "POST", "/webhooks/toy", "wrong", &large, 413),
        ("as large as allowed", "POST", "/webhooks/toy", KEY, &limit, 200),
        ("wrong method", "GET", "/webhooks/toy", KEY, "", 405),
        ("wrong method", "PUT", "/webhooks/toy", KEY, &good, 405),
        ("a sender that panics", "POST", "/webhooks/toy", KEY, "{\"panic\":1}", 500),
        ("health by POST", "POST", "/health", KEY, "", 405),
        ("elsewhere", "GET", "/", KEY, "", 404),
    ] {
        let request = rig.client.request(method.parse().unwrap(), rig.at(path)).header("x-key", key);
        let answer = request.body(body.to_owned()).send().await.expect(what);
        assert_eq!(answer.status().as_u16(), expected, "{what}: {method} {path}");
        assert!(answer.headers().contains_key("x-request-id"), "{what}");
        if expected >= 400 {
            let fault: Value = answer.json().await.expect(what);
            assert!(fault["error"].is_string(), "{what}: {fault}");
        }
    }
    let kept = rig.store.events(&EventFilter::default(), None, 100).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|line| (line.sender.as_str(), line.id.as_str())).collect();
    assert_eq!(kept, [("other", "e1"), ("toy", "e1")]);
    rig.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let rig = start().await;
    let answer = rig.get("/webhooks/toy").await;
    assert_eq!(answer.headers()["allow"], "POST");
}

#[tokio::test]
async fn an_event_again_is_answered_like_the_first_and_kept_once() {
    let rig = start().await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let answer = rig.send(&json!({ "id": "e1", "kind": "k", "subject": "s" })).await;
        answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
    }
    assert_eq!(answers, vec![(200, "{\"heard\":true}".to_owned()); 3]);
    assert_eq!(rig.store.events(&EventFilter::default(), None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_question_is_answered_and_nothing_is_kept() {
    let rig = start().await;
    let answer = rig.client.post(rig.at("/webhooks/toy?key=believe%20me")).body("{\"challenge\":\"abc\"}");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "challenge": "abc" }));
    assert!(rig.store.events(&EventFilter::default(), None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_id_of_a_request_is_taken_when_it_is_plain_and_made_when_not() {
    let rig = start().await;
    let long = "x".repeat(200);
    for (sent, taken) in [
        (Some("abc-1.2_3"), true),
        (Some("with blank"), false),
        (Some("a\"b"), false),
        (Some(""), false),
        (Some(long.as_str()), false),
        (None, false),
    ] {
        let request = rig.client.get(rig.at("/health"));
        let request = sent.iter().fold(request, |request, id| request.header("x-request-id", *id));
        let answer = request.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(Some(id.as_str()) == sent, taken, "{sent:?} became {id}");
        assert!(!id.is_empty());
        assert!(
            rig.log.all().iter().any(|line| line.contains(&format!("request={id}"))),
            "{id} is in the log"
        );
    }
}

#[tokio::test]
async fn no_line_of_the_log_holds_a_value_of_an_event() {
    let rig = start().await;
    let body = json!({
        "id": "e1", "kind": "member.updated", "subject": "member:1",
        "told": { "email": "ada@example.org", "name": "Ada" },
        "do": [{ "do": "track_activity", "member_id": "m1", "activity": "member.updated" },
               { "do": "send_message", "to": "m1", "text": "Hello Ada" }],
    });
    assert_eq!(rig.send(&body).await.status(), 200);
    rig.until_actions(0, 0, 2, 0).await;
    let answer = rig.client.post(rig.at("/webhooks/toy/ada@example.org?email=ada@example.org"));
    assert_eq!(answer.header("x-key", KEY).body("{").send().await.unwrap().status(), 404);
    let log = rig.log.all();
    assert!(log.len() > 4, "{log:#?}");
    for line in log {
        assert!(!line.contains("ada@example.org") && !line.contains("Ada"), "{line}");
    }
}

/// Writes the pieces with a pause after each, and reads until the end.
async fn dribble(address: std::net::SocketAddr, pieces: &[&[u8]], pause: Duration) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for piece in pieces {
        // The server may have closed meanwhile: that is what is looked for.
        if stream.write_all(piece).await.is_err() {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_that_dribbles_is_cut_and_others_are_served_meanwhile() {
    let mut setup = setup();
    setup.config.times.head = Duration::from_millis(100);
    setup.config.times.body = Duration::from_millis(100);
    let rig = setup.start().await;
    let pause = Duration::from_millis(15);
    let slow_head = vec![b"x" as &[u8]; 40];
    let head = b"POST /webhooks/toy HTTP/1.1\r\nhost: x\r\nx-key: believe me\r\ncontent-length: 40\r\n\r\n"
        .as_slice();
    let slow_body: Vec<&[u8]> = std::iter::once(head).chain(vec![b" ".as_slice(); 40]).collect();
    let chunked = b"POST /webhooks/toy HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".as_slice();
    let slow_chunks: Vec<&[u8]> =
        std::iter::once(chunked).chain(vec![b"1\r\n \r\n".as_slice(); 40]).collect();
    let idle: Vec<&[u8]> = Vec::new();
    let one = async {
        for _ in 0..20 {
            assert_eq!(rig.get("/health").await.status(), 200);
        }
    };
    let (head, body, chunks, idle, ()) = tokio::join!(
        dribble(rig.address, &slow_head, pause),
        dribble(rig.address, &slow_body, pause),
        dribble(rig.address, &slow_chunks, pause),
        dribble(rig.address, &idle, pause),
        one,
    );
    assert!(!head.contains("200"), "{head}");
    assert!(body.starts_with("HTTP/1.1 408") || body.is_empty(), "{body}");
    assert!(chunks.starts_with("HTTP/1.1 408") || chunks.is_empty(), "{chunks}");
    assert_eq!(idle, "");
    assert!(rig.store.events(&EventFilter::default(), None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_says_nothing_of_its_length_is_bounded_too() {
    let rig = start().await;
    let chunk = format!("{:x}\r\n{}\r\n", 8192, "x".repeat(8192));
    let mut request =
        b"POST /webhooks/toy HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec();
    for _ in 0..20 {
        request.extend_from_slice(chunk.as_bytes());
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = dribble(rig.address, &[&request], Duration::ZERO).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let figures = rig.get("/metrics").await.text().await.unwrap();
    assert!(figures.contains("landfall_webhooks_total{sender=\"toy\",outcome=\"too_large\"} 1"), "{figures}");
}
