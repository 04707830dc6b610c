//! Bodies of pages: blocks are appended level by level, and read page by page.

use crate::rig::client;
use crate::stub::{Act, Stub};
use connector_notion::Error;
use connector_notion::blocks::Block;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn block(text: &str, children: Vec<Block>) -> Block {
    let content = json!({"rich_text": connector_notion::rich_text::written(text)});
    Block { kind: "paragraph".into(), content, children }
}

#[tokio::test]
async fn deep_blocks_are_appended_below_the_ids_that_come_back() {
    let made: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let seen = made.clone();
    let stub = Stub::start(move |request| {
        let children = request.body["children"].as_array().expect("blocks");
        let parent = request.line.trim_start_matches("PATCH /v1/blocks/").trim_end_matches("/children");
        seen.lock().expect("not poisoned").push((parent.to_owned(), children.len()));
        assert_eq!(request.body["position"], json!({"type": "end"}));
        let id = |(n, _): (usize, &Value)| json!({"object": "block", "id": format!("{parent}.{n}")});
        let results: Vec<Value> = children.iter().enumerate().map(id).collect();
        Act::Json(json!({"object": "list", "results": results, "next_cursor": null, "has_more": false}))
    })
    .await;
    let deep = block("a", vec![block("b", vec![block("c", vec![])])]);
    let mut blocks = vec![block("x", vec![]); 100];
    blocks.push(deep);
    client(&stub).append("page", &blocks).await.expect("appended");
    let expected = [("page", 100), ("page", 1), ("page.0", 1)];
    let expected: Vec<(String, usize)> = expected.map(|(parent, n)| (parent.to_owned(), n)).to_vec();
    assert_eq!(*made.lock().expect("not poisoned"), expected);
}

#[tokio::test]
async fn an_answer_that_does_not_name_the_new_blocks_leaves_the_outcome_open() {
    let list = json!({"object": "list", "results": [], "next_cursor": null, "has_more": false});
    let stub = Stub::script(vec![Act::Json(list)]).await;
    let error = client(&stub).append("page", &[block("a", vec![])]).await.expect_err("unknown");
    assert!(matches!(error, Error::UnknownOutcome { .. }), "{error}");
    assert_eq!(stub.lines().len(), 1);
}

#[tokio::test]
async fn children_are_read_to_their_end() {
    let list = |next: Option<&str>| {
        Act::Json(json!({"object": "list", "results": [{"object": "block", "id": "b"}], "next_cursor": next,
            "has_more": next.is_some()}))
    };
    let stub = Stub::script(vec![list(Some("c")), list(None)]).await;
    assert_eq!(client(&stub).children("page").await.expect("blocks").len(), 2);
    assert_eq!(stub.requests()[1].query, "page_size=100&start_cursor=c");
}
