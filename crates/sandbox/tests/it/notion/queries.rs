//! Queries: filters, sorts, pages, what they do not tell; and the search.

use super::support::{Notion, id, ids, name, notion, text};
use serde_json::{Value, json};
use std::time::Duration;

/// Five members about whom everything differs.
async fn five() -> Notion {
    let notion = notion("").await;
    let users = notion.get("/users").await;
    let person = &users["results"][0]["id"];
    let day = |start: &str| json!({"date": {"start": start}});
    let email = |email: &str| json!({"email": email});
    let number = |number: f64| json!({"number": number});
    let select = |name: &str| json!({"select": {"name": name}});
    let owner = json!({"people": [{"id": person}]});
    let file = json!([{"name": "x", "external": {"url": "https://a.example/x"}}]);
    let all = json!({
        "Ada": {"Email": email("Ada@a.example"), "Posts": number(3.0), "Status": select("Active"),
            "Joined": day("2025-01-02"), "Owner": owner},
        "Bo": {"Email": email("bo@b.example"), "Posts": number(10.0), "Status": select("Left"),
            "Joined": day("2025-03-01T23:30:00Z"), "Newsletter": {"checkbox": true}},
        "Cy": {"Posts": number(-1.5), "Tags": {"multi_select": [{"name": "VIP"}, {"name": "Founder"}]},
            "Stage": {"status": {"name": "Done"}}},
        "Dee": {"Email": email("dee@a.example"), "Tags": {"multi_select": [{"name": "VIP"}]},
            "Circle Member ID": {"rich_text": text("41007")}, "Photo": {"files": file}},
        "": {"Website": {"url": "https://e.example"}, "Phone": {"phone_number": "+1"}, "Joined": day("2024-12-31")},
    });
    for (i, (name, rest)) in all.as_object().expect("five").iter().enumerate() {
        let mut properties = rest.clone();
        properties["Name"] = json!({"title": if name.is_empty() { json!([]) } else { text(name) }});
        notion.running.advance(Duration::from_secs(60 * i as u64));
        notion.member(&properties).await;
    }
    notion
}

