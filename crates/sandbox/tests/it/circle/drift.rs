//! What people do to the community between two pages.

use super::support::{circle, ids};
use sandbox::circle::{ChangeKind, Stream};
use serde_json::Value;

const OPEN: &str = "[lists]\ncomments_by_place = false\nreplies = \"top\"\n";

fn path(stream: Stream) -> &'static str {
    match stream {
        Stream::Members => "/community_members?status=all",
        Stream::Posts => "/posts?status=all",
        Stream::Comments => "/comments?",
        Stream::Events => "/events?",
    }
}

fn stamp(record: &Value) -> String {
    record["updated_at"].as_str().expect("a moment").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_shifts_pages_that_have_no_order() {
    for stream in Stream::ALL {
        let rule = format!(
            "[[drift]]\nstream = \"{}\"\ninsert = 3\nremove = 1\nedit = 1\nwhich = \"served\"\n",
            stream.word()
        );
        let circle = circle(200, &format!("{OPEN}{rule}")).await;
        let size = if *stream == Stream::Events { 8 } else { 40 };
        let page = |n: u64| format!("{}&page={n}&per_page={size}", path(*stream));
        let first = circle.get(&page(1)).await.json();
        let (before, total) = (
            first["records"].as_array().expect("records").clone(),
            first["count"].as_u64().expect("a count"),
        );
        assert!(circle.running.changes().is_empty());
        let second = circle.get(&page(2)).await.json();
        let changes = circle.running.changes();
        let of = |kind| changes.iter().filter(|c| c.kind == kind).map(|c| c.id).collect::<Vec<u64>>();
        let (came, went, changed) =
            (of(ChangeKind::Inserted), of(ChangeKind::Removed), of(ChangeKind::Edited));
        assert_eq!((came.len(), went.len(), changed.len()), (3, 1, 1), "{stream:?}");
        assert!(changes.iter().all(|change| change.stream == *stream));
        assert_eq!(second["count"], total + 2, "{stream:?}");
        let again: Vec<u64> = ids(second["records"].as_array().expect("records"));
        let seen = ids(&before);
        assert_eq!(again.iter().filter(|id| seen.contains(id)).count(), 2, "{stream:?}: two come twice");
        assert!(seen.contains(&went[0]) && seen.contains(&changed[0]), "{stream:?}");
        let now = circle.all(path(*stream)).await;
        let newest: Vec<u64> = ids(&now)[..3].to_vec();
        let mut expected = came.clone();
        expected.reverse();
        assert_eq!(newest, expected, "{stream:?}: what came is the newest");
        assert!(!ids(&now).contains(&went[0]), "{stream:?}");
        let one = format!("/{}/{}", stream.word(), went[0]);
        assert_eq!(circle.get(&one).await.status, 404, "{stream:?}");
        let find = |all: &[Value]| all.iter().find(|r| r["id"] == changed[0]).expect("it is there").clone();
        assert!(stamp(&find(&now)) > stamp(&find(&before)), "{stream:?}");
        assert_eq!(circle.running.stats().changes, 5, "{stream:?}: nothing more happened");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_comes_again_and_reaches_what_is_not_served_yet() {
    let rule =
        "[[drift]]\nstream = \"posts\"\nbefore = 2\nevery = 2\nremove = 1\nedit = 1\nwhich = \"pending\"\n";
    let circle = circle(100, rule).await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        let body = circle.get(&format!("/posts?sort=oldest&page={page}")).await.json();
        seen.push(ids(body["records"].as_array().expect("records")));
    }
    let changes = circle.running.changes();
    assert_eq!(changes.len(), 4, "before the second and the fourth");
    for change in &changes[..2] {
        assert!(!seen[0].contains(&change.id), "it was served already");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_can_do_the_same_by_hand() {
    let circle = circle(100, OPEN).await;
    for stream in Stream::ALL {
        let before = circle.all(path(*stream)).await;
        let id = circle.running.insert(*stream).expect("somebody to write it");
        let after = circle.all(path(*stream)).await;
        assert_eq!((ids(&after)[0], after.len()), (id, before.len() + 1), "{stream:?}");
        assert!(circle.running.edit(*stream, id));
        assert!(stamp(&circle.all(path(*stream)).await[0]) > stamp(&after[0]), "{stream:?}");
        assert!(circle.running.remove(*stream, id));
        assert!(!circle.running.remove(*stream, id), "{stream:?}: it is gone");
        assert!(!circle.running.edit(*stream, 7), "{stream:?}: there is no such record");
        assert_eq!(ids(&circle.all(path(*stream)).await), ids(&before), "{stream:?}");
    }
    assert_eq!(circle.running.changes().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_text_reads_otherwise() {
    let circle = circle(60, OPEN).await;
    for (stream, show) in
        [(Stream::Posts, "posts"), (Stream::Comments, "comments"), (Stream::Events, "events")]
    {
        let id = circle
            .all(path(stream))
            .await
            .iter()
            .find(|r| r["body"]["body"].as_str().is_some_and(|b| b.len() > 20 && b.len() < 2000))
            .expect("one")["id"]
            .clone();
        let one = format!("/{show}/{id}");
        let before = circle.get(&one).await.json();
        assert!(circle.running.edit(stream, id.as_u64().expect("an id")));
        let after = circle.get(&one).await.json();
        assert_ne!(before["body"], after["body"], "{stream:?}");
        assert_eq!(before["created_at"], after["created_at"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_comment_is_counted_by_its_post() {
    let circle = circle(60, OPEN).await;
    let id = circle.running.insert(Stream::Comments).expect("a comment");
    let comment = circle.get(&format!("/comments/{id}")).await.json();
    let post = circle.get(&format!("/posts/{}", comment["post"]["id"])).await.json();
    let with = post["comments_count"].as_u64().expect("a count");
    assert!(circle.running.remove(Stream::Comments, id));
    let post = circle.get(&format!("/posts/{}", comment["post"]["id"])).await.json();
    assert_eq!(post["comments_count"], with - 1);
}
