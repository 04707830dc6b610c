//! Blocks: kinds, limits, order.

use super::support::{Notion, VERSION, id, ids, notion, paragraph, text};
use serde_json::{Value, json};

async fn append(notion: &Notion, to: &str, children: Value) -> Vec<Value> {
    let answer =
        notion.well("PATCH", &format!("/blocks/{to}/children"), &json!({"children": children})).await;
    assert_eq!(
        (&answer["object"], &answer["type"], &answer["has_more"]),
        (&json!("list"), &json!("block"), &json!(false))
    );
    answer["results"].as_array().expect("blocks").clone()
}

fn row(cells: usize) -> Value {
    json!({"type": "table_row", "table_row": {"cells": vec![text("x"); cells]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_made_and_comes_back() {
    let notion = notion("").await;
    let page = notion.below_root("All").await;
    let rich = |extra: Value| {
        let mut content = json!({"rich_text": text("x")});
        content.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        content
    };
    let original = id(&append(&notion, &page, json!([paragraph("original")])).await[0]);
    let external = json!({"type": "external", "external": {"url": "https://a.example/f"}});
    for (kind, content) in [
        ("paragraph", rich(json!({"color": "red_background"}))),
        ("bulleted_list_item", rich(json!({}))),
        ("numbered_list_item", rich(json!({}))),
        ("quote", rich(json!({}))),
        ("toggle", rich(json!({}))),
        ("callout", rich(json!({"icon": {"emoji": "💡"}}))),
        ("to_do", rich(json!({"checked": true}))),
        ("heading_1", rich(json!({}))),
        ("heading_2", rich(json!({}))),
        ("heading_3", rich(json!({}))),
        ("heading_4", rich(json!({"is_toggleable": true}))),
        ("code", rich(json!({"language": "plain text"}))),
        ("divider", json!({})),
        ("table_of_contents", json!({})),
        ("bookmark", json!({"url": "https://a.example"})),
        ("embed", json!({"url": "https://a.example"})),
        ("image", external.clone()),
        ("file", json!({"external": {"url": "https://a.example/f"}, "name": "f"})),
        ("video", external.clone()),
        ("pdf", external),
        ("equation", json!({"expression": "e = mc^2"})),
        ("synced_block", json!({"synced_from": null})),
        ("synced_block", json!({"synced_from": {"type": "block_id", "block_id": original}})),
        ("link_to_page", json!({"type": "page_id", "page_id": notion.running.root_page_id})),
        ("table", json!({"table_width": 2, "has_column_header": true, "children": [row(2), row(2)]})),
        ("column_list", json!({"children": [{"column": {}}, {"column": {}}]})),
    ] {
        let made = append(&notion, &page, json!([{"object": "block", "type": kind, kind: content}])).await;
        let block = notion.get(&format!("/blocks/{}", id(&made[0]))).await;
        assert_eq!((&block["type"], &block), (&json!(kind), &made[0]));
        for (key, value) in content.as_object().expect("an object") {
            let shown = &made[0][kind][key];
            match key.as_str() {
                "children" => assert!(shown.is_null(), "{kind}: children come by a call of their own"),
                "rich_text" => assert_eq!(shown[0]["plain_text"], "x", "{kind}"),
                "icon" => assert_eq!(shown["emoji"], value["emoji"], "{kind}"),
                _ => assert_eq!(shown, value, "{kind} {key}"),
            }
        }
        assert_eq!(made[0]["parent"], json!({"type": "page_id", "page_id": page}));
        assert_eq!(made[0]["has_children"], ["table", "column_list"].contains(&kind), "{kind}");
    }
    let shown = notion.get(&format!("/blocks/{page}/children?page_size=100")).await;
    assert_eq!(shown["results"].as_array().map(Vec::len), Some(27));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_block_is_refused_with_its_path() {
    let notion = notion("").await;
    let page = notion.below_root("Strict").await;
    let one = |block: Value| json!({"children": [block]});
    let long = "x".repeat(2_001);
    for (body, part) in [
        (json!({}), "body.children should be defined"),
        (one(json!({})), "body.children[0] should be an object with the name of a block type"),
        (
            one(json!({"type": "transcription", "transcription": {}})),
            "body.children[0].type should be a type of block that can be made",
        ),
        (
            one(json!({"type": "quote", "paragraph": {"rich_text": []}})),
            "body.children[0].type should be `\"paragraph\"`",
        ),
        (one(json!({"object": "page", "paragraph": {"rich_text": []}})), "body.children[0].object"),
        (one(json!({"paragraph": {"rich_text": []}, "quote": {"rich_text": []}})), "should be not present"),
        (one(json!({"paragraph": {}})), "body.children[0].paragraph.rich_text should be defined"),
        (
            one(json!({"paragraph": {"rich_text": text(&long)}})),
            "body.children[0].paragraph.rich_text[0].text.content.length should be ≤ `2000`, instead was `2001`.",
        ),
        (one(json!({"paragraph": {"rich_text": [], "bold": true}})), "paragraph.bold should be not present"),
        (one(json!({"paragraph": {"rich_text": [], "color": "mauve"}})), "a color"),
        (one(json!({"code": {"rich_text": [], "language": "klingon"}})), "one of the supported languages"),
        (one(json!({"code": {"rich_text": []}})), "code.language should be defined"),
        (one(json!({"to_do": {"rich_text": [], "checked": "yes"}})), "should be a boolean"),
        (one(json!({"bookmark": {"url": ""}})), "valid URL"),
        (one(json!({"image": {"type": "file", "file": {"url": "https://a.example"}}})), "not present"),
        (one(json!({"equation": {"expression": "x".repeat(1_001)}})), "≤ `1000`"),
        (one(json!({"divider": {"color": "red"}})), "divider.color should be not present"),
        (one(json!({"divider": {"children": []}})), "divider.children should be not present"),
        (
            one(json!({"heading_1": {"rich_text": [], "children": [paragraph("x")]}})),
            "heading_1.children should be not present",
        ),
        (
            one(json!({"link_to_page": {"page_id": "00000000-0000-4000-8000-000000000001"}})),
            "something shared",
        ),
        (one(json!({"link_to_page": {"page_id": notion.running.private_page_id}})), "something shared"),
        (one(json!({"table": {"table_width": 2}})), "table.children should be defined"),
        (one(json!({"table": {"table_width": 2, "children": []}})), "at least one row"),
        (one(json!({"table": {"table_width": 0, "children": [row(0)]}})), "a number from 1 to"),
        (
            one(json!({"table": {"table_width": 2, "children": [row(2), row(3)]}})),
            "as many cells as it is wide",
        ),
        (one(json!({"table": {"table_width": 2, "children": [paragraph("x")]}})), "a table of rows"),
        (one(row(2)), "a table around its rows"),
        (one(json!({"column": {}})), "a list around its columns"),
        (one(json!({"column_list": {"children": [paragraph("x")]}})), "a list of columns"),
        (json!({"children": [paragraph("x")], "after": page}), "body.after should be not present"),
    ] {
        let message = notion.refused("PATCH", &format!("/blocks/{page}/children"), &body).await;
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert!(notion.running.blocks(&page).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_so_wide_so_deep_and_so_large_at_most() {
    let notion = notion("").await;
    let page = notion.below_root("Large").await;
    let path = format!("/blocks/{page}/children");
    let within = |kind: &str, children: Vec<Value>| json!({kind: {"rich_text": [], "children": children}});
    let many = |n: usize| vec![paragraph("x"); n];
    let message = notion.refused("PATCH", &path, &json!({"children": many(101)})).await;
    assert!(message.contains("body.children.length should be ≤ `100`, instead was `101`."), "{message}");
    let message = notion.refused("PATCH", &path, &json!({"children": [within("toggle", many(101))]})).await;
    assert!(message.contains("body.children[0].toggle.children.length should be ≤ `100`"), "{message}");
    let deep = json!({"children": [within("toggle", vec![within("toggle", many(1))])]});
    let message = notion.refused("PATCH", &path, &deep).await;
    assert!(
        message.contains("body.children[0].toggle.children[0].toggle.children should be not present"),
        "{message}"
    );
    append(&notion, &page, json!(many(100))).await;
    let made = append(&notion, &page, json!([within("toggle", many(99))])).await;
    assert_eq!(notion.running.blocks(&id(&made[0])).len(), 99);
    // 11 blocks with 90 each are 1001.
    let wide = |n: usize| json!({"children": vec![within("toggle", many(n)); 11]});
    let message = notion.refused("PATCH", &path, &wide(90)).await;
    assert!(message.contains("≤ `1000` blocks in all, instead was `1001`"), "{message}");
    notion.well("PATCH", &path, &wide(89)).await;
    let heavy = json!({"children": vec![paragraph(&"é".repeat(1_999)); 100], "position": {"type": "end"}});
    notion.well("PATCH", &path, &heavy).await;
    let rich =
        json!({"paragraph": {"rich_text": vec![json!({"text": {"content": "x".repeat(2_000)}}); 100]}});
    let message = notion.refused("PATCH", &path, &json!({"children": [rich, rich, rich]})).await;
    assert!(message.contains("body.length should be ≤ `500000`"), "{message}");
    let reply = notion.ask("PATCH", &path, &json!({"children": vec![rich; 11]})).await;
    assert_eq!(reply.status, 413);

    let deeper = super::support::notion("[limits]\nnesting = 3\n").await;
    let page = deeper.below_root("Deep").await;
    deeper.well("PATCH", &format!("/blocks/{page}/children"), &deep).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_blocks_go_where_the_position_says_and_only_the_first_level_comes_back() {
    let notion = notion("").await;
    let page = notion.below_root("Order").await;
    let path = format!("/blocks/{page}/children");
    let said = |blocks: &[Value]| -> Vec<String> {
        blocks
            .iter()
            .filter_map(|b| b["paragraph"]["rich_text"][0]["plain_text"].as_str().map(str::to_owned))
            .collect()
    };
    let first = append(&notion, &page, json!([paragraph("b"), paragraph("e")])).await;
    for (text, position) in [
        ("f", json!({"type": "end"})),
        ("a", json!({"type": "start"})),
        ("c", json!({"type": "after_block", "after_block": {"id": first[0]["id"]}})),
    ] {
        notion.well("PATCH", &path, &json!({"children": [paragraph(text)], "position": position})).await;
    }
    let third = json!({"id": notion.running.blocks(&page)[2]["id"]});
    let two = [paragraph("c1"), paragraph("d")];
    let two = json!({"children": two, "position": {"type": "after_block", "after_block": third}});
    let made = notion.well("PATCH", &path, &two).await;
    assert_eq!(made["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(said(&notion.running.blocks(&page)), ["a", "b", "c", "c1", "d", "e", "f"]);
    let nested = json!([{"toggle": {"rich_text": text("t"), "children": [paragraph("inner")]}}]);
    let made = append(&notion, &page, nested).await;
    assert_eq!((made.len(), &made[0]["has_children"]), (1, &json!(true)));
    let inner = notion.get(&format!("/blocks/{}/children", id(&made[0]))).await;
    assert_eq!(said(inner["results"].as_array().expect("blocks")), ["inner"]);
    assert_eq!(inner["results"][0]["parent"], json!({"type": "block_id", "block_id": made[0]["id"]}));
    let strange = made[0]["id"].clone();
    for (position, part) in [
        (
            json!({"type": "after_block", "after_block": {"id": inner["results"][0]["id"]}}),
            "a child of the block",
        ),
        (json!({"type": "after_block"}), "after_block should be defined"),
        (json!({"type": "middle"}), "body.position.type should be"),
        (json!({"type": "end", "after_block": {"id": strange}}), "not present"),
    ] {
        let message = notion
            .refused("PATCH", &path, &json!({"children": [paragraph("x")], "position": position}))
            .await;
        assert!(message.contains(part), "{message}");
    }
    // The older version says it with another key.
    let old = super::support::notion("old_version = true").await;
    let page = old.below_root("Order").await;
    let first = append(&old, &page, json!([paragraph("a"), paragraph("c")])).await;
    let bearer = format!("Bearer {}", old.running.key);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Notion-Version", "2025-09-03"),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/v1/blocks/{page}/children");
    let body = json!({"children": [paragraph("b")], "after": first[0]["id"]});
    let reply =
        old.send("PATCH", &path, &headers, Some(body.to_string().into_bytes())).await.expect("an answer");
    assert_eq!(reply.status, 200);
    let body = json!({"children": [paragraph("x")], "position": {"type": "end"}});
    let reply =
        old.send("PATCH", &path, &headers, Some(body.to_string().into_bytes())).await.expect("an answer");
    assert_eq!(reply.status, 400);
    assert_eq!(said(&old.running.blocks(&page)), ["a", "b", "c"]);
    assert_eq!(VERSION, "2026-03-11");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_added_to_a_table_and_nothing_else_is() {
    let notion = notion("").await;
    let page = notion.below_root("Table").await;
    let table = append(&notion, &page, json!([{"table": {"table_width": 2, "children": [row(2)]}}])).await;
    let table = id(&table[0]);
    append(&notion, &table, json!(vec![row(2); 100])).await;
    assert_eq!(notion.running.blocks(&table).len(), 101);
    for (children, part) in [(json!([row(3)]), "as many cells"), (json!([paragraph("x")]), "a table of rows")]
    {
        let message = notion
            .refused("PATCH", &format!("/blocks/{table}/children"), &json!({"children": children}))
            .await;
        assert!(message.contains(part), "{message}");
    }
    let line = append(&notion, &page, json!([{"divider": {}}])).await;
    let message = notion
        .refused(
            "PATCH",
            &format!("/blocks/{}/children", id(&line[0])),
            &json!({"children": [paragraph("x")]}),
        )
        .await;
    assert!(message.contains("does not support children"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn children_come_in_pages_of_a_hundred() {
    let notion = notion("").await;
    let page = notion.below_root("Long").await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.extend(ids(&append(&notion, &page, json!(vec![paragraph("x"); 90])).await));
    }
    let (mut seen, mut cursor, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let part = notion.get(&format!("/blocks/{page}/children?page_size=100{cursor}")).await;
        let results = part["results"].as_array().expect("blocks");
        sizes.push(results.len());
        seen.extend(ids(results));
        assert_eq!(part["has_more"], part["next_cursor"].is_string());
        let Some(next) = part["next_cursor"].as_str() else { break };
        cursor = format!("&start_cursor={next}");
    }
    assert_eq!((seen, sizes), (made, vec![100, 100, 70]));
    notion.refused("GET", &format!("/blocks/{page}/children?page_size=101"), &Value::Null).await;
    notion.refused("GET", &format!("/blocks/{page}/children?start_cursor={page}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_changed_within_its_kind_and_thrown_away() {
    let notion = notion("").await;
    let page = notion.below_root("Edit").await;
    let made = append(
        &notion,
        &page,
        json!([{"to_do": {"rich_text": text("a")}}, {"table": {"table_width": 1, "children": [row(1)]}}]),
    )
    .await;
    let (todo, table) = (id(&made[0]), id(&made[1]));
    let path = format!("/blocks/{todo}");
    let changed = notion.well("PATCH", &path, &json!({"to_do": {"checked": true}})).await;
    assert_eq!(
        (&changed["to_do"]["checked"], &changed["to_do"]["rich_text"][0]["plain_text"]),
        (&json!(true), &json!("a"))
    );
    let cells = id(&notion.running.blocks(&table)[0]);
    for (path, body, part) in [
        (path.clone(), json!({"paragraph": {"rich_text": []}}), "not present"),
        (path.clone(), json!({"to_do": {"children": []}}), "to_do.children should be not present"),
        (path.clone(), json!({"to_do": {"checked": 1}}), "a boolean"),
        (
            format!("/blocks/{table}"),
            json!({"table": {"table_width": 2}}),
            "table_width should be not present",
        ),
        (
            format!("/blocks/{cells}"),
            json!({"table_row": {"cells": [text("x"), text("y")]}}),
            "as many cells",
        ),
        (format!("/blocks/{page}"), json!({"child_page": {"title": "x"}}), "not present"),
    ] {
        let message = notion.refused("PATCH", &path, &body).await;
        assert!(message.contains(part), "{body}: {message}");
    }
    notion.well("PATCH", &format!("/blocks/{table}"), &json!({"table": {"has_row_header": true}})).await;
    notion
        .well(
            "PATCH",
            &format!("/blocks/{cells}"),
            &json!({"type": "table_row", "table_row": {"cells": [text("y")]}}),
        )
        .await;
    let gone = notion.well("DELETE", &path, &Value::Null).await;
    assert_eq!(gone["in_trash"], true);
    let there = notion.get(&format!("/blocks/{page}/children")).await;
    assert_eq!(ids(there["results"].as_array().expect("blocks")), std::slice::from_ref(&table));
    notion.refused("PATCH", &path, &json!({"to_do": {"checked": false}})).await;
    notion
        .refused("PATCH", &format!("/blocks/{todo}/children"), &json!({"children": [paragraph("x")]}))
        .await;
    notion.well("PATCH", &path, &json!({"in_trash": false})).await;
    assert_eq!(
        notion.get(&format!("/blocks/{page}/children")).await["results"].as_array().map(Vec::len),
        Some(2)
    );
    // A page is a block where it stands.
    notion.well("DELETE", &format!("/blocks/{page}"), &Value::Null).await;
    assert_eq!(notion.get(&format!("/pages/{page}")).await["in_trash"], true);
    assert_eq!(notion.running.pages_below(&notion.running.root_page_id), 1, "the handbook");
    let message = notion
        .refused("POST", "/pages", &json!({"parent": {"page_id": page}, "properties": {"title": []}}))
        .await;
    assert!(message.contains("in the trash"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_as_markdown() {
    let notion = notion("").await;
    let page = notion.below_root("Markdown").await;
    append(
        &notion,
        &page,
        json!([
            {"heading_2": {"rich_text": text("Plan")}},
            {"to_do": {"rich_text": text("Move"), "checked": true}},
            {"toggle": {"rich_text": text("More"), "children": [paragraph("inside")]}},
            {"table": {"table_width": 2, "children": [row(2)]}},
            {"image": {"external": {"url": "https://a.example/i.png"}}},
            {"equation": {"expression": "x"}},
            {"bookmark": {"url": "https://a.example"}},
        ]),
    )
    .await;
    let read = notion.get(&format!("/pages/{page}/markdown")).await;
    let expected = "## Plan\n- [x] Move\nMore\n\tinside\n\n\t| x | x |\n![](https://a.example/i.png)\n$$x$$\n[https://a.example](https://a.example)\n";
    assert_eq!(read["markdown"], expected);
}
