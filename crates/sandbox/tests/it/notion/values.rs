//! Values of every type: what is taken, what is refused, how it comes back.

use super::support::{notion, text};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_are_written_and_come_back() {
    let notion = notion("").await;
    let users = notion.get("/users").await;
    let person = users["results"][0]["id"].clone();
    for (name, kind, sent, back) in [
        ("Posts", "number", json!(12.5), json!(12.5)),
        ("Posts", "number", Value::Null, Value::Null),
        ("Newsletter", "checkbox", json!(true), json!(true)),
        ("Email", "email", json!("a@b.example"), json!("a@b.example")),
        ("Email", "email", Value::Null, Value::Null),
        ("Phone", "phone_number", json!("+1-555-0100"), json!("+1-555-0100")),
        ("Website", "url", json!("https://a.example"), json!("https://a.example")),
        (
            "Joined",
            "date",
            json!({"start": "2025-01-02"}),
            json!({"start": "2025-01-02", "end": null, "time_zone": null}),
        ),
        ("Joined", "date", Value::Null, Value::Null),
        ("Status", "select", Value::Null, Value::Null),
        ("Tags", "multi_select", json!([]), json!([])),
        ("Owner", "people", json!([]), json!([])),
        (
            "Photo",
            "files",
            json!([{"name": "a.png", "external": {"url": "https://a.example/a.png"}}]),
            json!([{"name": "a.png", "type": "external", "external": {"url": "https://a.example/a.png"}}]),
        ),
        ("Circle Member ID", "rich_text", json!([]), json!([])),
    ] {
        let row = notion.member(&json!({name: {kind: sent}})).await;
        let page = notion.get(&format!("/pages/{row}")).await;
        assert_eq!(page["properties"][name][kind], back, "{name}");
        // What comes back can be sent, with its id and its type.
        let again = json!({"properties": {name: page["properties"][name]}});
        notion.well("PATCH", &format!("/pages/{row}"), &again).await;
    }
    let row = notion.member(&json!({"Owner": {"people": [{"object": "user", "id": person}]}})).await;
    let page = notion.get(&format!("/pages/{row}")).await;
    assert_eq!(page["properties"]["Owner"]["people"][0]["person"]["email"], "ida@higherself.example");
    assert_eq!(page["properties"]["Greeting"]["formula"]["type"], "string");
    assert_eq!(page["properties"]["Created"]["created_time"], page["created_time"]);
    // A column may be named by its id.
    let source = notion.running.data_source(&notion.running.members_source_id).expect("it is there");
    let email = source["properties"]["Email"]["id"].as_str().expect("an id");
    let row =
        notion.member(&json!({email: {"email": "by@id.example"}, "title": {"title": text("Bo")}})).await;
    assert_eq!(notion.get(&format!("/pages/{row}")).await["properties"]["Email"]["email"], "by@id.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_its_column_is_refused() {
    let notion = notion("").await;
    let long = |n: usize| "x".repeat(n);
    let many = |n: usize, entry: Value| Value::Array(vec![entry; n]);
    let nobody = "00000000-0000-4000-8000-000000000001";
    for (properties, part) in [
        (json!({"Weather": {"email": "x"}}), "Weather is not a property that exists."),
        (json!({"email": {"email": "x"}}), "email is not a property that exists."),
        (json!({"Email": {"rich_text": []}}), "Email is expected to be email."),
        (json!({"Email": {"type": "url", "email": "x"}}), "body.properties.Email.type should be"),
        (
            json!({"Email": {"email": "x", "color": "red"}}),
            "body.properties.Email.color should be not present",
        ),
        (json!({"Email": "x"}), "body.properties.Email should be an object"),
        (json!({"Email": {"email": ""}}), "non-empty string or null"),
        (
            json!({"Email": {"email": long(201)}}),
            "body.properties.Email.email.length should be ≤ `200`, instead was `201`",
        ),
        (json!({"Phone": {"phone_number": long(201)}}), "≤ `200`"),
        (json!({"Phone": {"phone_number": 7}}), "should be a string"),
        (json!({"Website": {"url": ""}}), "non-empty"),
        (json!({"Website": {"url": format!("https://{}", long(2_000))}}), "≤ `2000`"),
        (json!({"Posts": {"number": "7"}}), "should be a number"),
        (json!({"Newsletter": {"checkbox": null}}), "should be a boolean"),
        (json!({"Joined": {"date": "2025-01-02"}}), "should be an object"),
        (json!({"Joined": {"date": {"start": "02.01.2025"}}}), "valid ISO 8601"),
        (
            json!({"Name": {"title": text(&long(2_001))}}),
            "body.properties.Name.title[0].text.content.length should be ≤ `2000`, instead was `2001`.",
        ),
        (
            json!({"Name": {"title": many(101, json!({"text": {"content": "x"}}))}}),
            "body.properties.Name.title.length should be ≤ `100`, instead was `101`.",
        ),
        (json!({"Status": {"select": {"name": ""}}}), "non-empty"),
        (json!({"Status": {"select": {"id": "x"}}}), "the id of an option"),
        (json!({"Status": {"select": [{"name": "x"}]}}), "should be an object"),
        (json!({"Tags": {"multi_select": many(101, json!({"name": "x"}))}}), "≤ `100`"),
        (json!({"Stage": {"status": {"name": "Finished"}}}), "Status option \"Finished\" does not exist."),
        (json!({"Owner": {"people": [{"id": nobody}]}}), "a user of this workspace"),
        (json!({"Owner": {"people": many(101, json!({"id": nobody}))}}), "≤ `100`"),
        (json!({"Photo": {"files": [{"name": "a", "file_upload": {"id": nobody}}]}}), "not present"),
        (json!({"No": {"unique_id": {"number": 7}}}), "unique_id is read-only"),
        (json!({"Greeting": {"formula": {"string": "x"}}}), "formula is read-only"),
        (json!({"Created": {"created_time": "2020-01-01"}}), "created_time is read-only"),
        (json!({"Edited": {"last_edited_time": "2020-01-01"}}), "last_edited_time is read-only"),
    ] {
        let message = notion.refused("POST", "/pages", &notion.row(&properties)).await;
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert!(notion.running.pages(&notion.running.members_source_id).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_made_for_selects_and_found_for_the_next() {
    let notion = notion("").await;
    let row = notion.member(&json!({"Status": {"select": {"name": "Paused"}}, "Tags": {"multi_select": [{"name": "new"}, {"name": "VIP"}, {"name": "new"}]}})).await;
    let page = notion.get(&format!("/pages/{row}")).await;
    let status = page["properties"]["Status"]["select"].clone();
    assert!(status["id"].is_string() && status["color"].is_string() && status["name"] == "Paused");
    let tags: Vec<&str> = page["properties"]["Tags"]["multi_select"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|t| t["name"].as_str())
        .collect();
    assert_eq!(tags, ["new", "VIP"]);
    let source = notion.running.data_source(&notion.running.members_source_id).expect("it is there");
    let options = source["properties"]["Status"]["select"]["options"].as_array().expect("options");
    assert_eq!((options.len(), options.last()), (4, Some(&status)));
    let other = notion
        .member(&json!({"Status": {"select": {"id": status["id"]}}, "Stage": {"status": {"name": "Done"}}}))
        .await;
    let page = notion.get(&format!("/pages/{other}")).await;
    assert_eq!(page["properties"]["Status"]["select"], status);
    assert_eq!(page["properties"]["Stage"]["status"]["name"], "Done");
    // A request that is refused makes no option.
    notion
        .refused(
            "POST",
            "/pages",
            &notion.row(&json!({"Status": {"select": {"name": "Ghost"}}, "Posts": {"number": "x"}})),
        )
        .await;
    let after = notion.running.data_source(&notion.running.members_source_id).expect("it is there");
    assert_eq!(after["properties"]["Status"], source["properties"]["Status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relation_leads_to_pages_of_its_data_source_that_are_there() {
    let notion = notion("").await;
    let path = format!("/data_sources/{}", notion.running.members_source_id);
    let related =
        json!({"relation": {"data_source_id": notion.running.members_source_id, "single_property": {}}});
    notion.well("PATCH", &path, &json!({"properties": {"Mentor": related}})).await;
    let mentor = notion.member(&json!({"Name": {"title": text("Ada")}})).await;
    let row = notion.member(&json!({"Mentor": {"relation": [{"id": mentor}]}})).await;
    let shown = notion.get(&format!("/pages/{row}")).await["properties"]["Mentor"].clone();
    assert_eq!((&shown["relation"], &shown["has_more"]), (&json!([{"id": mentor}]), &json!(false)));
    let many = json!({"Mentor": {"relation": vec![json!({"id": mentor}); 101]}});
    let message = notion.refused("POST", "/pages", &notion.row(&many)).await;
    assert!(message.contains("relation.length should be ≤ `100`, instead was `101`"), "{message}");
    for other in [notion.running.root_page_id.as_str(), "00000000-0000-4000-8000-000000000001"] {
        let body = notion.row(&json!({"Mentor": {"relation": [{"id": other}]}}));
        assert_eq!(notion.ask("POST", "/pages", &body).await.status, 404, "{other}");
    }
}