fn names(rows: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(name).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_say() {
    let notion = five().await;
    let of = |name: &str, kind: &str, test: Value| json!({"property": name, kind: test});
    let person = notion.get("/users").await["results"][0]["id"].clone();
    for (filter, expected) in [
        (of("Email", "email", json!({"equals": "bo@b.example"})), vec!["Bo"]),
        (of("Email", "email", json!({"equals": "ada@a.example"})), vec![]),
        (of("Email", "email", json!({"does_not_equal": "bo@b.example"})), vec!["", "Ada", "Cy", "Dee"]),
        (of("Email", "email", json!({"contains": "@a."})), vec!["Ada", "Dee"]),
        (of("Email", "email", json!({"does_not_contain": "@a."})), vec!["", "Bo", "Cy"]),
        (of("Email", "email", json!({"starts_with": "d"})), vec!["Dee"]),
        (of("Email", "email", json!({"ends_with": "b.example"})), vec!["Bo"]),
        (of("Email", "email", json!({"is_empty": true})), vec!["", "Cy"]),
        (of("Email", "email", json!({"is_not_empty": true})), vec!["Ada", "Bo", "Dee"]),
        (of("Name", "title", json!({"equals": "Cy"})), vec!["Cy"]),
        (of("title", "title", json!({"is_empty": true})), vec![""]),
        (of("Circle Member ID", "rich_text", json!({"equals": "41007"})), vec!["Dee"]),
        (of("Website", "url", json!({"is_not_empty": true})), vec![""]),
        (of("Phone", "phone_number", json!({"equals": "+1"})), vec![""]),
        (of("Posts", "number", json!({"equals": 3})), vec!["Ada"]),
        (of("Posts", "number", json!({"does_not_equal": 3})), vec!["", "Bo", "Cy", "Dee"]),
        (of("Posts", "number", json!({"greater_than": 3})), vec!["Bo"]),
        (of("Posts", "number", json!({"greater_than_or_equal_to": 3})), vec!["Ada", "Bo"]),
        (of("Posts", "number", json!({"less_than": 0})), vec!["Cy"]),
        (of("Posts", "number", json!({"less_than_or_equal_to": 3})), vec!["Ada", "Cy"]),
        (of("Posts", "number", json!({"is_empty": true})), vec!["", "Dee"]),
        (of("No", "unique_id", json!({"equals": 2})), vec!["Bo"]),
        (of("No", "unique_id", json!({"greater_than": 3})), vec!["", "Dee"]),
        (of("Newsletter", "checkbox", json!({"equals": true})), vec!["Bo"]),
        (of("Newsletter", "checkbox", json!({"does_not_equal": true})), vec!["", "Ada", "Cy", "Dee"]),
        (of("Status", "select", json!({"equals": "Left"})), vec!["Bo"]),
        (of("Status", "select", json!({"does_not_equal": "Left"})), vec!["", "Ada", "Cy", "Dee"]),
        (of("Status", "select", json!({"is_empty": true})), vec!["", "Cy", "Dee"]),
        (of("Stage", "status", json!({"equals": "Done"})), vec!["Cy"]),
        (of("Tags", "multi_select", json!({"contains": "VIP"})), vec!["Cy", "Dee"]),
        (of("Tags", "multi_select", json!({"does_not_contain": "Founder"})), vec!["", "Ada", "Bo", "Dee"]),
        (of("Tags", "multi_select", json!({"is_empty": true})), vec!["", "Ada", "Bo"]),
        (of("Joined", "date", json!({"equals": "2025-03-01"})), vec!["Bo"]),
        (of("Joined", "date", json!({"before": "2025-01-02"})), vec![""]),
        (of("Joined", "date", json!({"on_or_before": "2025-01-02"})), vec!["", "Ada"]),
        (of("Joined", "date", json!({"after": "2025-01-02"})), vec!["Bo"]),
        (of("Joined", "date", json!({"on_or_after": "2025-03-01T23:30:00Z"})), vec!["Bo"]),
        (of("Joined", "date", json!({"is_empty": true})), vec!["Cy", "Dee"]),
        (of("Owner", "people", json!({"contains": person})), vec!["Ada"]),
        (of("Owner", "people", json!({"is_empty": true})), vec!["", "Bo", "Cy", "Dee"]),
        (of("Photo", "files", json!({"is_not_empty": true})), vec!["Dee"]),
        (of("Created", "created_time", json!({"after": "2026-10-01T08:34:00Z"})), vec!["", "Dee"]),
        (
            json!({"timestamp": "created_time", "created_time": {"on_or_before": "2026-10-01T08:31:15.250Z"}}),
            vec!["Ada", "Bo"],
        ),
        (
            json!({"timestamp": "last_edited_time", "last_edited_time": {"equals": "2026-10-01"}}),
            vec!["", "Ada", "Bo", "Cy", "Dee"],
        ),
        (
            json!({"and": [of("Tags", "multi_select", json!({"contains": "VIP"})), of("Email", "email", json!({"is_empty": true}))]}),
            vec!["Cy"],
        ),
        (
            json!({"or": [of("Name", "title", json!({"equals": "Bo"})), {"and": [of("Posts", "number", json!({"less_than": 0}))]}]}),
            vec!["Bo", "Cy"],
        ),
        (json!({"and": []}), vec!["", "Ada", "Bo", "Cy", "Dee"]),
        (json!({"or": []}), vec![]),
    ] {
        let rows = notion.query(&json!({"filter": filter})).await;
        assert_eq!(names(&rows), expected, "{filter}");
    }
    let lax = super::support::notion("[query]\nignores_case = true\n").await;
    lax.member(&json!({"Email": {"email": "Ada@a.example"}})).await;
    assert_eq!(
        lax.query(&json!({"filter": of("Email", "email", json!({"equals": "ada@A.example"}))})).await.len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_query_is_refused() {
    let notion = five().await;
    let path = format!("/data_sources/{}/query", notion.running.members_source_id);
    for (body, part) in [
        (
            json!({"filter": {"property": "Weather", "email": {"equals": "x"}}}),
            "Could not find property with name or id: Weather",
        ),
        (
            json!({"filter": {"property": "Email", "rich_text": {"equals": "x"}}}),
            "body.filter.rich_text should be not present",
        ),
        (json!({"filter": {"property": "Email"}}), "body.filter.email should be defined"),
        (json!({"filter": {"property": "Email", "email": {}}}), "one condition"),
        (
            json!({"filter": {"property": "Email", "email": {"like": "x"}}}),
            "body.filter.email.like should be not present",
        ),
        (json!({"filter": {"property": "Email", "email": {"equals": 7}}}), "a string"),
        (json!({"filter": {"property": "Email", "email": {"is_empty": false}}}), "`true`"),
        (json!({"filter": {"property": "Posts", "number": {"equals": "7"}}}), "a number"),
        (json!({"filter": {"property": "Posts", "number": {"contains": 7}}}), "not present"),
        (json!({"filter": {"property": "Joined", "date": {"after": "soon"}}}), "ISO 8601"),
        (json!({"filter": {"property": "Newsletter", "checkbox": {"is_empty": true}}}), "not present"),
        (json!({"filter": {"property": "Greeting", "formula": {"string": {"equals": "x"}}}}), "not present"),
        (
            json!({"filter": {"timestamp": "created_time", "last_edited_time": {"after": "2025-01-01"}}}),
            "not present",
        ),
        (json!({"filter": {"and": [], "or": []}}), "not present"),
        (json!({"filter": {"and": {}}}), "an array"),
        (json!({"filter": {}}), "one of and, or, property, timestamp"),
        (json!({"sorts": [{"property": "Name"}]}), "direction should be defined"),
        (json!({"sorts": [{"property": "Name", "direction": "up"}]}), "`\"ascending\"` or `\"descending\"`"),
        (json!({"sorts": [{"property": "Weather", "direction": "ascending"}]}), "Could not find property"),
        (json!({"page_size": 101}), "a number from 1 to 100"),
        (json!({"page_size": 0}), "a number from 1 to 100"),
        (json!({"start_cursor": "x"}), "start_cursor provided is invalid"),
        (json!({"start_cursor": notion.running.root_page_id}), "start_cursor provided is invalid"),
        (json!({"where": {}}), "body.where should be not present"),
        (json!({"archived": true}), "not present"),
        (json!({"result_type": "weather"}), "body.result_type should be"),
    ] {
        let message = notion.refused("POST", &path, &body).await;
        assert!(message.contains(part), "{body}: {message}");
    }
    notion.refused("POST", &format!("{path}?filter_properties[]=Weather"), &json!({})).await;
    notion.refused("POST", &format!("{path}?page_size=1"), &json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sorts_order_rows_and_what_is_empty_comes_last() {
    let notion = five().await;
    for (sorts, expected) in [
        (json!([{"property": "Name", "direction": "ascending"}]), ["Ada", "Bo", "Cy", "Dee", ""]),
        (json!([{"property": "Name", "direction": "descending"}]), ["Dee", "Cy", "Bo", "Ada", ""]),
        (json!([{"timestamp": "created_time", "direction": "descending"}]), ["", "Dee", "Cy", "Bo", "Ada"]),
        (
            json!([{"timestamp": "last_edited_time", "direction": "ascending"}]),
            ["Ada", "Bo", "Cy", "Dee", ""],
        ),
        (json!([{"property": "No", "direction": "descending"}]), ["", "Dee", "Cy", "Bo", "Ada"]),
        (
            json!([{"property": "Joined", "direction": "descending"}, {"property": "Name", "direction": "ascending"}]),
            ["Bo", "Ada", "", "Cy", "Dee"],
        ),
        (
            json!([{"property": "Posts", "direction": "ascending"}, {"timestamp": "created_time", "direction": "ascending"}]),
            ["Cy", "Ada", "Bo", "Dee", ""],
        ),
        (
            json!([{"property": "Newsletter", "direction": "descending"}, {"property": "No", "direction": "ascending"}]),
            ["Bo", "Ada", "Cy", "Dee", ""],
        ),
        (
            json!([{"property": "Status", "direction": "ascending"}, {"property": "No", "direction": "ascending"}]),
            ["Ada", "Bo", "Cy", "Dee", ""],
        ),
    ] {
        let rows = notion.query(&json!({"sorts": sorts})).await;
        assert_eq!(rows.iter().map(name).collect::<Vec<_>>(), expected, "{sorts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_pages_of_a_hundred_each_once() {
    let notion = notion("").await;
    let mut made = Vec::new();
    for i in 0..230 {
        made.push(
            notion
                .running
                .add_page(&notion.running.members_source_id, &json!({"Posts": {"number": i}}))
                .expect("it fits"),
        );
    }
    let path = format!("/data_sources/{}/query", notion.running.members_source_id);
    for (size, sorts, expected) in [
        (None, json!([]), vec![100, 100, 30]),
        (Some(77), json!([{"property": "Posts", "direction": "ascending"}]), vec![77, 77, 76]),
    ] {
        let (mut seen, mut sizes, mut cursor) = (Vec::new(), Vec::new(), Value::Null);
        loop {
            let mut body = json!({"sorts": sorts, "start_cursor": cursor});
            if let Some(size) = size {
                body["page_size"] = json!(size);
            }
            let part = notion.well("POST", &path, &body).await;
            assert_eq!(
                (&part["type"], &part["request_status"]["type"]),
                (&json!("page_or_data_source"), &json!("complete"))
            );
            let rows = part["results"].as_array().expect("rows");
            sizes.push(rows.len());
            seen.extend(ids(rows));
            cursor = part["next_cursor"].clone();
            assert_eq!(part["has_more"], cursor.is_string());
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(sizes, expected);
        if sorts == json!([]) {
            assert_ne!(seen, made, "the order means nothing");
            seen.sort();
            made.sort();
        } else {
            let number = |id: &String| {
                notion.running.page(id).and_then(|p| p["properties"]["Posts"]["number"].as_i64())
            };
            assert!(seen.iter().map(number).is_sorted());
            seen.sort();
        }
        assert_eq!(seen, made);
    }
    let only = notion
        .well(
            "POST",
            &format!("{path}?filter_properties[]=title&filter_properties[]=Posts"),
            &json!({"page_size": 1}),
        )
        .await;
    assert_eq!(only["results"][0]["properties"].as_object().map(serde_json::Map::len), Some(2));
    assert!(notion.query(&json!({"result_type": "data_source"})).await.is_empty());
    assert_eq!(notion.query(&json!({"result_type": "page"})).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_list_looks_finished_but_for_its_status() {
    let notion = notion("[query]\nrows = 150\n").await;
    for i in 0..160 {
        notion
            .running
            .add_page(&notion.running.members_source_id, &json!({"Posts": {"number": i}}))
            .expect("it fits");
    }
    let path = format!("/data_sources/{}/query", notion.running.members_source_id);
    let first = notion.well("POST", &path, &json!({})).await;
    assert_eq!(first["request_status"]["type"], "complete");
    let last = notion.well("POST", &path, &json!({"start_cursor": first["next_cursor"]})).await;
    assert_eq!(
        (last["results"].as_array().map(Vec::len), &last["has_more"], &last["next_cursor"]),
        (Some(50), &json!(false), &Value::Null)
    );
    assert_eq!(
        last["request_status"],
        json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"})
    );
    // Slices by a filter are whole.
    let slice = json!({"filter": {"property": "Posts", "number": {"less_than": 90}}});
    let slice = notion.well("POST", &path, &slice).await;
    assert_eq!(
        (slice["results"].as_array().map(Vec::len), &slice["request_status"]["type"]),
        (Some(90), &json!("complete"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_a_moment_ago_may_be_missing() {
    let notion = notion("[query]\nlag = 2\n").await;
    let row = notion.member(&json!({"Email": {"email": "a@a.example"}})).await;
    let by_email = json!({"filter": {"property": "Email", "email": {"equals": "a@a.example"}}});
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(notion.query(&by_email).await.len());
        assert_eq!(notion.get(&format!("/pages/{row}")).await["id"], row, "by its id it is there");
    }
    assert_eq!(seen, [0, 0, 1]);
    // What people made is there at once.
    notion.running.add_page(&notion.running.members_source_id, &json!({})).expect("it fits");
    assert_eq!(notion.query(&json!({})).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_titles_of_what_is_shared() {
    let notion = notion("").await;
    let page = notion.below_root("Members' guide").await;
    let search = async |body: Value| -> Vec<Value> {
        let answer = notion.well("POST", "/search", &body).await;
        answer["results"].as_array().expect("results").clone()
    };
    let found = search(json!({"query": "MEMBERS"})).await;
    let kinds: Vec<&str> = found.iter().filter_map(|thing| thing["object"].as_str()).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&"page") && kinds.contains(&"data_source"));
    let only = |value: &str| json!({"query": "members", "filter": {"property": "object", "value": value}});
    assert_eq!(ids(&search(only("page")).await), std::slice::from_ref(&page));
    assert_eq!(id(&search(only("data_source")).await[0]), notion.running.members_source_id);
    assert!(search(json!({"query": "Salaries"})).await.is_empty(), "it is not shared");
    notion.running.advance(Duration::from_secs(60));
    notion.well("PATCH", &format!("/pages/{page}"), &json!({"is_locked": true})).await;
    for (direction, first) in [("descending", true), ("ascending", false)] {
        let sorted = search(json!({"sort": {"timestamp": "last_edited_time", "direction": direction}})).await;
        assert_eq!(id(&sorted[0]) == page, first, "{direction}");
    }
    let part = notion.well("POST", "/search", &json!({"page_size": 2})).await;
    assert_eq!(part["has_more"], true);
    let rest = notion.well("POST", "/search", &json!({"start_cursor": part["next_cursor"]})).await;
    assert!(!rest["results"].as_array().expect("results").contains(&part["results"][0]));
    notion.well("PATCH", &format!("/pages/{page}"), &json!({"in_trash": true})).await;
    assert_eq!(search(json!({"query": "guide"})).await.len(), 0);
    for body in [
        json!({"filter": {"property": "object", "value": "database"}}),
        json!({"filter": {"value": "page"}}),
        json!({"text": "x"}),
    ] {
        notion.refused("POST", "/search", &body).await;
    }
}
