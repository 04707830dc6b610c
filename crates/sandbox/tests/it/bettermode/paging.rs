//! Pages: limits, cursors, and what of them may be null.

use super::support::{By, Service, service};
use serde_json::{Value, json};

const PAGE: &str = "query($l: Int!, $a: String, $b: String, $o: Int, $r: Boolean) { members(limit: $l, \
    after: $a, before: $b, offset: $o, reverse: $r, orderBy: \"createdAt\") { totalCount pageInfo { \
    endCursor hasNextPage } nodes { id } edges { cursor node { id } } } }";

impl Service {
    async fn page(&self, variables: Value) -> Value {
        self.ask(&By::App, PAGE, variables).await.data("/members")
    }

    /// All ids, page by page.
    async fn walk(&self, limit: u64, reverse: bool) -> Vec<String> {
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.page(json!({"l": limit, "a": after, "r": reverse})).await;
            ids.extend(self::ids(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return ids;
            }
        }
    }
}

fn ids(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cover_a_list_once_in_either_direction_and_of_any_size() {
    let service = service(25, "").await;
    let whole = ids(&service.page(json!({"l": 100})).await);
    assert_eq!(whole.len(), 27);
    for limit in [1, 7, 9, 26, 27, 28, 100] {
        assert_eq!(service.walk(limit, false).await, whole, "pages of {limit}");
        let mut backwards = service.walk(limit, true).await;
        backwards.reverse();
        assert_eq!(backwards, whole, "pages of {limit}, reversed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_where_it_ends_and_what_the_whole_is() {
    let service = service(10, "").await;
    let first = service.page(json!({"l": 5})).await;
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(12), &json!(true)));
    assert_eq!(first["edges"][4]["cursor"], first["pageInfo"]["endCursor"]);
    assert_eq!(first["edges"][4]["node"]["id"], first["nodes"][4]["id"]);
    let whole = ids(&service.page(json!({"l": 100})).await);
    let third = first["edges"][2]["cursor"].clone();
    let eighth = service.page(json!({"l": 8})).await["pageInfo"]["endCursor"].clone();
    for (variables, expected, more) in [
        (json!({"l": 3, "a": third}), &whole[3..6], true),
        (json!({"l": 3, "o": 10}), &whole[10..12], false),
        (json!({"l": 2, "a": third, "o": 1}), &whole[4..6], true),
        (json!({"l": 3, "b": eighth}), &whole[4..7], true),
        (json!({"l": 100, "b": eighth}), &whole[..7], false),
        (json!({"l": 3, "o": 50}), &whole[..0], false),
    ] {
        let page = service.page(variables.clone()).await;
        assert_eq!(ids(&page), expected, "{variables}");
        assert_eq!(page["pageInfo"]["hasNextPage"], more, "{variables}");
    }
    let last = service.page(json!({"l": 100})).await["pageInfo"]["endCursor"].clone();
    let behind = service.page(json!({"l": 5, "a": last})).await;
    assert_eq!(behind["pageInfo"], json!({"endCursor": null, "hasNextPage": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_goes_between_two_pages_hides_nobody() {
    let service = service(20, "").await;
    let whole = ids(&service.page(json!({"l": 100})).await);
    let first = service.page(json!({"l": 10})).await;
    for gone in [&whole[3], &whole[9]] {
        service.running.people().delete_member(gone).expect("a deletion");
    }
    service.running.people().join("Late", "late@example.test").expect("a new member");
    let rest = service.page(json!({"l": 100, "a": first["pageInfo"]["endCursor"]})).await;
    let rest = ids(&rest);
    assert_eq!(rest[..rest.len() - 1], whole[10..], "even when the last of the page is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_cursors_that_make_no_sense_are_refused() {
    let service = service(5, "").await;
    let cursor = service.page(json!({"l": 1})).await["pageInfo"]["endCursor"].clone();
    for variables in [
        json!({"l": 0}),
        json!({"l": -1}),
        json!({"l": 101}),
        json!({"l": 1, "o": -1}),
        json!({"l": 1, "a": "not a cursor"}),
        json!({"l": 1, "a": "WzEsMl0"}),
        json!({"l": 1, "a": cursor, "b": cursor}),
    ] {
        assert_eq!(service.ask(&By::App, PAGE, variables.clone()).await.error().0, 400, "{variables}");
    }
    let other = "query($a: String) { members(limit: 1, after: $a, orderBy: \"name\") { totalCount } }";
    assert_eq!(
        service.ask(&By::App, other, json!({"a": cursor})).await.error().0,
        400,
        "a cursor of another order"
    );
    let posts = "query($a: String) { posts(limit: 1, after: $a) { totalCount } }";
    assert_eq!(
        service.ask(&By::App, posts, json!({"a": cursor})).await.error().0,
        400,
        "a cursor of another list"
    );
    let cut = self::service(5, "[paging]\nlimit_max = 3\nbeyond = \"cut\"").await;
    assert_eq!(ids(&cut.page(json!({"l": 50})).await).len(), 3);
    let small = self::service(5, "[paging]\nlimit_max = 3").await;
    assert_eq!(small.ask(&By::App, PAGE, json!({"l": 4})).await.error().1, "limit must be at most 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn nullable_parts_of_a_page_are_null_when_the_scenario_says_so() {
    for (null, kept) in [("nodes", "edges"), ("edges", "nodes"), ("totalCount", "nodes")] {
        let service = service(5, &format!("[paging]\nnull = [\"{null}\"]")).await;
        let page = service.page(json!({"l": 5})).await;
        assert!(page[null].is_null() && page[kept].is_array(), "{null}");
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
    }
}
