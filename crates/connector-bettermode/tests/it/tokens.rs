//! Tokens: fetched once, renewed in time, fetched anew when refused, sent only where they belong.

use crate::rig::{APP_SECRET, TOKEN, app_config, client_of, config, ports, shown};
use crate::stub::{Act, Request, Stub};
use base::Secret;
use connector_bettermode::{Client, Error};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// `e30.CLAIMS.n`, where the claims are what [`jwt`] gives them: base64 without a library.
fn jwt(n: u64, exp: i64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let claims = format!(r#"{{"exp":{exp}}}"#);
    let mut out = String::new();
    for chunk in claims.as_bytes().chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            out.push(char::from(LETTERS[(word >> (18 - 6 * at)) as usize & 63]));
        }
    }
    format!("e30.{out}.t{n}")
}

/// A service that mints tokens which end an hour after the start of the test, plus an hour for each.
struct Mint {
    stub: Stub,
}

impl Mint {
    async fn start(
        gateway: Option<String>,
        mut refused: impl FnMut(&Request) -> bool + Send + 'static,
    ) -> Self {
        let minted = AtomicU64::new(0);
        let stub = Stub::start(move |request: &Request| {
            let token =
                |n: u64| jwt(n, crate::rig::start().as_second() + 3600 * i64::try_from(n).unwrap_or(0));
            match request.operation.as_str() {
                "LimitedToken" => {
                    let n = minted.fetch_add(1, Ordering::Relaxed) + 1;
                    Act::Data(json!({"limitedToken": {"accessToken": token(n), "gatewayUrl": gateway}}))
                }
                "GuestToken" => Act::Data(json!({"tokens": {"accessToken": "guest"}})),
                "Login" => Act::Data(json!({"loginNetwork":
                    {"accessToken": "members-own", "refreshToken": "r", "member": {"id": "m1"}}})),
                _ if refused(request) => Act::error("Unauthorized", json!({"status": 401})),
                _ => Act::Data(json!({"network": {"id": "net01", "name": "Test"}, "createTag": {"id": "t"}})),
            }
        })
        .await;
        Self { stub }
    }

