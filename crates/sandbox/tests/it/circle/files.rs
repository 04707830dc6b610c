//! Addresses of files.

use super::support::{Circle, circle};
use serde_json::Value;
use std::time::Duration;

/// Addresses of attachments, with the bytes that they are said to have.
async fn attachments(circle: &Circle) -> Vec<(String, u64)> {
    let posts = circle.all("/posts").await;
    let files =
        posts.iter().flat_map(|post| post["tiptap_body"]["attachments"].as_array().into_iter().flatten());
    let file = |file: &Value| Some((file["url"].as_str()?.to_owned(), file["byte_size"].as_u64()?));
    files.filter_map(file).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_redirects_to_a_signed_one_elsewhere_that_ends() {
    let circle = circle(400, "[files]\nlink_seconds = 60\n").await;
    let files = attachments(&circle).await;
    let (permanent, bytes) = files.iter().find(|(url, _)| url.contains("/rails/")).expect("one").clone();
    let reply = circle.send("GET", &permanent, None, None).await.expect("an answer");
    assert_eq!(reply.status, 302);
    let place = reply.header("location").expect("a place").to_owned();
    assert!(place.starts_with("http://localhost:") && permanent.starts_with("http://127.0.0.1:"));
    let whole = circle.send("GET", &place, None, None).await.expect("the file");
    assert_eq!((whole.status, whole.body.len() as u64), (200, bytes));
    let bearer = format!("Bearer {}", circle.running.key);
    let carried = circle.send("GET", &place, Some(&bearer), None).await.expect("an answer");
    assert_eq!((carried.status, circle.running.stats().tokens_forwarded), (400, 1));
    let forged = circle.send("GET", &format!("{place}0"), None, None).await.expect("an answer");
    assert_eq!(forged.status, 403);
    circle.running.advance(Duration::from_secs(60));
    assert_eq!(
        circle.send("GET", &place, None, None).await.expect("an answer").status,
        403,
        "its time is over"
    );
    let again = circle.send("GET", &permanent, None, None).await.expect("an answer");
    let place = again.header("location").expect("a place").to_owned();
    assert_eq!(
        circle.send("GET", &place, None, None).await.expect("the file").status,
        200,
        "the way there is not"
    );
    let strange = permanent.replace("--", "");
    assert_eq!(circle.send("GET", &strange, None, None).await.expect("an answer").status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn some_addresses_are_signed_already_and_end_after_the_list() {
    let circle = circle(400, "[files]\nsigned_every = 2\n").await;
    let files = attachments(&circle).await;
    let (signed, bytes) = files.iter().find(|(url, _)| url.contains("/storage/")).expect("one").clone();
    assert!(files.iter().any(|(url, _)| url.contains("/rails/")));
    let whole = circle.send("GET", &signed, None, None).await.expect("the file");
    assert_eq!((whole.status, whole.body.len() as u64), (200, bytes));
    circle.running.advance(Duration::from_secs(301));
    assert_eq!(circle.send("GET", &signed, None, None).await.expect("an answer").status, 403);
    let renewed = attachments(&circle).await;
    assert!(renewed.iter().any(|(url, _)| url.contains("/storage/") && *url != signed));
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_fail_as_switched() {
    let circle = circle(400, "[files]\nmissing_every = 2\ncut_every = 3\nsigned_every = 1\n").await;
    let (url, _) = attachments(&circle).await.remove(0);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(circle.send("GET", &url, None, None).await.ok().map(|reply| reply.status));
    }
    assert_eq!(seen, [Some(200), Some(404), None]);
    assert_eq!(circle.running.stats().errors_injected, 2);
}
