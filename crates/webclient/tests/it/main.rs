//! The client against a server that misbehaves in every way that was ever seen.

mod exchange;
mod stub;

use base::{Class, Secret};
use jiff::Timestamp;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stub::{Act, Stub, reply};
use webclient::{Cause, Error, Event, Malformed, Observer, Pace, ReadClient, Reply, Scheme, Settings, Url};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Waiting takes no time and is written down; chance always says one half.
#[derive(Default)]
pub struct TestPace {
    waits: Mutex<Vec<Duration>>,
    elapsed: Mutex<Duration>,
}

impl Pace for TestPace {
    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().expect("not poisoned")
    }
    fn now(&self) -> Timestamp {
        "2026-03-01T00:00:00Z".parse().expect("a timestamp")
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn sleep(&self, time: Duration) -> webclient::pace::Sleep<'_> {
        self.waits.lock().expect("not poisoned").push(time);
        *self.elapsed.lock().expect("not poisoned") += time;
        Box::pin(tokio::task::yield_now())
    }
}

#[derive(Default)]
struct Watcher(Mutex<Vec<Event>>);

impl Observer for Watcher {
    fn event(&self, event: &Event) {
        self.0.lock().expect("not poisoned").push(event.clone());
    }
}

struct Rig {
    client: ReadClient,
    pace: Arc<TestPace>,
    watcher: Arc<Watcher>,
}

fn rig(address: &str, settings: Settings) -> Rig {
    let (pace, watcher) = (Arc::new(TestPace::default()), Arc::new(Watcher::default()));
    let base = Url::parse(&format!("{address}/api/1.1/")).expect("an address");
    let key = Secret::new(KEY);
    let client = ReadClient::new(base, Some(&key), settings, pace.clone(), Some(watcher.clone()));
    Rig { client: client.expect("a client"), pace, watcher }
}

fn text(reply: &Reply) -> Result<String, Malformed> {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    match text.as_str() {
        "half" => Err(Malformed { what: "it ends in the middle".into(), cut: true, html: false }),
        "odd" => Err(Malformed { what: "it is not JSON".into(), cut: false, html: false }),
        _ => Ok(text),
    }
}

/// How a request ended: the text, or a word for the error.
async fn outcome(rig: &Rig) -> String {
    let query = [("constraints", "[{\"key\":\"email\",\"value\":\"ada@example.test\"}]")];
    let error = match rig.client.get(&["obj", "rental unit"], &query, |reply| text(&reply)).await {
        Ok(text) => return text,
        Err(error) => error,
    };
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains(KEY) && !shown.contains("ada@") && !shown.contains("constraints"), "{shown}");
    }
    match error {
        Error::Status { status, attempts, .. } => format!("status {status} after {attempts}"),
        Error::Redirect { to_host, .. } => format!("redirect {}", to_host.is_some()),
        Error::Connect { attempts, .. } => format!("connect after {attempts}"),
        Error::Timeout { attempts, .. } => format!("timeout after {attempts}"),
        Error::Cut { attempts, .. } => format!("cut after {attempts}"),
        Error::TooLarge { bytes_max, .. } => format!("larger than {bytes_max}"),
        Error::Malformed { cut, attempts, .. } => format!("malformed {cut} after {attempts}"),
        Error::Setup { what } => what,
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
    let ok = || reply(200, "", "fine");
    let cut = || Act::Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".into());
    let chunked = || Act::Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".into());
    for (name, acts, expected) in [
        ("well", vec![ok()], "fine"),
        ("busy", vec![reply(429, "", ""), reply(503, "", "<html>"), ok()], "fine"),
        ("gateway", vec![reply(502, "", ""), reply(504, "", ""), ok()], "fine"),
        ("bug, then well", vec![reply(500, "", ""), reply(500, "", ""), ok()], "fine"),
        ("bug", vec![reply(500, "", "{}")], "status 500 after 3"),
        ("busy for ever", vec![reply(429, "", "")], "status 429 after 10"),
        ("refused key", vec![reply(401, "", "{}"), ok()], "status 401 after 1"),
        ("forbidden", vec![reply(403, "", ""), ok()], "status 403 after 1"),
        ("not there", vec![reply(404, "", ""), ok()], "status 404 after 1"),
        ("wrong", vec![reply(400, "", ""), ok()], "status 400 after 1"),
        ("cut body", vec![cut(), chunked(), ok()], "fine"),
        ("cut for ever", vec![cut()], "cut after 10"),
        ("closed", vec![Act::Close, ok()], "fine"),
        ("half a document", vec![reply(200, "", "half"), ok()], "fine"),
        ("half for ever", vec![reply(200, "", "half")], "malformed true after 10"),
        ("not a document", vec![reply(200, "", "odd"), ok()], "malformed false after 1"),
        ("elsewhere", vec![reply(302, "Location: https://other.test/x\r\n", ""), ok()], "redirect true"),
        ("next door", vec![reply(302, "Location: /x\r\n", ""), ok()], "redirect false"),
        ("large", vec![reply(200, "", &"x".repeat(5000))], "larger than 4096"),
        (
            "large, not announced",
            vec![Act::Send(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(5000)))],
            "larger than 4096",
        ),
        ("silent, then well", vec![Act::Hang, ok()], "fine"),
        ("silent", vec![Act::Hang], "timeout after 2"),
    ] {
        let stub = Stub::start(acts).await;
        let settings = Settings {
            body_bytes_max: 4096,
            idle_timeout: Duration::from_millis(300),
            ..Settings::default()
        };
        assert_eq!(outcome(&rig(&stub.address, settings)).await, expected, "{name}");
    }
}

