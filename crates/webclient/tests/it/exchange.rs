//! Requests that carry something: what is sent, and what is known when no answer came.

use crate::TestPace;
use crate::stub::{Act, Stub, reply};
use base::Secret;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use webclient::pace::Sleep;
use webclient::{
    Authorization, Call, Cause, Error, Exchange, Failed, Form, Malformed, Pace, Payload, Settings, Url,
};

fn exchange(address: &str) -> Exchange {
    let settings = Settings { idle_timeout: Duration::from_millis(300), ..Settings::default() };
    let base = Url::parse(address).expect("an address");
    Exchange::new(base, settings, Arc::new(TestPace::default()), None).expect("an exchange")
}

#[tokio::test]
async fn a_document_is_posted_as_it_is_and_as_whom_it_should() {
    let bearer = Authorization::bearer(&Secret::new("t0ken")).expect("a header");
    let basic = Authorization::basic("client", Secret::new("s3cret"));
    for (path, authorization, line, header) in [
        ("", Some(&bearer), "POST / HTTP/1.1", Some("authorization: Bearer t0ken\r\n")),
        (
            "/graphql",
            Some(&basic),
            "POST /graphql HTTP/1.1",
            Some("authorization: Basic Y2xpZW50OnMzY3JldA==\r\n"),
        ),
        ("/graphql?a=b", None, "POST /graphql?a=b HTTP/1.1", None),
    ] {
        let stub = Stub::start(vec![reply(200, "", "fine")]).await;
        let call = Call::post(authorization, br#"{"query":"{a}"}"#);
        let exchange = exchange(&format!("{}{path}", stub.address));
        assert_eq!(exchange.once(&call, 1).await.expect("a reply").body, b"fine");
        let head = &stub.heads()[0];
        assert!(head.starts_with(line) && head.contains("content-type: application/json\r\n"), "{head}");
        assert_eq!(
            head.find("authorization").map(|at| &head[at..]).map(|rest| rest.lines().next()),
            header.map(|header| header.lines().next()),
            "{head}"
        );
        assert_eq!(stub.bodies(), [r#"{"query":"{a}"}"#]);
        assert!(!format!("{bearer:?} {basic:?}").contains("t0ken"));
        assert!(!format!("{bearer:?} {basic:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_change_is_a_patch_and_every_request_carries_the_headers_of_the_service() {
    let stub = Stub::start(vec![reply(529, "Retry-After: 7\r\n", "")]).await;
    let settings = Settings { headers: &[("Api-Version", "2026-03-11")], ..Settings::default() };
    let base = Url::parse(&stub.address).expect("an address");
    let pace = Arc::new(TestPace::default());
    let exchange = Exchange::new(base, settings, pace, None).expect("an exchange");
    let call = Call { segments: &["a"], query: &[], authorization: None, payload: Payload::Patch(b"{}") };
    let failed = exchange.once(&call, 1).await.expect_err("too much");
    assert_eq!((failed.cause, failed.retry_after), (Some(Cause::Status(529)), Some(Duration::from_secs(7))));
    let head = &stub.heads()[0];
    assert!(head.starts_with("PATCH /a ") && head.contains("api-version: 2026-03-11\r\n"), "{head}");
    assert_eq!(stub.bodies(), ["{}"]);
    let settings = Settings { headers: &[("no name", "x")], ..Settings::default() };
    let base = Url::parse(&stub.address).expect("an address");
    let refused = Exchange::new(base, settings, Arc::new(TestPace::default()), None);
    assert!(matches!(refused, Err(Error::Setup { .. })), "a header that cannot be sent is told at once");
}

#[tokio::test]
async fn a_form_has_its_fields_first_and_its_file_last() {
    let stub = Stub::start(vec![reply(204, "", "")]).await;
    let fields = [("key".to_owned(), "a/b.png".to_owned()), ("policy".to_owned(), "p".to_owned())];
    let form = Form { fields: &fields, file_name: "b.png", content_type: "image/png", content: b"\x89PNG" };
    let call = Call { segments: &[], query: &[], authorization: None, payload: Payload::Form(&form) };
    exchange(&stub.address).once(&call, 1).await.expect("a reply");
    let body = &stub.bodies()[0];
    let places =
        ["name=\"key\"", "a/b.png", "name=\"policy\"", "name=\"file\"; filename=\"b.png\"", "image/png"];
    let found: Vec<Option<usize>> = places.iter().map(|place| body.find(place)).collect();
    assert!(found.is_sorted() && found.iter().all(Option::is_some), "{body}");
    let odd = Form { content_type: "no type", ..form };
    let call = Call { payload: Payload::Form(&odd), ..call };
    let failed = exchange(&stub.address).once(&call, 1).await.expect_err("no media type");
    assert!(matches!(failed.error, Error::Setup { .. }) && failed.cause.is_none());
}

#[tokio::test]
async fn a_failed_attempt_says_whether_something_may_have_been_done() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    for (name, act, may_have_acted, cause) in [
        ("busy", reply(429, "Retry-After: 7\r\n", ""), false, Some(Cause::Status(429))),
        ("refused", reply(403, "", "{}"), false, Some(Cause::Status(403))),
        ("defect", reply(500, "", ""), true, Some(Cause::Status(500))),
        ("gateway", reply(502, "", ""), true, Some(Cause::Status(502))),
        ("elsewhere", reply(307, "Location: /x\r\n", ""), false, None),
        ("cut", Act::Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".into()), true, Some(Cause::Cut)),
        ("closed", Act::Close, true, Some(Cause::Cut)),
        ("silent", Act::Hang, true, Some(Cause::Timeout)),
    ] {
        let stub = Stub::start(vec![act]).await;
        let failed = exchange(&stub.address).once(&Call::post(None, b"{}"), 1).await.expect_err(name);
        assert_eq!((failed.error.may_have_acted(), failed.cause), (may_have_acted, cause), "{name}");
        let asked = (name == "busy").then_some(Duration::from_secs(7));
        assert_eq!(failed.retry_after, asked, "{name}");
        assert_eq!(stub.heads().len(), 1, "{name}: one attempt is one request");
    }
    let nowhere = exchange(&closed);
    let call = Call::post(None, b"{}");
    let Failed { error, cause, .. } = nowhere.once(&call, 1).await.expect_err("nobody listens");
    assert_eq!((error.may_have_acted(), cause), (false, Some(Cause::Connect)));
    let odd = Malformed { what: "no JSON".into(), cut: false, html: false };
    let failed = nowhere.malformed(&call, 3, odd);
    assert!(failed.error.may_have_acted() && failed.cause.is_none());
}

/// The first sleep is interrupted at once, as if nobody had waited; later ones are as [`TestPace`] has them.
#[derive(Default)]
struct Impatient {
    inner: TestPace,
    slept: AtomicBool,
}

impl Pace for Impatient {
    fn elapsed(&self) -> Duration {
        self.inner.elapsed()
    }
    fn now(&self) -> Timestamp {
        self.inner.now()
    }
    fn fraction(&self) -> f64 {
        self.inner.fraction()
    }
    fn sleep(&self, time: Duration) -> Sleep<'_> {
        if self.slept.swap(true, Ordering::Relaxed) {
            return self.inner.sleep(time);
        }
        Box::pin(tokio::task::yield_now())
    }
}

#[tokio::test]
async fn a_wait_that_one_address_asks_for_holds_the_other_too() {
    let stub = Stub::start(vec![reply(200, "", "fine")]).await;
    let pace = Arc::new(Impatient::default());
    let base = Url::parse(&stub.address).expect("an address");
    let first = Exchange::new(base.clone(), Settings::default(), pace.clone(), None).expect("an exchange");
    let second = first.elsewhere(base).expect("an exchange");
    let call = Call::post(None, b"{}");
    let mut attempts = first.attempts();
    assert!(attempts.again(&call, Cause::Status(429), Some(Duration::from_secs(12))).await);
    assert_eq!(attempts.number(), 2);
    second.once(&call, 1).await.expect("a reply");
    let waits = pace.inner.waits.lock().expect("not poisoned").clone();
    assert_eq!(waits, [Duration::from_millis(12_125)], "the other address waits for what is left");
    assert!(first.elsewhere(Url::parse("data:x").expect("a URL")).is_err());
}
