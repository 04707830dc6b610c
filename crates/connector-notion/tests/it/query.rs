//! Walks over the pages of a data source: cursors, and lists that only look finished.

use crate::rig::client;
use crate::stub::{Act, Stub};
use connector_notion::{Error, Query};
use serde_json::{Value, json};

fn page(n: usize, minute: usize) -> Value {
    let created = format!("2026-03-01T12:{minute:02}:00.000Z");
    json!({"object": "page", "id": format!("p{n}"), "created_time": created, "properties": {}})
}

/// A service with `pages` (place, minute) that gives up a list behind `most` of them.
async fn limited(pages: Vec<(usize, usize)>, most: usize) -> Stub {
    Stub::start(move |request| {
        let body = &request.body;
        assert_eq!(body["sorts"][0]["timestamp"], "created_time");
        let windows = [&body["filter"]["and"][0], &body["filter"]];
        let since = windows.iter().find_map(|filter| filter["created_time"]["on_or_after"].as_str());
        let since = since.unwrap_or_default();
        let all: Vec<Value> = pages.iter().map(|(n, minute)| page(*n, *minute)).collect();
        let all: Vec<Value> = all.into_iter().filter(|p| p["created_time"].as_str() >= Some(since)).collect();
        let from: usize = body["start_cursor"].as_str().map_or(0, |c| c.parse().expect("our cursor"));
        let end = all.len().min(most);
        let to = (from + 3).min(end);
        let status = if all.len() > most && to == end {
            json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"})
        } else {
            json!({"type": "complete"})
        };
        let next = (to < end).then(|| to.to_string());
        Act::Json(json!({"object": "list", "results": &all[from..to], "next_cursor": next,
            "has_more": to < end, "request_status": status}))
    })
    .await
}

async fn ids(stub: &Stub, filter: Option<Value>) -> Result<Vec<String>, Error> {
    let mut walk = client(stub).query("ds", Query { filter, properties: Vec::new() });
    let mut ids = Vec::new();
    while let Some(pages) = walk.next_page().await? {
        ids.extend(pages.into_iter().map(|page| page.id));
    }
    Ok(ids)
}

#[tokio::test]
async fn a_list_that_is_incomplete_is_sliced_until_every_page_was_shown_once() {
    let email = json!({"property": "em", "email": {"is_not_empty": true}});
    for (minutes, most) in [
        (vec![], 5),
        (vec![0, 1, 2, 3, 4], 5),
        ((0..23).collect::<Vec<_>>(), 5),
        (vec![0, 0, 0, 1, 1, 1, 2, 2, 2, 2], 5),
        (vec![0, 1, 1, 1, 1, 2, 3], 5),
    ] {
        let pages: Vec<(usize, usize)> = minutes.into_iter().enumerate().collect();
        let expected: Vec<String> = pages.iter().map(|(n, _)| format!("p{n}")).collect();
        for filter in [None, Some(email.clone())] {
            let stub = limited(pages.clone(), most).await;
            assert_eq!(ids(&stub, filter).await.expect("all pages"), expected, "{pages:?}");
        }
    }
}

#[tokio::test]
async fn more_pages_in_one_moment_than_a_query_shows_are_never_taken_for_all() {
    let pages: Vec<(usize, usize)> = (0..9).map(|n| (n, 7)).collect();
    let stub = limited(pages, 5).await;
    let error = ids(&stub, None).await.expect_err("incomplete");
    assert!(matches!(error, Error::Incomplete { .. }), "{error}");
}

#[tokio::test]
async fn lists_that_cannot_be_walked_end_with_an_error_and_not_for_ever() {
    let list = |results: Value, rest: Value| {
        let mut list = json!({"object": "list", "results": results, "next_cursor": null, "has_more": false});
        list.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        Act::Json(list)
    };
    let incomplete = json!({"request_status": {"type": "incomplete"}});
    for (act, word) in [
        (list(json!([]), json!({"next_cursor": "same", "has_more": true})), "same again"),
        (list(json!([]), json!({"has_more": true})), "does not say where"),
        (list(json!([{"object": "user"}]), json!({})), "no page"),
        (list(json!([page(1, 5), page(2, 4)]), incomplete.clone()), "not in the order"),
        (list(json!([]), incomplete), "incomplete"),
    ] {
        let stub = Stub::script(vec![act]).await;
        let error = ids(&stub, None).await.expect_err(word).to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test]
async fn only_the_properties_that_are_wanted_are_asked_for() {
    let stub = limited(vec![(0, 0)], 5).await;
    let query = Query { filter: None, properties: vec!["em=".into(), "title".into()] };
    let pages = client(&stub).query("ds", query).first(1).await.expect("pages");
    assert_eq!(pages.len(), 1);
    let asked = &stub.requests()[0];
    assert_eq!(asked.line, "POST /v1/data_sources/ds/query");
    assert_eq!(asked.query, "filter_properties%5B%5D=em%3D&filter_properties%5B%5D=title");
    assert_eq!(asked.body["page_size"], 100);
}
