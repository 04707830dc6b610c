//! Replies: below posts, and below each other.

use crate::source::{Export, run};
use crate::stub::Act;
use crate::world::{Served, World, Wrong, post, time};
use serde_json::{Value, json};

fn reply(id: &str, parent: &str, below: u64) -> Value {
    json!({"id": id, "repliedToId": parent, "totalRepliesCount": below, "createdAt": time(1), "updatedAt": time(1)})
}

/// Posts with 0, 1, 2, … replies, of which the last has one below it.
fn world(posts: usize) -> World {
    let mut world = World::default();
    for n in 0..posts {
        let id = format!("pst{n}");
        let direct: Vec<Value> =
            (0..n).map(|r| reply(&format!("r{n}-{r}"), &id, u64::from(r + 1 == n))).collect();
        if let Some(last) = n.checked_sub(1) {
            let parent = format!("r{n}-{last}");
            world.replies.insert(parent.clone(), vec![reply(&format!("{parent}-x"), &parent, 0)]);
        }
        world.posts.push(post(n, if n == 0 { 0 } else { n as u64 + 1 }));
        world.replies.insert(id, direct);
    }
    world
}

/// How many replies such a world has.
fn replies(posts: usize) -> usize {
    (1..posts).map(|n| n + 1).sum()
}

#[tokio::test]
async fn every_reply_is_exported_at_whatever_depth() {
    for (posts, size) in [(0, 10), (1, 10), (6, 1), (6, 3), (6, 100), (25, 10)] {
        let served = Served::start(world(posts)).await;
        let mut export = Export::default();
        let proof = run(&served, "replies", size, &mut export).await.expect("an export");
        assert!(proof.complete, "{posts} by {size}: {proof:?}");
        assert_eq!(
            (export.records.len(), export.came),
            (replies(posts), replies(posts)),
            "{posts} by {size}"
        );
        assert_eq!(proof.declared_before, Some(replies(posts) as u64));
    }
}

#[tokio::test]
async fn posts_without_replies_are_not_asked_for_them() {
    let served =
        Served::start(World { posts: (0..30).map(|n| post(n, 0)).collect(), ..World::default() }).await;
    let mut export = Export::default();
    assert!(run(&served, "replies", 100, &mut export).await.expect("an export").complete);
    assert_eq!(served.stub.count("Replies"), 0);
}

#[tokio::test]
async fn an_export_of_replies_that_is_stopped_anywhere_goes_on_without_loss() {
    let mut stops = 0;
    for at in 0..80 {
        let served = Served::start(world(9)).await;
        let refused = Act::error("Forbidden resource", json!({"status": 403}));
        served.world().wrong.insert(at, Wrong::Before(refused));
        let mut export = Export::default();
        if run(&served, "replies", 4, &mut export).await.is_ok() {
            break;
        }
        let proof = run(&served, "replies", 4, &mut export).await.expect("an export");
        assert!(proof.complete, "stopped at {at}: {proof:?}");
        assert_eq!(export.records.len(), replies(9), "stopped at {at}");
        assert_eq!(export.came, replies(9), "stopped at {at}: nothing that is kept is asked for again");
        stops += 1;
    }
    assert!(stops > 15, "only {stops} requests");
}

#[tokio::test]
async fn a_post_that_does_not_show_what_it_says_is_named() {
    let mut odd = world(4);
    odd.posts[3]["totalRepliesCount"] = json!(9);
    let served = Served::start(odd).await;
    let mut export = Export::default();
    let proof = run(&served, "replies", 10, &mut export).await.expect("an export");
    assert!(!proof.complete);
    assert_eq!(proof.remarks, ["1 posts do not have as many replies as they say"]);
    assert_eq!((export.records.len(), export.came), (replies(4), replies(4)));
}

#[tokio::test]
async fn a_reply_that_comes_while_its_post_is_read_is_exported() {
    let served = Served::start(world(4)).await;
    // Request 0 lists the posts; from then on the world is another one.
    served.world().changes.insert(
        1,
        Box::new(|world| {
            world.replies.get_mut("pst3").expect("replies").push(reply("late", "pst3", 0));
            world.posts[3]["totalRepliesCount"] = json!(5);
        }),
    );
    let mut export = Export::default();
    let proof = run(&served, "replies", 10, &mut export).await.expect("an export");
    assert!(proof.complete, "{proof:?}");
    assert!(export.records.contains_key("late"));
}

#[tokio::test]
async fn an_odd_post_is_still_named_when_something_else_makes_another_sweep() {
    let mut odd = world(4);
    odd.posts[3]["totalRepliesCount"] = json!(9);
    let served = Served::start(odd).await;
    served.world().changes.insert(2, Box::new(|world| world.posts.push(post(9, 0))));
    let mut export = Export::default();
    let proof = run(&served, "replies", 10, &mut export).await.expect("an export");
    assert!(served.stub.count("PostIds") > 3, "there was another sweep");
    assert!(!proof.complete && proof.remarks[0].starts_with("1 posts"), "{proof:?}");
}

#[tokio::test]
async fn a_post_that_goes_while_its_replies_are_read_does_not_spoil_the_proof() {
    let served = Served::start(world(4)).await;
    let gone = |world: &mut World| {
        world.posts.remove(3);
        world.replies.insert("pst3".into(), Vec::new());
    };
    served.world().changes.insert(1, Box::new(gone));
    let mut export = Export::default();
    let proof = run(&served, "replies", 10, &mut export).await.expect("an export");
    assert!(proof.complete, "{proof:?}");
}

#[tokio::test]
async fn a_reply_below_itself_is_not_followed_for_ever() {
    let mut circle = World { posts: vec![post(1, 2)], ..World::default() };
    circle.replies.insert("pst1".into(), vec![reply("a", "pst1", 1)]);
    circle.replies.insert("a".into(), vec![reply("b", "a", 1)]);
    circle.replies.insert("b".into(), vec![reply("a", "b", 1)]);
    let served = Served::start(circle).await;
    let mut export = Export::default();
    let proof = run(&served, "replies", 10, &mut export).await.expect("an export");
    assert!(proof.complete, "{proof:?}");
    assert_eq!(export.ids(), ["a", "b"]);
}
