//! Webhooks, mutated as bytes on the wire.

use crate::rig::setup;
use bridge::Inbox;
use bridge::store::EventFilter;
use std::time::Duration;
use testkit::Fuzz;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PIECES: &[&str] = &[
    "POST ",
    "GET ",
    "/webhooks/toy",
    "/webhooks/%00/%zz",
    "?key=believe%20me",
    " HTTP/1.1\r\n",
    "\r\n",
    "\r\n\r\n",
    "x-key: believe me\r\n",
    "x-key: \u{ff}\r\n",
    "host: x\r\n",
    "content-length: 0\r\n",
    "content-length: 99999999999999999999\r\n",
    "content-length: -1\r\n",
    "transfer-encoding: chunked\r\n",
    "expect: 100-continue\r\n",
    "connection: close\r\n",
    "upgrade: h2c\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "{\"id\":\"e1\",\"kind\":\"k\",\"subject\":\"s\"}",
    "\"told\":{\"a\":\"b\"}",
    "\"at\":-9223372036854775808",
    "\"at\":1e400",
    "\"do\":[{\"do\":\"keep_copy\"}]",
    "{\"challenge\":[[[[]]]]}",
    "\\u0000",
    "\\ud800",
];

/// How long the end of an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn no_request_breaks_the_server_or_is_answered_well_without_being_kept() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let rig = runtime.block_on(async {
        let mut setup = setup();
        setup.config.times.head = Duration::from_millis(200);
        setup.config.times.body = Duration::from_millis(200);
        setup.start().await
    });
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    Fuzz { name: "webhooks", corpus, pieces: PIECES }.run(|bytes| {
        runtime.block_on(async {
            let answer = exchange(rig.address, bytes).await;
            let statuses = statuses(&answer);
            assert!(!statuses.contains(&500), "{}", String::from_utf8_lossy(&answer));
            // What is said to be heard is there.
            if String::from_utf8_lossy(&answer).contains("{\"heard\":true}") {
                let lines = rig.store.events(&EventFilter::default(), None, 1).await.unwrap();
                assert!(!lines.is_empty(), "heard, and not kept");
            }
            statuses
        })
    });
    runtime.block_on(async {
        assert_eq!(rig.get("/health").await.status(), 200);
        rig.stop().await.unwrap();
    });
}

async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let write = async {
        // The server may have closed: that is an answer too.
        let _ = writer.write_all(bytes).await;
        let _ = writer.shutdown().await;
    };
    let read = async {
        let _ = reader.read_to_end(&mut answer).await;
    };
    let both = async { tokio::join!(write, read) };
    assert!(tokio::time::timeout(PATIENCE, both).await.is_ok(), "the server does not let go");
    answer
}

/// The statuses of the answers, in order.
fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer);
    let lines = text.split("HTTP/1.1 ").skip(1);
    lines.filter_map(|rest| rest.get(..3)?.parse().ok()).collect()
}