#[tokio::test]
async fn the_request_is_a_get_below_its_address_with_the_key_in_its_header() {
    let stub = Stub::start(vec![reply(200, "", "fine")]).await;
    outcome(&rig(&stub.address, Settings::default())).await;
    let head = &stub.heads()[0];
    assert!(head.starts_with("GET /api/1.1/obj/rental%20unit?constraints=%5B%7B"), "{head}");
    assert!(head.to_lowercase().contains(&format!("authorization: bearer {KEY}\r\n")), "{head}");
    assert_eq!(head.matches(KEY).count(), 1);
}

#[tokio::test]
async fn the_key_goes_in_the_header_that_the_service_reads() {
    for (scheme, word) in [(Scheme::Bearer, "bearer"), (Scheme::Token, "token")] {
        let stub = Stub::start(vec![reply(200, "", "fine")]).await;
        let rig = rig(&stub.address, Settings::default());
        rig.client.get_as(scheme, &["obj"], &[], |reply| text(&reply)).await.expect("an answer");
        let head = stub.heads()[0].to_lowercase();
        assert!(head.contains(&format!("authorization: {word} {KEY}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn a_wait_that_the_service_asks_for_is_kept_to_and_told() {
    for (headers, waits) in [
        ("Retry-After: 12\r\n", 12_125),
        ("Retry-After: Sun, 01 Mar 2026 00:00:30 GMT\r\n", 30_125),
        ("Retry-After: 86400\r\n", 120_125),
        ("Retry-After: soon\r\n", 500),
        ("", 500),
    ] {
        let stub = Stub::start(vec![reply(429, headers, ""), reply(200, "", "fine")]).await;
        let rig = rig(&stub.address, Settings::default());
        assert_eq!(outcome(&rig).await, "fine");
        let wait = Duration::from_millis(waits);
        assert_eq!(*rig.pace.waits.lock().expect("not poisoned"), [wait], "{headers:?}");
        let told = rig.watcher.0.lock().expect("not poisoned").clone();
        let path = "/api/1.1/obj/rental%20unit".to_owned();
        let asked = waits > 500;
        assert_eq!(told, [Event::Waiting { cause: Cause::Status(429), path, attempt: 1, wait, asked }]);
    }
}

#[tokio::test]
async fn a_limit_per_minute_spreads_requests() {
    let stub = Stub::start(vec![reply(200, "", "fine")]).await;
    let settings = Settings { requests_per_minute: NonZeroU32::new(120), ..Settings::default() };
    let rig = rig(&stub.address, settings);
    for _ in 0..6 {
        assert_eq!(outcome(&rig).await, "fine");
    }
    // Two at once, then one every half second.
    assert_eq!(rig.pace.elapsed(), Duration::from_secs(2));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    for (address, host) in [
        (format!("http://127.0.0.1:{closed}"), format!("127.0.0.1:{closed}")),
        ("http://nobody.invalid".to_owned(), "nobody.invalid".to_owned()),
    ] {
        let error = rig(&address, Settings::default())
            .client
            .get(&[], &[], |reply| text(&reply))
            .await
            .expect_err("no host");
        assert_eq!(error.class(), Class::Retry);
        match error {
            Error::Connect { host: named, attempts: 5, unknown_host, .. } => {
                assert_eq!(named, host);
                assert_eq!(unknown_host, host.ends_with("invalid"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn no_more_requests_run_at_once_than_allowed() {
    let stub = Stub::start(vec![Act::Hang]).await;
    let mut settings = Settings { connections: 2, ..Settings::default() };
    settings.idle_timeout = Duration::from_millis(200);
    settings.retry.attempts_timeout_max = 1;
    let rig = rig(&stub.address, settings);
    let mut first_two = 0;
    let all = async { tokio::join!(outcome(&rig), outcome(&rig), outcome(&rig)) };
    tokio::pin!(all);
    // As long as the first two hang, the third is not sent.
    while stub.heads().len() < 3 {
        first_two = stub.heads().len();
        tokio::select! {
            _ = &mut all => break,
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
    }
    assert_eq!(first_two, 2);
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
    let base = Url::parse("https://app.test/api/1.1").expect("an address");
    let key = Secret::new("abc\ndef");
    let made = ReadClient::new(base, Some(&key), Settings::default(), Arc::new(TestPace::default()), None);
    let error = made.err().expect("refused");
    assert!(!format!("{error} {error:?}").contains("abc"));
    assert_eq!(error.class(), Class::Usage);
}
