//! Pages: made, read, changed, thrown away.

use super::support::{id, ids, name, notion, paragraph, text};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_row_comes_back_as_documented() {
    let notion = notion("").await;
    let page = notion
        .well(
            "POST",
            "/pages",
            &notion.row(&json!({"Name": {"title": text("Ada")}, "Email": {"email": "ada@a.example"}})),
        )
        .await;
    assert_eq!(
        (&page["object"], &page["created_time"]),
        (&json!("page"), &json!("2026-10-01T08:30:15.250Z"))
    );
    for key in ["in_trash", "is_archived", "is_locked"] {
        assert_eq!(page[key], false, "{key}");
    }
    assert!(page.get("archived").is_none());
    assert_eq!(page["parent"]["type"], "data_source_id");
    assert_eq!(page["created_by"]["id"], notion.get("/users/me").await["id"]);
    let email = &page["properties"]["Email"];
    assert_eq!((&email["type"], &email["email"]), (&json!("email"), &json!("ada@a.example")));
    assert_eq!(page["properties"]["Name"]["id"], "title");
    assert_eq!(notion.get(&format!("/pages/{}", id(&page))).await, page);
    assert_eq!(notion.running.page(&id(&page)), Some(page.clone()));
    let source = notion.running.data_source(&notion.running.members_source_id).expect("it is there");
    let column = source["properties"]["Email"]["id"].as_str().expect("an id");
    let only =
        notion.get(&format!("/pages/{}?filter_properties[]={}", id(&page), column.replace('%', "%25"))).await;
    assert_eq!(
        only["properties"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["Email".to_owned()])
    );
    notion.refused("GET", &format!("/pages/{}?filter_properties[]=Weather", id(&page)), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_given_once_and_never_again() {
    let notion = notion("").await;
    let number = |page: &Value| page["properties"]["No"]["unique_id"]["number"].as_u64();
    let mut seen = Vec::new();
    for i in 0..3 {
        let row = notion.member(&json!({"Name": {"title": text(&format!("Row {i}"))}})).await;
        seen.push(number(&notion.get(&format!("/pages/{row}")).await));
        notion.well("PATCH", &format!("/pages/{row}"), &json!({"in_trash": true})).await;
    }
    assert_eq!(seen, [Some(1), Some(2), Some(3)]);
    notion.refused("POST", "/pages", &notion.row(&json!({"Weather": {"title": []}}))).await;
    let next = notion.member(&json!({})).await;
    let page = notion.get(&format!("/pages/{next}")).await;
    assert_eq!(page["properties"]["No"]["unique_id"], json!({"prefix": "HS", "number": 4}));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stand_below_pages_or_at_the_top() {
    let notion = notion("").await;
    let below = notion.below_root("Guide").await;
    let page = notion.get(&format!("/pages/{below}")).await;
    assert_eq!(page["properties"]["title"]["title"][0]["plain_text"], "Guide");
    assert_eq!(page["parent"], json!({"type": "page_id", "page_id": notion.running.root_page_id}));
    let children = notion.get(&format!("/blocks/{}/children", notion.running.root_page_id)).await;
    let last = children["results"].as_array().and_then(|all| all.last().cloned()).expect("a block");
    assert_eq!((&last["id"], &last["child_page"]["title"]), (&json!(below), &json!("Guide")));
    let deeper = json!({"parent": {"page_id": below}, "properties": {"title": {"title": text("Chapter")}}});
    let deeper = notion.well("POST", "/pages", &deeper).await;
    assert_eq!(notion.get(&format!("/pages/{}", id(&deeper))).await["id"], deeper["id"]);
    let top =
        json!({"parent": {"type": "workspace", "workspace": true}, "properties": {"title": text("Top")}});
    let top = notion.well("POST", "/pages", &top).await;
    assert_eq!(notion.get(&format!("/pages/{}", id(&top))).await["parent"]["type"], "workspace");
    let root = json!({"page_id": notion.running.root_page_id});
    for (body, part) in [
        (
            json!({"parent": root, "properties": {"Name": text("x")}}),
            "body.properties.Name should be not present",
        ),
        (json!({"parent": root, "properties": {}}), "body.properties.title should be defined"),
        (json!({"parent": {"page_id": "x"}, "properties": {}}), "valid uuid"),
        (json!({"parent": {"type": "page_id", "workspace": true}, "properties": {}}), "body.parent.type"),
        (json!({"properties": {"title": []}}), "body.parent should be defined"),
        (
            json!({"parent": root, "properties": {"title": []}, "template": {}}),
            "body.template should be not present",
        ),
        (json!({"parent": root, "properties": {"title": []}, "icon": {"emoji": "x"}}), "an emoji"),
        (
            json!({"parent": root, "properties": {"title": []}, "cover": {"external": {"url": ""}}}),
            "valid URL",
        ),
        (
            json!({"parent": root, "properties": {"title": []}, "children": [], "markdown": "x"}),
            "body.markdown should be not present",
        ),
    ] {
        let message = notion.refused("POST", "/pages", &body).await;
        assert!(message.contains(part), "{body}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_made_with_its_blocks_or_with_markdown() {
    let notion = notion("").await;
    let root = json!({"page_id": notion.running.root_page_id});
    let page = json!({"parent": root, "properties": {"title": text("Plan")}, "icon": {"type": "emoji", "emoji": "🌱"},
        "children": [{"heading_1": {"rich_text": text("One")}}, paragraph("Two")]});
    let page = notion.well("POST", "/pages", &page).await;
    assert_eq!(page["icon"]["emoji"], "🌱");
    let blocks = notion.running.blocks(&id(&page));
    let kinds: Vec<&str> = blocks.iter().filter_map(|block| block["type"].as_str()).collect();
    assert_eq!(kinds, ["heading_1", "paragraph"]);
    let markdown = "# One\nTwo\n- [x] three\n```rust\nfn main() {}\n```\n";
    let page = json!({"parent": root, "properties": {"title": text("Plan")}, "markdown": markdown});
    let page = notion.well("POST", "/pages", &page).await;
    let read = notion.get(&format!("/pages/{}/markdown", id(&page))).await;
    assert_eq!((&read["markdown"], &read["truncated"]), (&json!(markdown), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_noted_with_its_time_and_its_author() {
    let notion = notion("").await;
    let row = notion.member(&json!({"Name": {"title": text("Ada")}, "Posts": {"number": 1}})).await;
    let path = format!("/pages/{row}");
    notion.running.advance(Duration::from_secs(90));
    let page = notion
        .well("PATCH", &path, &json!({"properties": {"Posts": {"number": 2}}, "is_locked": true}))
        .await;
    assert_eq!(
        (&page["last_edited_time"], &page["created_time"]),
        (&json!("2026-10-01T08:31:45.250Z"), &json!("2026-10-01T08:30:15.250Z"))
    );
    assert_eq!((&page["properties"]["Posts"]["number"], name(&page)), (&json!(2), "Ada"), "the rest stays");
    assert_eq!(page["is_locked"], true);
    assert_eq!(page["properties"]["Edited"]["last_edited_time"], page["last_edited_time"]);
    let me = page["last_edited_by"].clone();
    notion.running.edit_page(&row, &json!({"Posts": {"number": 3}})).expect("it fits");
    let page = notion.get(&path).await;
    assert_ne!(page["last_edited_by"], me, "a person changed it");
    assert_eq!(page["properties"]["Posts"]["number"], 3);
    let minutes = super::support::notion("minutes = true").await;
    let row = minutes.member(&json!({})).await;
    assert_eq!(minutes.get(&format!("/pages/{row}")).await["created_time"], "2026-10-01T08:30:00.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_spoken_of_as_the_version_does() {
    let notion = notion("").await;
    let row = notion.member(&json!({"Name": {"title": text("Ada")}})).await;
    let path = format!("/pages/{row}");
    let message = notion.refused("PATCH", &path, &json!({"archived": true})).await;
    assert!(message.contains("body.archived should be not present"), "{message}");
    let page = notion.well("PATCH", &path, &json!({"in_trash": true})).await;
    assert_eq!((&page["in_trash"], &page["is_archived"]), (&json!(true), &json!(false)));
    assert!(notion.query(&json!({})).await.is_empty());
    assert_eq!(ids(&notion.query(&json!({"in_trash": true})).await), std::slice::from_ref(&row));
    notion.refused("PATCH", &path, &json!({"properties": {"Posts": {"number": 1}}})).await;
    notion.well("PATCH", &path, &json!({"in_trash": false, "is_archived": true})).await;
    assert_eq!(notion.query(&json!({})).await.len(), 1);

    let old = super::support::notion("old_version = true").await;
    let row = old.member(&json!({})).await;
    let bearer = format!("Bearer {}", old.running.key);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Notion-Version", "2025-09-03"),
        ("Content-Type", "application/json"),
    ];
    let body = |key: &str| Some(format!("{{\"{key}\":true}}").into_bytes());
    let path = format!("/v1/pages/{row}");
    let refused = old.send("PATCH", &path, &headers, body("in_trash")).await.expect("an answer");
    assert_eq!(refused.status, 400);
    let page = old.send("PATCH", &path, &headers, body("archived")).await.expect("an answer").json();
    assert_eq!((&page["archived"], &page["in_trash"]), (&json!(true), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_a_page_can_be_erased() {
    let notion = notion("").await;
    let page = notion.below_root("Plan").await;
    notion.running.add_paragraph(&page, "by hand").expect("a page");
    let changes =
        json!({"erase_content": true, "icon": null, "cover": null, "properties": {"title": text("Plans")}});
    let after = notion.well("PATCH", &format!("/pages/{page}"), &changes).await;
    assert_eq!(after["properties"]["title"]["title"][0]["plain_text"], "Plans");
    assert!(notion.running.blocks(&page).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_property_is_read_in_full() {
    let notion = notion("").await;
    let mut pages = Vec::new();
    for i in 0..60 {
        pages
            .push(json!({"id": notion.member(&json!({"Name": {"title": text(&format!("Row {i}"))}})).await}));
    }
    let related =
        json!({"relation": {"data_source_id": notion.running.members_source_id, "single_property": {}}});
    let path = format!("/data_sources/{}", notion.running.members_source_id);
    let source = notion.well("PATCH", &path, &json!({"properties": {"Friends": related}})).await;
    let column = source["properties"]["Friends"]["id"].as_str().expect("an id").to_owned();
    let row = notion.member(&json!({"Name": {"title": text("Ada")}, "Friends": {"relation": pages}})).await;
    let shown = notion.get(&format!("/pages/{row}")).await["properties"]["Friends"].clone();
    assert_eq!((shown["relation"].as_array().map(Vec::len), &shown["has_more"]), (Some(25), &json!(true)));
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let part = notion.get(&format!("/pages/{row}/properties/{column}?page_size=25{cursor}")).await;
        assert_eq!(
            (&part["type"], &part["property_item"]["type"]),
            (&json!("property_item"), &json!("relation"))
        );
        seen.extend(part["results"].as_array().expect("items").iter().map(|item| item["relation"].clone()));
        let Some(next) = part["next_cursor"].as_str() else { break };
        cursor = format!("&start_cursor={next}");
    }
    assert_eq!(json!(seen), json!(pages));
    let title = notion.get(&format!("/pages/{row}/properties/title")).await;
    assert_eq!(title["results"][0]["title"]["plain_text"], "Ada");
    let posts = source["properties"]["Posts"]["id"].as_str().expect("an id");
    let one = notion.get(&format!("/pages/{row}/properties/{posts}")).await;
    assert_eq!((&one["object"], &one["number"]), (&json!("property_item"), &Value::Null));
    notion.refused("GET", &format!("/pages/{row}/properties/none"), &Value::Null).await;
    notion.refused("GET", &format!("/pages/{row}/properties/{column}?start_cursor=x"), &Value::Null).await;
}