    /// The ends of the tokens that calls were made with: `t1`.
    fn used(&self) -> Vec<String> {
        let calls = self.stub.requests().into_iter().filter(|request| request.operation == "Network");
        calls
            .map(|call| {
                call.authorization
                    .unwrap_or_default()
                    .rsplit(['.', ' '])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_with_the_apps_id_and_secret() {
    let mint = Mint::start(None, |_| false).await;
    let (client, _) = client_of(&app_config(&mint.stub.url));
    let many = futures::future::join_all((0..8).map(|_| client.network())).await;
    assert!(many.iter().all(Result::is_ok));
    assert_eq!(mint.stub.count("LimitedToken"), 1);
    assert_eq!(mint.used(), ["t1"; 8]);
    let asked = &mint.stub.requests()[0];
    assert_eq!(asked.authorization.as_deref(), Some("Basic YXBwOmFwcC1zM2NyZXQ="));
    assert_eq!(asked.variables, json!({"networkId": "net01", "entityId": "net01"}));
    assert!(asked.query.contains("context: NETWORK"));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let mint = Mint::start(None, |_| false).await;
    let (client, pace) = client_of(&app_config(&mint.stub.url));
    for (minutes, token) in [(0, "t1"), (54, "t1"), (2, "t2"), (58, "t2"), (2, "t3")] {
        pace.pass(Duration::from_secs(60 * minutes));
        client.network().await.expect("a network");
        assert_eq!(mint.used().last().map(String::as_str), Some(token), "after {minutes} more minutes");
    }
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_once_in_either_way_of_refusing() {
    for status in [200, 401] {
        let stub = Stub::start(move |request: &Request| match request.operation.as_str() {
            "LimitedToken" => Act::Data(json!({"limitedToken": {"accessToken": "minted"}})),
            _ if request.authorization.as_deref() == Some("Bearer minted") => {
                Act::Data(json!({"createTag": {"id": "t1"}}))
            }
            _ => {
                let body = json!({"errors": [{"message": "Unauthorized"}], "data": null});
                Act::Answer(status, body.to_string())
            }
        })
        .await;
        // A ready token that has ended, and what a new one is fetched with. A write, too: it was not done.
        let mut config = app_config(&stub.url);
        config.token = Some(Secret::new(TOKEN));
        let (client, _) = client_of(&config);
        assert_eq!(client.create_tag("news", None).await.expect("a tag").id, "t1", "{status}");
        client.create_tag("more", None).await.expect("a tag");
        let calls: Vec<String> = stub.requests().into_iter().map(|request| request.operation).collect();
        assert_eq!(calls, ["CreateTag", "LimitedToken", "CreateTag", "CreateTag"], "{status}");
    }
}

#[tokio::test]
async fn a_token_that_is_always_refused_stops() {
    let mint = Mint::start(None, |_| true).await;
    let (client, _) = client_of(&app_config(&mint.stub.url));
    let error = client.network().await.expect_err("refused");
    assert_eq!(error, Error::Unauthorized { operation: "Network", minted: true });
    assert_eq!((mint.stub.count("LimitedToken"), mint.stub.count("Network")), (2, 2));
    assert!(shown(&error.into()).contains("installed"));

    let ready = config(&mint.stub.url);
    let error = client_of(&ready).0.network().await.expect_err("refused");
    assert_eq!(error, Error::Unauthorized { operation: "Network", minted: false });
    assert!(shown(&error.into()).contains("BETTERMODE_CLIENT_SECRET"));
}

#[tokio::test]
async fn an_unknown_app_and_one_that_is_not_installed_are_told_apart() {
    for (act, expected) in [
        (Act::error("App not found", json!({"status": 404})), "BETTERMODE_CLIENT_ID"),
        (Act::Answer(401, String::new()), "BETTERMODE_CLIENT_ID"),
        (Act::error("Forbidden resource", json!({"status": 403})), "installed"),
    ] {
        let stub = Stub::script(vec![act]).await;
        let (client, _) = client_of(&app_config(&stub.url));
        let error = client.network().await.expect_err("no token");
        assert_eq!(error.class(), base::Class::Stop);
        let text = shown(&error.into());
        assert!(text.contains(expected) && !text.contains(APP_SECRET), "{text}");
        assert_eq!(stub.requests().len(), 1);
    }
}

#[tokio::test]
async fn who_acts_as_a_member_has_a_token_of_their_own_and_keeps_it() {
    let mint = Mint::start(None, |_| false).await;
    let (client, _) = client_of(&app_config(&mint.stub.url));
    for id in ["m1", "m2", "m1", "m2"] {
        client.acting_as(id).network().await.expect("a network");
    }
    client.network().await.expect("a network");
    let asked: Vec<Value> = mint
        .stub
        .requests()
        .into_iter()
        .filter(|request| request.operation == "LimitedToken")
        .map(|request| request.variables["impersonateMemberId"].clone())
        .collect();
    assert_eq!(asked, [json!("m1"), json!("m2"), Value::Null]);
    assert_eq!(mint.used(), ["t1", "t2", "t1", "t2", "t3"]);
    let (ready, _) = client_of(&config(&mint.stub.url));
    let error = ready.acting_as("m1").network().await.expect_err("no app");
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
}

#[tokio::test]
async fn whoever_logs_in_does_so_as_a_guest() {
    let mint = Mint::start(None, |_| false).await;
    let (client, _) = client_of(&app_config(&mint.stub.url));
    let session = client.login("ada", &Secret::new("pass-w0rd")).await.expect("a session");
    client.holding(session.access_token.clone()).network().await.expect("a network");
    let calls: Vec<(String, Option<String>)> =
        mint.stub.requests().into_iter().map(|request| (request.operation, request.authorization)).collect();
    assert_eq!(
        calls,
        [
            ("GuestToken".into(), None),
            ("Login".into(), Some("Bearer guest".into())),
            ("Network".into(), Some("Bearer members-own".into())),
        ]
    );
    assert!(!format!("{session:?} {client:?}").contains("members-own"));
}

#[tokio::test]
async fn a_wrong_password_is_no_matter_of_the_apps_token() {
    let stub = Stub::start(|request: &Request| match request.operation.as_str() {
        "GuestToken" => Act::Data(json!({"tokens": {"accessToken": "guest"}})),
        _ => Act::error("Unauthorized", json!({"status": 401})),
    })
    .await;
    let (client, _) = client_of(&app_config(&stub.url));
    let error = client.login("ada", &Secret::new("pass-w0rd")).await.expect_err("wrong");
    assert!(matches!(error, Error::Refused { status: Some(401), .. }), "{error:?}");
    assert_eq!(stub.count("LimitedToken"), 0);
}

#[tokio::test]
async fn a_token_goes_to_the_gateway_of_its_answer_only_where_it_may() {
    let elsewhere = Stub::script(vec![Act::Data(json!({"network": {"id": "stolen"}}))]).await;
    for (gateway, path) in [
        (Some("/regional".to_owned()), "/regional"),
        (Some(elsewhere.url.clone()), "/"),
        (Some("https://api.bettermode.com".to_owned()), "/"),
        (Some("https://evil.test".to_owned()), "/"),
        (None, "/"),
    ] {
        let own = Arc::new(std::sync::Mutex::new(String::new()));
        let (base, suffix) = (own.clone(), gateway.clone());
        let stub = Stub::start(move |request: &Request| match request.operation.as_str() {
            "LimitedToken" => {
                let gateway = suffix.as_ref().map(|gateway| match gateway.strip_prefix('/') {
                    Some(_) => format!("{}{gateway}", base.lock().expect("not poisoned")),
                    None => gateway.clone(),
                });
                Act::Data(json!({"limitedToken": {"accessToken": "minted", "gatewayUrl": gateway}}))
            }
            _ => Act::Data(json!({"network": {"id": "net01"}})),
        })
        .await;
        own.lock().expect("not poisoned").push_str(&stub.url);
        let (client, _) = client_of(&app_config(&stub.url));
        assert_eq!(client.network().await.expect("a network").id, "net01", "{gateway:?}");
        assert_eq!(stub.requests().last().map(|request| request.path.clone()).as_deref(), Some(path));
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_refused_without_showing_it() {
    let stub = Stub::script(vec![Act::Data(json!({}))]).await;
    let mut config = config(&stub.url);
    config.token = Some(Secret::new("abc\ndef"));
    let pace = Arc::new(crate::rig::TestPace::default());
    let error = Client::with(&config, ports(pace)).expect("a client").network().await.expect_err("no header");
    assert_eq!(error.class(), base::Class::Usage);
    assert!(!format!("{error} {error:?}").contains("abc"));
    assert!(stub.requests().is_empty());
}
