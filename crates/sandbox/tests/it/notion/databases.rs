//! Databases, data sources, and the columns that they declare.

use super::support::{id, name, notion, text};
use serde_json::{Value, json};

/// A database below the shared page; its answer.
async fn database(notion: &super::support::Notion, properties: Value) -> Value {
    let body = json!({
        "parent": {"type": "page_id", "page_id": notion.running.root_page_id},
        "title": text("Plans"),
        "initial_data_source": {"properties": properties},
    });
    notion.well("POST", "/databases", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_made_with_a_data_source_and_has_no_columns_of_its_own() {
    let notion = notion("").await;
    let made = database(&notion, json!({"Name": {"title": {}}, "Due": {"date": {}}})).await;
    assert_eq!(made["object"], "database");
    assert!(made.get("properties").is_none());
    let sources = made["data_sources"].as_array().expect("sources");
    assert_eq!((sources.len(), &sources[0]["name"]), (1, &json!("Plans")));
    assert_ne!(sources[0]["id"], made["id"]);
    assert_eq!(notion.get(&format!("/databases/{}", id(&made))).await, made);
    let source = notion.get(&format!("/data_sources/{}", id(&sources[0]))).await;
    assert_eq!(
        (&source["object"], &source["properties"]["Name"]["id"]),
        (&json!("data_source"), &json!("title"))
    );
    assert_eq!(source["parent"], json!({"type": "database_id", "database_id": made["id"]}));
    let there = notion.get(&format!("/blocks/{}/children", notion.running.root_page_id)).await;
    let last = there["results"].as_array().and_then(|all| all.last().cloned()).expect("a block");
    assert_eq!(
        (&last["type"], &last["child_database"]["title"]),
        (&json!("child_database"), &json!("Plans"))
    );
    let workspace =
        json!({"parent": {"workspace": true}, "initial_data_source": {"properties": {"N": {"title": {}}}}});
    let top = notion.well("POST", "/databases", &workspace).await;
    assert_eq!(top["parent"]["type"], "workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn declarations_are_read_strictly() {
    let notion = notion("").await;
    let page = json!({"page_id": notion.running.root_page_id});
    let of = |properties: Value| json!({"parent": page, "initial_data_source": {"properties": properties}});
    for (body, part) in [
        (of(json!({})), "exactly one title"),
        (of(json!({"A": {"title": {}}, "B": {"title": {}}})), "exactly one title"),
        (
            of(json!({"A": {"title": {}}, "B": {"weather": {}}})),
            "body.initial_data_source.properties.B.weather",
        ),
        (of(json!({"A": {"title": {}}, "B": {"email": {}, "url": {}}})), "should be not present"),
        (of(json!({"A": {"title": {}}, "B": {"email": {"x": 1}}})), "B.email.x should be not present"),
        (of(json!({"A": {"title": {}}, "B": {"type": "url", "email": {}}})), "B.type should be"),
        (of(json!({"A": {"title": {}}, "B": {"number": {"format": "furlongs"}}})), "a number format"),
        (of(json!({"A": {"title": {}}, "B": {"select": {"options": [{"name": ""}]}}})), "non-empty"),
        (
            of(json!({"A": {"title": {}}, "B": {"select": {"options": [{"name": "x"}, {"name": "x"}]}}})),
            "another name",
        ),
        (
            of(json!({"A": {"title": {}}, "B": {"select": {"options": [{"name": "x", "color": "mauve"}]}}})),
            "a color",
        ),
        (of(json!({"A": {"title": {}}, "B": {"formula": {}}})), "expression should be defined"),
        (
            of(
                json!({"A": {"title": {}}, "B": {"relation": {"data_source_id": "x", "single_property": {}}}}),
            ),
            "valid uuid",
        ),
        (
            json!({"parent": page, "properties": {"A": {"title": {}}}}),
            "body.properties should be not present",
        ),
        (json!({"parent": page}), "body.initial_data_source should be defined"),
        (json!({"parent": {}, "initial_data_source": {"properties": {}}}), "one of page_id, workspace"),
        (json!({"parent": {"workspace": false}, "initial_data_source": {"properties": {}}}), "`true`"),
    ] {
        let message = notion.refused("POST", "/databases", &body).await;
        assert!(message.contains(part), "{body}: {message}");
    }
    assert_eq!(notion.running.stats().writes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_is_declared_and_shown() {
    let notion = notion("").await;
    let source = notion.running.data_source(&notion.running.members_source_id).expect("it is there");
    let properties = source["properties"].as_object().expect("columns");
    for (name, kind) in [
        ("Name", "title"),
        ("Email", "email"),
        ("Status", "select"),
        ("Stage", "status"),
        ("Tags", "multi_select"),
        ("Joined", "date"),
        ("Circle Member ID", "rich_text"),
        ("Posts", "number"),
        ("Newsletter", "checkbox"),
        ("Website", "url"),
        ("Phone", "phone_number"),
        ("Owner", "people"),
        ("Photo", "files"),
        ("No", "unique_id"),
        ("Greeting", "formula"),
        ("Created", "created_time"),
        ("Edited", "last_edited_time"),
    ] {
        let property = &properties[name];
        assert_eq!((&property["type"], &property["name"]), (&json!(kind), &json!(name)));
        assert!(property[kind].is_object() && property["id"].is_string(), "{property}");
    }
    assert_eq!(properties["Status"]["select"]["options"][0]["color"], "green");
    let stage = &properties["Stage"]["status"];
    assert_eq!(stage["options"].as_array().map(Vec::len), Some(3));
    let groups: Vec<&str> =
        stage["groups"].as_array().expect("groups").iter().filter_map(|g| g["name"].as_str()).collect();
    assert_eq!(groups, ["To-do", "In progress", "Complete"]);
    assert_eq!(properties["No"]["unique_id"]["prefix"], "HS");
    let own = notion.running.members_source_id.clone();
    let more = json!({
        "Name": {"title": {}},
        "Member": {"relation": {"data_source_id": own, "single_property": {}}},
        "Sum": {"rollup": {"relation_property_name": "Member", "rollup_property_name": "Posts", "function": "sum"}},
        "By": {"created_by": {}},
        "Last": {"last_edited_by": {}},
        "Score": {"number": {"format": "percent"}},
        "Key": {"unique_id": {}},
    });
    let made = database(&notion, more).await;
    let source = notion.get(&format!("/data_sources/{}", id(&made["data_sources"][0]))).await;
    assert_eq!(source["properties"]["Member"]["relation"]["data_source_id"], own);
    assert_eq!(source["properties"]["Score"]["number"]["format"], "percent");
    assert_eq!(source["properties"]["Key"]["unique_id"]["prefix"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_added_renamed_changed_and_taken_away() {
    let notion = notion("").await;
    let path = format!("/data_sources/{}", notion.running.members_source_id);
    let ada = json!({
        "Name": {"title": text("Ada")},
        "Email": {"email": "ada@a.example"},
        "Posts": {"number": 7},
        "Status": {"select": {"name": "Left"}},
    });
    let row = notion.member(&ada).await;
    let before = notion.get(&path).await;
    let email = before["properties"]["Email"]["id"].as_str().expect("an id").to_owned();
    let changes = json!({"properties": {
        "BetterMode Member ID": {"rich_text": {}},
        email.clone(): {"name": "E-mail"},
        "Website": null,
        "Posts": {"rich_text": {}},
        "Status": {"select": {"options": [{"name": "Left", "color": "red"}, {"name": "Paused"}]}},
    }});
    let after = notion.well("PATCH", &path, &changes).await;
    let properties = &after["properties"];
    assert_eq!((&properties["E-mail"]["id"], properties.get("Email")), (&json!(email), None), "the id stays");
    assert!(properties.get("Website").is_none());
    assert_eq!(properties["BetterMode Member ID"]["type"], "rich_text");
    assert_eq!(properties["Posts"]["type"], "rich_text");
    let options = properties["Status"]["select"]["options"].as_array().expect("options");
    assert_eq!((options.len(), &options[0]["color"]), (2, &json!("red")));
    let old = &before["properties"]["Status"]["select"]["options"];
    assert_eq!(options[0]["id"], old[2]["id"], "an option that stays keeps its id");
    let page = notion.get(&format!("/pages/{row}")).await;
    assert_eq!(page["properties"]["E-mail"]["email"], "ada@a.example");
    assert_eq!(
        page["properties"]["Posts"]["rich_text"][0]["plain_text"], "7",
        "a text can be made of a number"
    );
    assert_eq!(page["properties"]["Status"]["select"]["name"], "Left");
    for (changes, part) in [
        (json!({"Weather": null}), "Weather is not a property that exists."),
        (json!({"Name": null}), "cannot be taken away"),
        (json!({"Second": {"title": {}}}), "second title"),
        (json!({"Name": {"email": {}}}), "should be not present"),
        (json!({"Phone": {"name": "Joined"}}), "used twice"),
        (json!({"Email": {"name": "x"}}), "one of a property type"),
    ] {
        let message = notion.refused("PATCH", &path, &json!({"properties": changes})).await;
        assert!(message.contains(part) || part.contains("one of"), "{changes}: {message}");
    }
    assert_eq!(notion.get(&path).await["properties"], after["properties"], "what is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_may_be_declared_with_options_and_new_ones_are_still_to_do() {
    let notion = notion("").await;
    let options = json!([{"name": "Open"}, {"name": "Closed", "color": "green"}]);
    let made =
        database(&notion, json!({"Name": {"title": {}}, "State": {"status": {"options": options}}})).await;
    let path = format!("/data_sources/{}", id(&made["data_sources"][0]));
    let declared = notion.get(&path).await["properties"]["State"]["status"].clone();
    assert_eq!(declared["options"].as_array().map(Vec::len), Some(2));
    let source = format!("/data_sources/{}", notion.running.members_source_id);
    let mut options = notion.get(&source).await["properties"]["Stage"]["status"]["options"].clone();
    options.as_array_mut().expect("options").push(json!({"name": "Waiting"}));
    let changed = json!({"properties": {"Stage": {"status": {"options": options}}}});
    let stage = notion.well("PATCH", &source, &changed).await["properties"]["Stage"]["status"].clone();
    let waiting = stage["options"].as_array().and_then(|all| all.last()).expect("the new one")["id"].clone();
    let sizes: Vec<usize> = stage["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .filter_map(|g| g["option_ids"].as_array().map(Vec::len))
        .collect();
    assert_eq!(sizes, [2, 1, 1]);
    assert_eq!(stage["groups"][0]["option_ids"][1], waiting);
    let row = notion.member(&json!({"Stage": {"status": {"name": "Waiting"}}})).await;
    assert_eq!(notion.get(&format!("/pages/{row}")).await["properties"]["Stage"]["status"]["id"], waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_retitled_moved_and_thrown_away() {
    let notion = notion("").await;
    let path = format!("/databases/{}", notion.running.members_database_id);
    let to = notion.below_root("Elsewhere").await;
    let changes = json!({
        "title": text("People"), "is_locked": true, "is_inline": true, "icon": null, "description": text("All of us"),
        "cover": {"external": {"url": "https://a.example/c.png"}}, "parent": {"page_id": to}, "in_trash": true,
    });
    let after = notion.well("PATCH", &path, &changes).await;
    assert_eq!((&after["title"][0]["plain_text"], &after["in_trash"]), (&json!("People"), &json!(true)));
    assert_eq!(
        (&after["is_locked"], &after["is_inline"], &after["icon"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    assert_eq!(after["parent"]["page_id"], to);
    assert_eq!(after["cover"]["external"]["url"], "https://a.example/c.png");
    let there = notion.get(&format!("/blocks/{to}/children")).await;
    assert_eq!(there["results"], json!([]), "what is in the trash is not shown");
    notion.well("PATCH", &path, &json!({"in_trash": false})).await;
    assert_eq!(
        notion.get(&format!("/blocks/{to}/children")).await["results"].as_array().map(Vec::len),
        Some(1)
    );
    for (changes, part) in [
        (json!({"properties": {}}), "body.properties should be not present"),
        (json!({"archived": true}), "body.archived should be not present"),
        (json!({"title": "People"}), "should be an array"),
    ] {
        let message = notion.refused("PATCH", &path, &changes).await;
        assert!(message.contains(part), "{changes}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_data_source_a_page_must_name_the_one_it_belongs_to() {
    let notion = notion("").await;
    let database = notion.running.members_database_id.clone();
    let body = json!({"parent": {"database_id": database}, "properties": {"Name": {"title": text("Ada")}}});
    let first = notion.well("POST", "/pages", &body).await;
    assert_eq!(first["parent"]["data_source_id"], notion.running.members_source_id);
    assert_eq!(first["parent"]["database_id"], database);
    let second = json!({"parent": {"type": "database_id", "database_id": database}, "title": text("Alumni"), "properties": {"Name": {"title": {}}}});
    let source = notion.well("POST", "/data_sources", &second).await;
    let shown = notion.get(&format!("/databases/{database}")).await;
    let names: Vec<&str> = shown["data_sources"]
        .as_array()
        .expect("sources")
        .iter()
        .filter_map(|s| s["name"].as_str())
        .collect();
    assert_eq!(names, ["Members", "Alumni"]);
    let message = notion.refused("POST", "/pages", &body).await;
    assert!(message.contains("multiple data sources"), "{message}");
    let named = json!({"parent": {"type": "data_source_id", "data_source_id": id(&source)}, "properties": {"Name": {"title": text("Bo")}}});
    let page = notion.well("POST", "/pages", &named).await;
    assert_eq!(name(&page), "Bo");
    assert_eq!(notion.query(&json!({})).await.len(), 1);
}
